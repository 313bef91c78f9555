-- AMA Apply: reads the request, asks, applies, answers.
local apply = include("ardour/apply_work")
local fates = include("shared/fates")
local files = include("shared/files")
local mailbox = include("ardour/mailbox")
local offers = include("shared/offers")
local preview = include("ardour/preview")
local recording = include("ardour/recording")
local request = include("ardour/request")
local talk = include("ardour/talk")
local words = include("shared/words")

local action = {}

local TITLE = "AMA Apply"
local CALLED_OFF = "AMA had called it off before it was answered in Ardour"

-- Why nothing of a request can be done now, or nil.
local function obstacle(asked)
  if asked.session ~= "" and asked.session ~= Session:name() then
    return string.format('what AMA wants to apply is for the session "%s", and "%s" is open', asked.session, Session:name())
  end
  return recording.obstacle()
end

local function answer(box, result)
  box:post("result", result.id, "result-" .. files.safe_name(result.id, 120) .. ".json", result)
  return result
end

local function refused(box, asked, reason)
  local fate = fates.of(asked, offers.as_asked(asked), request.NOT_TICKED)
  fate:skip_all(reason)
  return answer(box, fate:result(asked.id, {}, ""))
end

local function interrupted(box, asked, trouble)
  talk.warn(TITLE, "AMA stopped: " .. tostring(trouble) .. "\n\nThe action AMA Revert takes back what was done until then.")
  return refused(box, asked, "AMA's script stopped: " .. tostring(trouble))
end

-- Returns the result document, nil where there was no request.
function action.run(values)
  local box = mailbox.open(values)
  local asked, why = offers.waiting(box, request)
  if not asked then
    talk.warn(TITLE, why)
    return nil, why
  end
  mailbox.answer_at(box, asked.answer_port)
  box:begun(asked.id, "request.json")
  apply.offer_earlier(asked, box)
  local ask = asked.ask and talk.available()
  local reason = obstacle(asked)
  if reason then
    if ask then
      talk.warn(TITLE, string.upper(string.sub(reason, 1, 1)) .. string.sub(reason, 2) .. ".")
    end
    return refused(box, asked, reason)
  elseif #asked.suggestions == 0 then
    if ask then
      talk.say(TITLE, "AMA has nothing to apply: " .. words.count(#asked.skipped, "suggestion") .. " cannot be done in Ardour.")
    end
    return answer(box, fates.of(asked, {}, request.NOT_TICKED):result(asked.id, {}, ""))
  end
  local ticked = ask and preview.ask(asked) or not ask and offers.as_asked(asked) or nil
  if not ticked then
    return refused(box, asked, "the preview in Ardour was cancelled")
  end
  if ask and box:called_off(asked.id) then
    talk.warn(TITLE, "AMA does not wait for this any more (it was stopped), so nothing was set. Apply the plan again.")
    return refused(box, asked, CALLED_OFF)
  end
  local ok, result = pcall(apply.run, asked, ticked, box)
  if not ok then
    return interrupted(box, asked, result)
  end
  answer(box, result)
  if ask then
    talk.say(TITLE, offers.summary(asked, result, request.NOT_TICKED))
  end
  return result
end

return action
