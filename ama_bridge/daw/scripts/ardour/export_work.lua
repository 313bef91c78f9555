-- Bounces the tracks into a folder of stems and writes session.json beside them. No dialogs here.
--
-- Ardour writes a file for each channel into the session's own folder; stereo pairs are woven into one file, mono ones copied. The files of
-- Ardour stay as unused sources, for scripts cannot remove them (Session > Clean-up > Clean-up Unused Sources does).
-- AMA's own plugins are bypassed while bouncing: a plan is for the sound without them, and replaces their settings.
local files = include("shared/files")
local ids = include("ardour/ids")
local journal = include("ardour/journal")
local json = include("shared/json")
local tracks = include("ardour/tracks")
local wav = include("shared/wav")

local export = {}

export.CANCELLED = "the export was cancelled"

-- Endpoint and whether it is included: the panner is part of the main outs.
local function endpoint(route, bounced)
  if bounced == "raw" then
    return ARDOUR.LuaAPI.nil_proc(), false
  elseif bounced == "post_fader" then
    return route:main_outs(), true
  end
  return route:amp(), false
end

-- Makes a folder below the session's own. Lua cannot, but Ardour makes the folder that it stores the state of tracks into; here of none.
local function make_folder(path)
  if ARDOUR.LuaAPI.file_test(path, ARDOUR.LuaAPI.FileTest.Exists) then
    return false
  end
  local state
  if Session.export_route_state then
    pcall(function() Session:export_route_state(ARDOUR.RouteListPtr(), path, false) end)
    state = {"share.axml", "share.axrs"}
  else
    pcall(function() Session:export_track_state(ARDOUR.RouteListPtr(), path) end)
    state = {"share.axml"}
  end
  for _, name in ipairs(state) do
    files.remove(path .. "/" .. name)
  end
  return ARDOUR.LuaAPI.file_test(path, ARDOUR.LuaAPI.FileTest.IsDir)
end

-- A folder of its own for each export, for an older plan still refers to the older stems; session's export folder where none can be made.
local function new_folder()
  local exports = Session:path() .. "/export"
  local stamp = os.date("%Y-%m-%d %H.%M.%S")
  for count = 1, 99 do
    local path = string.format("%s/AMA %s%s", exports, stamp, count > 1 and " " .. count or "")
    if make_folder(path) then
      return path, ""
    end
  end
  return exports, "AMA " .. stamp .. " "
end

local function sources(region)
  local paths, audio = {}, region:to_audioregion()
  for channel = 0, audio:n_channels() - 1 do
    paths[channel + 1] = region:source(channel):to_filesource():path()
  end
  return paths
end

-- The files that Ardour wrote, one a channel; nil and why not.
local function bounce(route, options)
  local track = route:to_track()
  local processor, included = endpoint(route, options.bounced)
  if options.bounced ~= "raw" and not track:bounceable(processor, included) then
    return nil, "Ardour cannot bounce it as its plugins are wired"
  end
  local name = "AMA " .. files.safe_name(string.gsub(route:name(), "[^%w _-]", "_"), 40)
  local region = track:bounce_range(options.start, options.stop, ARDOUR.InterThreadInfo(), processor, included, name, false)
  if not ids.there(region) then
    return nil, "Ardour could not bounce it"
  end
  local paths = sources(region)
  if #paths > 2 then
    return nil, string.format("it has %d channels, AMA takes one or two", #paths)
  end
  return paths
end

-- The channels that come to fader and panner: a stem behind the panner has two, whether its track has or not.
local function channels_at_fader(route, written)
  local ok, count = pcall(function() return route:amp():output_streams():n_audio() end)
  return ok and count >= 1 and count <= 2 and count or written
end

-- Fills in stem and channels; false and why where there is no stem.
local function stem(one, number, options, folder)
  local paths, why = bounce(one.route, options)
  if not paths then
    return false, why
  end
  one.track.channels = channels_at_fader(one.route, #paths)
  if not folder then
    one.track.stem, one.track.channel_files = paths[1], json.array(paths)
    return true
  end
  local name = string.format("%s%02d %s.wav", folder.prefix, number, files.safe_name(one.track.name, 80))
  local path = folder.path .. "/" .. name
  local ok, trouble
  if #paths == 2 then
    ok, trouble = wav.interleave(paths[1], paths[2], path)
  else
    ok, trouble = wav.copy(paths[1], path)
  end
  one.track.stem = name
  return ok, ok and nil or "its stem could not be written: " .. tostring(trouble)
end

-- Bypasses AMA's own plugins; what gives them back as they were.
local function without_ama(standing)
  local asleep = {}
  for id in pairs(standing) do
    local processor = ids.processor(id)
    if processor and ids.there(processor:to_insert()) and processor:active() then
      processor:deactivate()
      asleep[#asleep + 1] = id
    end
  end
  return function()
    for _, id in ipairs(asleep) do
      local processor = ids.processor(id)
      if processor then
        processor:activate()
      end
    end
  end
end

local function stems(survey, options, folder, progress)
  local kept, left_out = json.array(), json.array(survey.left_out)
  for number, one in ipairs(survey.found) do
    if not progress.step((number - 1) / #survey.found, one.track.name) then
      error(export.CANCELLED, 0)
    end
    local ok, why = stem(one, number, options, folder)
    if ok then
      one.track.plugins = json.array(one.track.plugins)
      kept[#kept + 1] = one.track
    else
      left_out[#left_out + 1] = {name = one.track.name, reason = why}
    end
  end
  return kept, left_out
end

-- Takes away what an export that stopped has written; the folder too where it was made for it and the system lets an empty one go.
local function clear(folder, survey)
  for _, one in ipairs(survey.found) do
    if folder and one.track.stem then
      files.remove(folder.path .. "/" .. one.track.stem)
    end
  end
  if folder and folder.prefix == "" then
    files.remove(folder.path)
  end
end

-- options: bounced (post_effects, raw, post_fader), start, stop (samples). Returns the document and its folder ("" where scripts may not
-- write: then the document names Ardour's own files, and AMA keeps it). Raises a sentence where there is nothing to export.
function export.run(options, box, progress, version)
  local standing = journal.standing(journal.here(box))
  local survey = tracks.survey(options, standing)
  if #survey.found == 0 then
    error("there is no track with audio to export", 0)
  end
  local folder = nil
  if files.writable() then
    local path, prefix = new_folder()
    folder = {path = path, prefix = prefix}
  end
  local wake = without_ama(standing)
  local ok, kept, left_out = pcall(stems, survey, options, folder, progress)
  wake()
  if not ok or #kept == 0 then
    clear(folder, survey)
  end
  if not ok then
    error(kept, 0)
  elseif #kept == 0 then
    error("no track could be exported: " .. left_out[1].name .. ": " .. left_out[1].reason, 0)
  end
  local document = {
    schema = "ama.session/1", daw = "ardour", daw_version = version, name = Session:name(),
    sample_rate_hz = math.tointeger(Session:nominal_sample_rate()) or Session:nominal_sample_rate(), bounced = options.bounced,
    tracks = kept, left_out = left_out, mix = json.null, start_sample = options.start, end_sample = options.stop,
  }
  if folder then
    local written, why = files.write(folder.path .. "/session.json", json.encode(document, "  ") .. "\n")
    if not written then
      error("session.json cannot be written: " .. tostring(why), 0)
    end
  end
  return document, folder and folder.path or ""
end

return export
