-- AMA Apply: reads the request, asks, applies, answers. Windows do not block, so what comes next is always a function.
local apply = include("reaper/apply_work")
local block = include("reaper/block")
local fates = include("shared/fates")
local files = include("shared/files")
local mailbox = include("shared/mailbox")
local offers = include("shared/offers")
local paths = include("reaper/paths")
local project = include("reaper/project")
local request = include("reaper/request")
local window = include("reaper/window")
local words = include("shared/words")

local action = {}

local TITLE = "AMA Apply"

-- Why nothing of a request can be done now, or nil.
local function obstacle(asked)
  local wanted, open = project.plain(asked.session), project.name()
  if wanted ~= "" and wanted ~= open then
    return string.format('what AMA wants to apply is for the project "%s", and "%s" is in front', wanted, open)
  end
  return project.obstacle()
end

local function answer(box, result, done)
  box:post("result", result.id, "result-" .. files.safe_name(result.id, 120) .. ".json", result)
  if done then
    done(result)
  end
end

local function refused(box, asked, reason, done)
  local fate = fates.of(asked, offers.as_asked(asked), request.NOT_TICKED)
  fate:skip_all(reason)
  answer(box, fate:result(asked.id, {}, ""), done)
end

local function capital(text)
  return string.upper(string.sub(text, 1, 1)) .. string.sub(text, 2) .. "."
end

-- Does a part of the work. A request that was taken out of the mailbox gets its answer, whatever happens.
local function guarded(box, asked, done, work)
  local ok, trouble = pcall(work)
  if not ok then
    local reason = "AMA's script stopped: " .. tostring(trouble)
    if asked.ask then
      window.warn(TITLE, reason .. "\n\nREAPER's undo and the action AMA Revert take back what was done until then.")
    end
    refused(box, asked, reason, done)
  end
end

local function stop_for(box, asked, reason, done)
  if asked.ask then
    window.warn(TITLE, capital(reason))
  end
  refused(box, asked, reason, done)
end

local function carry_out(box, asked, ticked, done)
  local reason = obstacle(asked) -- again: time went by while the window was open
  if reason then
    return stop_for(box, asked, reason, done)
  end
  local result = apply.run(asked, ticked, box)
  answer(box, result, done)
  if asked.ask then
    window.say(TITLE, offers.summary(asked, result, request.NOT_TICKED))
  end
end

local function ask(box, asked, done)
  window.ask(asked, function(ticked)
    guarded(box, asked, done, function()
      if not ticked then
        return refused(box, asked, "the preview in REAPER was cancelled", done)
      elseif box:called_off(asked.id) then
        window.warn(TITLE, "AMA does not wait for this any more (it was stopped), so nothing was set. Apply the plan again.")
        return refused(box, asked, "AMA had called it off before it was answered in REAPER", done)
      end
      carry_out(box, asked, ticked, done)
    end)
  end)
end

local function begin(box, asked, done)
  local reason = obstacle(asked)
  if reason then
    return stop_for(box, asked, reason, done)
  end
  apply.offer_earlier(asked, box)
  if #asked.suggestions == 0 then
    if asked.ask then
      window.say(TITLE, "AMA has nothing to apply: " .. words.count(#asked.skipped, "suggestion") .. " cannot be done in REAPER.")
    end
    answer(box, fates.of(asked, {}, request.NOT_TICKED):result(asked.id, {}, ""), done)
  elseif asked.ask then
    ask(box, asked, done)
  else
    carry_out(box, asked, offers.as_asked(asked), done)
  end
end

-- done(result) is called at the end, done(nil, why) where there was no request.
function action.run(values, done)
  block.no_point_of_its_own()
  local box = mailbox.open({folder = paths.mailbox(values), daw = "reaper"})
  local asked, why = offers.waiting(box, request)
  if not asked then
    window.warn(TITLE, why)
    if done then
      done(nil, why)
    end
    return
  end
  box:begun(asked.id, "request.json")
  guarded(box, asked, done, function() begin(box, asked, done) end)
end

return action
