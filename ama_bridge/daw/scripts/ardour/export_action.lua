-- AMA Export: asks what to bounce, bounces it, tells AMA's service.
local export = include("ardour/export_work")
local json = include("shared/json")
local mailbox = include("ardour/mailbox")
local recording = include("ardour/recording")
local talk = include("ardour/talk")
local tracks = include("ardour/tracks")
local words = include("shared/words")

local action = {}

local TITLE = "AMA Export"
local BOUNCED = {
  ["1. after the plugins, before the fader"] = "post_effects",
  ["2. as recorded, without plugins"] = "raw",
  ["3. after fader and panner"] = "post_fader",
}
local USUAL = "1. after the plugins, before the fader"
local WHOLE, SELECTED = "1. the whole session", "2. the selected time"

-- Ardour's version as "7.3.0"; its own text may carry a packager's suffix.
local function version()
  local text = type(ARDOUR.revision) == "function" and ARDOUR.revision() or tostring(ARDOUR.revision)
  return string.match(text, "%d+%.%d+%.?%d*") or text
end

local function whole_session()
  local range = {start = Session:current_start_sample(), stop = Session:current_end_sample()}
  if range.stop > range.start then
    return range
  end
  return tracks.extent()
end

-- The selected time, nil where none is selected.
local function selection()
  if not Editor then
    return nil
  end
  local ok, range = pcall(function()
    local time = Editor:get_selection().time
    local start = time.start_sample and time:start_sample() or tracks.samples(time:start())
    return {start = start, stop = time:end_sample()}
  end)
  return ok and range.stop > range.start and range or nil
end

local function ask()
  local selected = selection()
  local ranges = {[WHOLE] = "whole", [SELECTED] = selected and "selected" or nil}
  local answer = talk.ask(TITLE, {
    {type = "label", title = "AMA bounces every audio track and listens to the stems. Nothing in the mixer changes.", align = "left",
      col = 0, colspan = 2},
    {type = "dropdown", key = "bounced", title = "Take the sound", values = BOUNCED, default = USUAL},
    {type = "dropdown", key = "range", title = "From", values = ranges, default = selected and SELECTED or WHOLE},
  })
  if not answer then
    return nil
  end
  return {bounced = answer.bounced, range = answer.range == "selected" and selected or nil}
end

local function told(document, folder)
  local parts = {words.count(#document.tracks, "track") .. " exported" .. (folder ~= "" and " to\n" .. folder or "") .. "."}
  local lines = {}
  for at, one in ipairs(document.left_out) do
    lines[at] = (words.wrapped("• " .. one.name .. ": " .. one.reason, 96))
  end
  if #lines > 0 then
    parts[#parts + 1] = "Left out:\n" .. words.listed(lines, 12)
  end
  parts[#parts + 1] = "AMA works on its suggestions now, if its service runs; else: ama suggest, with this folder.\n"
    .. "Ardour keeps its own bounces as unused sources: Session > Clean-up > Clean-up Unused Sources."
  return table.concat(parts, "\n\n")
end

-- A service that runs hears of it now; one that is started later finds the note.
local function tell(box, document, folder, id, ardour)
  if folder ~= "" then
    box:note_export(id, folder)
    box.service:session(document, folder, id, ardour)
  else
    box.service:text("session", id, json.encode(document))
  end
end

-- values: mailbox, port, and for whoever runs it without a window bounced, start, stop. Returns the document and the folder.
function action.run(values)
  local reason = recording.obstacle()
  if reason then
    talk.warn(TITLE, reason .. ".")
    return nil, reason
  end
  local chosen = {bounced = values.bounced or "post_effects"}
  if talk.available() and values.ask ~= false then
    chosen = ask()
    if not chosen then
      return nil, "cancelled"
    end
  end
  local range = chosen.range or (values.stop and {start = values.start or 0, stop = values.stop}) or whole_session()
  if not range then
    talk.warn(TITLE, "There is no audio in this session.")
    return nil, "there is no audio in this session"
  end
  local box, ardour = mailbox.open(values), version()
  local progress = talk.progress(TITLE)
  local options = {bounced = chosen.bounced, start = range.start, stop = range.stop}
  local ok, document, folder = pcall(export.run, options, box, progress, ardour)
  progress.done()
  if not ok then
    talk.warn(TITLE, "Nothing was exported: " .. tostring(document) .. ".")
    return nil, document
  end
  tell(box, document, folder, string.format("ardour-export-%d", ARDOUR.LuaAPI.monotonic_time()), ardour)
  if talk.available() and values.ask ~= false then
    talk.say(TITLE, told(document, folder))
  end
  return document, folder
end

return action
