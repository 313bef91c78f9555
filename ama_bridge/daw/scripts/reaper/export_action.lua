-- AMA Export: asks what to render, renders it, tells AMA, and listens for what AMA suggests.
local actions = include("reaper/actions")
local export = include("reaper/export_work")
local ids = include("reaper/ids")
local listening = include("reaper/listening")
local paths = include("reaper/paths")
local place = include("reaper/place")
local project = include("reaper/project")
local settings = include("reaper/render_settings")
local tracks = include("reaper/tracks")
local window = include("reaper/window")
local words = include("shared/words")

local action = {}

local TITLE = "AMA Export"
local INTRODUCTION = "AMA renders a stem of every track and listens to it. Nothing in the project changes; your render settings stay yours."
local BOUNCED = {
  {
    key = "post_effects", text = "After the effects, before the fader",
    because = "What AMA wants to hear: your effects count, the fader is what it suggests.",
  },
  {
    key = "raw", text = "As recorded, without effects",
    because = "Read from the items. Instruments are effects, so MIDI tracks are left out.",
  },
  {key = "post_fader", text = "After fader and pan", because = "What AMA suggests then comes on top of where the faders stand."},
}
local MOST_LINES = 12

local function selection()
  local start_s, stop_s = reaper.GetSet_LoopTimeRange2(ids.PROJECT, false, false, 0, 0, false)
  return stop_s > start_s and {start_s = start_s, stop_s = stop_s} or nil
end

-- From the project's start to the end of its last item, so that stems keep their places; nil where there is none.
local function whole()
  local first_s, stop_s = tracks.extent()
  return stop_s and {start_s = math.min(0, first_s), stop_s = stop_s} or nil
end

local function items(selected)
  local found, usual, able = {{heading = "Take the sound"}}, paths.setting("stems"), settings.before_fader()
  if usual == "post_effects" and not able then
    usual = "post_fader"
  end
  for _, one in ipairs(BOUNCED) do
    if able or one.key ~= "post_effects" then
      found[#found + 1] = {group = "bounced", key = one.key, text = one.text, because = one.because, on = one.key == usual}
    end
  end
  if selected then
    found[#found + 1] = {heading = "From"}
    found[#found + 1] = {group = "range", key = "whole", text = "The whole project", on = true}
    local length = string.format("%.1f seconds", selected.stop_s - selected.start_s)
    found[#found + 1] = {group = "range", key = "selected", text = "The time selection", because = length}
  end
  if reaper.AnyTrackSolo(ids.PROJECT) then
    found[#found + 1] = {note = "Tracks are soloed: the others are left out.", tone = "warn"}
  end
  return found
end

local function told(document, folder, notes)
  local parts = {words.count(#document.tracks, "track") .. " exported to\n" .. folder}
  local lines = {}
  for at, one in ipairs(document.left_out) do
    lines[at] = "• " .. one.name .. ": " .. one.reason
  end
  if #lines > 0 then
    parts[#parts + 1] = "Left out:\n" .. words.listed(lines, MOST_LINES)
  end
  table.move(notes, 1, #notes, #parts + 1, parts)
  return table.concat(parts, "\n\n")
end

-- Does a job piece by piece, a tick each, so that REAPER lives meanwhile; done(trouble), nil where all went well.
local function carry_out(job, done)
  local progress = window.progress(TITLE)
  local function finish(trouble)
    progress.done()
    done(trouble)
  end
  local function go_on()
    if not progress.step(job.share, job:text()) then
      job:stop()
      return finish(export.CANCELLED)
    end
    local ok, more = pcall(job.step, job)
    if ok and more then
      reaper.defer(go_on)
    else
      finish(not ok and tostring(more) or nil)
    end
  end
  reaper.defer(go_on)
end

local function listen(given, document, folder, notes)
  local id = string.format("reaper-export-%d-%d", os.time(), math.floor(reaper.time_precise() * 1000) % 1000000)
  given.box:note_export(id, folder)
  listening.run({
    box = given.box, values = given.values, actions = given.actions, id = id, start = true, once = true,
    text = told(document, folder, notes),
  })
end

local function exported(given, options, done)
  local version = string.match(reaper.GetAppVersion(), "^[%d.]+") or reaper.GetAppVersion()
  local function failed(why)
    window.warn(TITLE, "Nothing was exported: " .. why .. ".")
    done(nil, why)
  end
  local ok, job = pcall(export.begin, options, given.box, version)
  if not ok then
    return failed(tostring(job))
  end
  carry_out(job, function(trouble)
    if trouble then
      return failed(trouble)
    end
    listen(given, job.document, job.folder, job.notes)
    done(job.document, job.folder)
  end)
end

-- values: mailbox, command; bounced for whoever wants no question. done(document, folder), or done(nil, why).
function action.run(values, done)
  local given, why = place.open(values)
  local reason = why or project.obstacle()
  if reason then
    window.warn(TITLE, reason .. ".")
    done(nil, reason)
    return
  end
  given.actions = actions.known(given.box)
  local everything = whole()
  if not everything then
    window.warn(TITLE, "There is nothing in this project.")
    done(nil, "there is nothing in this project")
    return
  end
  local selected = selection()
  local function go(chosen)
    if not chosen then
      done(nil, "cancelled")
      return
    end
    local range = chosen.range == "selected" and selected or everything
    exported(given, {bounced = chosen.bounced, start_s = range.start_s, stop_s = range.stop_s}, done)
  end
  if values.bounced then
    go({bounced = values.bounced})
  else
    window.choose(TITLE, items(selected), go, {intro = INTRODUCTION, button = "Export", height = selected and 470 or 380})
  end
end

return action
