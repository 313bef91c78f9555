-- AMA Revert: takes back the newest plan that AMA applied to this session; again for the one before.
local files = include("shared/files")
local json = include("shared/json")
local mailbox = include("ardour/mailbox")
local recording = include("ardour/recording")
local revert = include("ardour/revert_work")
local talk = include("ardour/talk")
local words = include("shared/words")

local action = {}

local TITLE = "AMA Revert"
local SCHEMA = "ama.revert/1"
local MOST_CONFLICTS = 24 -- tick boxes that a screen shows

-- AMA's wish to take something back; it is taken out of the mailbox, so that the next press is the user's own.
local function wish(box)
  local document = box:document("revert.json", SCHEMA)
  if document then
    mailbox.answer_at(box, document.answer_port)
    box:begun(json.absent(document.id) and "" or document.id, "revert.json")
  end
  return document or {ask = true}
end

local function row(item)
  return string.format("%s, %s: %s", item.name, item.what, item.reason)
end

-- The entries to take back although somebody changed them (a set), or nil where the user cancelled.
local function ask(items)
  local rows, conflicts, ready = {}, {}, 0
  for _, item in ipairs(items) do
    ready = ready + (item.state == "ready" and 1 or 0)
    if item.state == "conflict" and #conflicts < MOST_CONFLICTS then
      conflicts[#conflicts + 1] = item
    end
  end
  rows[1] = {type = "label", title = words.count(ready, "change") .. " of AMA's will be taken back.", align = "left", col = 0,
    colspan = 2}
  if #conflicts > 0 then
    rows[2] = {type = "label", title = "Changed since; tick what is to go back all the same:", align = "left", col = 0, colspan = 2}
  end
  for at, item in ipairs(conflicts) do
    rows[#rows + 1] = {type = "checkbox", key = "c" .. at, title = words.wrapped(row(item), 96), default = false, col = 0, colspan = 2}
  end
  local answer = talk.ask(TITLE, rows)
  if not answer then
    return nil
  end
  local forced = {}
  for at, item in ipairs(conflicts) do
    if answer["c" .. at] then
      forced[item.entry] = true
    end
  end
  return forced
end

local function summary(report)
  local parts, lines = {words.count(#report.restored, "change") .. " taken back."}, {}
  for at, item in ipairs(report.conflicting) do
    lines[at] = (words.wrapped("• " .. row(item), 96))
  end
  if #lines > 0 then
    parts[#parts + 1] = "Left as you have it:\n" .. words.listed(lines, 12)
  end
  if #report.gone > 0 then
    parts[#parts + 1] = "Not there any more: " .. words.count(#report.gone, "change") .. " of AMA's."
  end
  return table.concat(parts, "\n\n")
end

local function answer(box, id, report)
  box:post("revert", id, "reverted-" .. files.safe_name(id, 120) .. ".json", report)
  return report
end

local function empty(id, reason)
  return {schema = "ama.taken_back/1", id = id, restored = json.array(), gone = json.array(), conflicting = json.array(),
    reason = reason}
end

-- Returns the report; its `reason` says why nothing was done.
function action.run(values)
  local box = mailbox.open(values)
  local wanted = wish(box)
  local interactive = wanted.ask ~= false and talk.available()
  local id = json.absent(wanted.id) and "" or wanted.id
  local entry = revert.newest(box, id)
  if not entry then
    if interactive then
      talk.say(TITLE, "There is nothing of AMA's in this session that could be taken back.")
    end
    return answer(box, id ~= "" and id or "none", empty(id, "there is nothing to take back in this session"))
  end
  local reason = recording.obstacle()
  if reason then
    if interactive then
      talk.warn(TITLE, reason .. ".")
    end
    return answer(box, entry.id, empty(entry.id, reason))
  end
  local forced = {}
  if interactive then
    forced = ask(revert.items(entry))
    if not forced then
      return answer(box, entry.id, empty(entry.id, "it was cancelled in Ardour"))
    elseif not json.absent(wanted.wish) and box:called_off(wanted.wish) then
      talk.warn(TITLE, "AMA does not wait for this any more (it was stopped), so nothing was taken back. Press AMA Revert for it.")
      return answer(box, entry.id, empty(entry.id, "AMA had called it off before it was answered in Ardour"))
    end
  end
  local report = answer(box, entry.id, revert.run(box, entry, forced))
  if interactive then
    talk.say(TITLE, summary(report))
  end
  return report
end

return action
