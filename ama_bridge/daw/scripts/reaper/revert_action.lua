-- AMA Revert: takes back the newest plan that AMA applied to this project; again for the one before.
local block = include("reaper/block")
local files = include("shared/files")
local json = include("shared/json")
local mailbox = include("shared/mailbox")
local paths = include("reaper/paths")
local project = include("reaper/project")
local revert = include("reaper/revert_work")
local window = include("reaper/window")
local words = include("shared/words")

local action = {}

local TITLE = "AMA Revert"
local SCHEMA = "ama.revert/1"

-- AMA's wish to take something back; it is taken out of the mailbox, so that the next press is the user's own.
local function wish(box)
  local document = box:document("revert.json", SCHEMA)
  if document then
    box:begun(json.absent(document.id) and "" or document.id, "revert.json")
  end
  return document or {ask = true}
end

local function row(item)
  return string.format("%s, %s: %s", item.name, item.what, item.reason)
end

-- What will happen, with a box for each thing that somebody changed since; done(set of entries that go back all the same), or done(nil).
local function ask(items, done)
  local shown, ready = {}, 0
  for _, item in ipairs(items) do
    ready = ready + (item.state == "ready" and 1 or 0)
    if item.state == "conflict" then
      shown[#shown + 1] = {kind = "tick", text = item.name .. ", " .. item.what, because = item.reason, on = false, entry = item.entry}
    end
  end
  if #shown > 0 then
    table.insert(shown, 1, {kind = "text", text = "Changed since; tick what is to go back all the same:"})
  end
  local function finish(view, forced)
    if not view.closed then
      window.close(view)
      done(forced)
    end
  end
  local function take(view)
    local forced = {}
    for _, one in ipairs(view.rows) do
      if one.kind == "tick" and one.on then
        forced[one.entry] = true
      end
    end
    finish(view, forced)
  end
  window.open({
    title = TITLE, rows = shown, width = 620, height = #shown > 0 and 480 or 170,
    intro = words.count(ready, "change") .. " of AMA's will be taken back, in one undo step.",
    buttons = {{text = "Take back", primary = true, run = take}, {text = "Cancel", run = function(view) finish(view, nil) end}},
    cancel = function(view) finish(view, nil) end,
  })
end

local function summary(report)
  if report.reason ~= "" then
    return report.reason .. "."
  end
  local parts, lines = {words.count(#report.restored, "change") .. " taken back."}, {}
  for at, item in ipairs(report.conflicting) do
    lines[at] = "• " .. row(item)
  end
  if #lines > 0 then
    parts[#parts + 1] = "Left as you have it:\n" .. words.listed(lines, 12)
  end
  if #report.gone > 0 then
    parts[#parts + 1] = "Not there any more: " .. words.count(#report.gone, "change") .. " of AMA's."
  end
  return table.concat(parts, "\n\n")
end

local function answer(box, report, done)
  box:post("revert", report.id, "reverted-" .. files.safe_name(report.id, 120) .. ".json", report)
  if done then
    done(report)
  end
end

local function empty(id, reason)
  return {
    schema = revert.SCHEMA, id = id, restored = json.array(), gone = json.array(), conflicting = json.array(), reason = reason,
  }
end

local function carry_out(box, entry, forced, interactive, done)
  local reason = project.obstacle() -- again: time went by while the window was open
  local ok, report = true, reason and empty(entry.id, reason)
  if not report then
    ok, report = pcall(revert.run, box, entry, forced, revert.tracks())
  end
  report = ok and report or empty(entry.id, "AMA's script stopped: " .. tostring(report))
  answer(box, report, done)
  if interactive then
    window.say(TITLE, summary(report))
  end
end

-- done(report) is called at the end; its `reason` says why nothing was done.
function action.run(values, done)
  block.no_point_of_its_own()
  local box = mailbox.open({folder = paths.mailbox(values), daw = "reaper"})
  local wanted = wish(box)
  local interactive = wanted.ask ~= false
  local id = json.absent(wanted.id) and "" or wanted.id
  local tracks = revert.tracks()
  local entry = revert.newest(box, id, tracks)
  if not entry then
    if interactive then
      window.say(TITLE, "There is nothing of AMA's in this project that could be taken back.")
    end
    return answer(box, empty(id ~= "" and id or "none", "there is nothing to take back in this project"), done)
  end
  local reason = project.obstacle()
  if reason then
    if interactive then
      window.warn(TITLE, reason .. ".")
    end
    return answer(box, empty(entry.id, reason), done)
  elseif not interactive then
    return carry_out(box, entry, {}, false, done)
  end
  ask(revert.items(entry, tracks), function(forced)
    if not forced then
      return answer(box, empty(entry.id, "it was cancelled in REAPER"), done)
    elseif not json.absent(wanted.wish) and box:called_off(wanted.wish) then
      window.warn(TITLE, "AMA does not wait for this any more (it was stopped), so nothing was taken back. Press AMA Revert for it.")
      return answer(box, empty(entry.id, "AMA had called it off before it was answered in REAPER"), done)
    end
    carry_out(box, entry, forced, true, done)
  end)
end

return action
