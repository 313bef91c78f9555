-- Renders the stems of tracks in one pass of REAPER's, and puts back everything that it needed: render settings, selection, AMA's effects.
local cleanup = include("reaper/cleanup")
local ids = include("reaper/ids")
local own = include("reaper/own_effects")
local settings = include("reaper/render_settings")
local wav = include("shared/wav")

local render = {}

local SHORT_S = 0.1 -- a stem that lacks more than this was stopped

local function keep_selection(guard)
  local selected = {}
  for at = 0, reaper.CountTracks(ids.PROJECT) - 1 do
    local track = reaper.GetTrack(ids.PROJECT, at)
    selected[#selected + 1] = {track = track, on = reaper.IsTrackSelected(track)}
  end
  local master = reaper.GetMasterTrack(ids.PROJECT)
  selected[#selected + 1] = {track = master, on = reaper.IsTrackSelected(master)}
  guard:add(function()
    for _, one in ipairs(selected) do
      if ids.there(one.track) and reaper.IsTrackSelected(one.track) ~= one.on then
        reaper.SetTrackSelected(one.track, one.on)
      end
    end
  end)
end

-- Where REAPER will write each track, asked one by one, since names in a list could hold what parts it. Nothing may be there yet: REAPER
-- would ask, and wait.
local function targets(found)
  local taken = {}
  for _, one in ipairs(found) do
    reaper.SetOnlyTrackSelected(one.track)
    one.target = settings.target()
    if not one.target then
      error("REAPER does not say where it would render", 0)
    elseif taken[one.target] or reaper.file_exists(one.target) then
      error("REAPER would write over " .. one.target, 0)
    end
    taken[one.target] = true
  end
end

local function rendered(found)
  reaper.SetOnlyTrackSelected(found[1].track)
  for at = 2, #found do
    reaper.SetTrackSelected(found[at].track, true)
  end
  reaper.Main_OnCommand(settings.RENDER, 0)
end

-- What is wrong with a file that was rendered, or nil and its header.
local function flaw(path, options)
  local file = path and io.open(path, "rb")
  if not file then
    return "REAPER rendered no file of it"
  end
  local size = file:seek("end")
  local head, why = wav.read_header(file)
  file:close()
  if size == 0 then
    return "REAPER rendered an empty file of it"
  elseif not head then
    return "what REAPER rendered cannot be read: " .. why
  elseif head.channels > 2 then
    return string.format("it has %d channels, AMA takes one or two", head.channels)
  end
  local wanted_s, seconds = options.stop_s - options.start_s, head.frames / head.rate
  if head.frames == 0 or seconds < wanted_s - SHORT_S then
    return string.format("REAPER rendered %.1f of %.1f seconds; was it stopped?", seconds, wanted_s)
  end
  return nil, head
end

-- Fills in each one's header, or its flaw (half a sentence). Raises where nothing could be rendered at all. Everything is put back then
-- too; returns what was not, in words.
function render.stems(found, options, folder, standing)
  local guard = cleanup.new()
  local ok, trouble = pcall(function()
    guard:add(settings.kept())
    keep_selection(guard)
    settings.set(options, folder)
    targets(found)
    local heard = {}
    for at, one in ipairs(found) do
      heard[at] = one.track
    end
    own.asleep(heard, standing, guard)
    rendered(found)
  end)
  local left = guard:run()
  if not ok then
    for _, one in ipairs(found) do
      if one.target then
        os.remove(one.target)
      end
    end
    error(trouble, 0)
  end
  for _, one in ipairs(found) do
    one.flaw, one.header = flaw(one.target, options)
  end
  return left
end

return render
