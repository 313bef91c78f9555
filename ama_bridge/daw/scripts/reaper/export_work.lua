-- Writes a folder of stems and session.json beside them. No windows here, and nothing in the project changes.
--
-- Behind the effects (before the fader, or after it) REAPER renders, all tracks in one pass. Before the effects it renders nothing; there
-- the samples are read by the script, so that no effect is touched.
local files = include("shared/files")
local ids = include("reaper/ids")
local json = include("shared/json")
local own = include("reaper/own_effects")
local paths = include("reaper/paths")
local project = include("reaper/project")
local raw = include("reaper/raw_stem")
local render = include("reaper/render")
local tracks = include("reaper/tracks")

local export = {}

export.CANCELLED = "the export was cancelled"

local LONGEST_NAME = 80 -- bytes
local USUAL_RATE_HZ = 48000

local function rate_hz()
  local rate = 0
  if reaper.GetSetProjectInfo(ids.PROJECT, "PROJECT_SRATE_USE", 0, false) ~= 0 then
    rate = reaper.GetSetProjectInfo(ids.PROJECT, "PROJECT_SRATE", 0, false)
  end
  if rate <= 0 then
    local known, text = reaper.GetAudioDeviceInfo("SRATE")
    rate = known and tonumber(text) or 0
  end
  return rate > 0 and math.floor(rate + 0.5) or USUAL_RATE_HZ
end

local function empty(path)
  reaper.EnumerateFiles(path, -1) -- forgets what REAPER remembers of the folder
  reaper.EnumerateSubdirectories(path, -1)
  return not reaper.EnumerateFiles(path, 0) and not reaper.EnumerateSubdirectories(path, 0)
end

local function writable(path)
  local file = io.open(path .. "/session.json", "wb")
  if not file then
    return false
  end
  file:close()
  return true
end

-- A folder of its own for each export, for an older plan still refers to the older stems; and no file in it that REAPER would ask about.
local function new_folder()
  local file = project.path()
  local base = file ~= "" and paths.folder_of(file) or paths.temporary()
  local separator = paths.system() == "windows" and "\\" or "/"
  local stamp = os.date("%Y-%m-%d %H.%M.%S")
  for count = 1, 99 do
    local path = table.concat({base, "AMA", stamp .. (count > 1 and " " .. count or "")}, separator)
    if empty(path) then
      reaper.RecursiveCreateDirectory(path, 0)
      if not writable(path) then
        error("the folder " .. path .. " cannot be made", 0)
      end
      return path
    end
  end
  error("there is no free name for a folder in " .. base, 0)
end

-- "01 Kick.wav" in the place of the name that REAPER rendered to; that one stays where the system does not take the better.
local function named(one, number, folder)
  local name = string.format("%02d %s.wav", number, files.safe_name(one.told.name, LONGEST_NAME))
  if os.rename(one.target, folder .. "/" .. name) then
    return name
  end
  return string.match(one.target, "[^/\\]+$")
end

local function read_raw(found, options, folder, step)
  for number, one in ipairs(found) do
    one.target = string.format("%s/%02d.wav", folder, number)
    local function told(share)
      if not step((number - 1 + share) / #found, one.told.name) then
        error(export.CANCELLED, 0)
      end
    end
    local ok, why = pcall(raw.write, one.track, one.target, options, told)
    if not ok and why == export.CANCELLED then
      error(why, 0)
    end
    one.flaw = not ok and tostring(why) or nil
    one.header = {rate = options.rate_hz, channels = 2, format = 3}
  end
  return {}
end

-- The tracks that have a stem now, and those that have none.
local function sorted(found, left_out, folder)
  local kept = json.array()
  for number, one in ipairs(found) do
    if one.flaw then
      left_out[#left_out + 1] = {name = one.told.name, reason = one.flaw}
      os.remove(one.target)
    else
      one.told.stem, one.told.channels = named(one, number, folder), one.header.channels
      kept[#kept + 1] = one.told
    end
  end
  return kept, left_out
end

-- Takes away what an export that stopped has written; the folder too where the system lets an empty one go.
local function clear(folder, found)
  for _, one in ipairs(found) do
    if one.target then
      os.remove(one.target)
    end
    if one.told.stem then
      os.remove(folder .. "/" .. one.told.stem)
    end
  end
  os.remove(folder .. "/session.json")
  os.remove(folder)
end

local function clipped(found)
  for _, one in ipairs(found) do
    if not one.flaw and one.header.format ~= 3 then
      return {"The stems have whole numbers, not floats: what goes beyond full scale before the fader is cut off."}
    end
  end
  return {}
end

local function document_of(options, kept, left_out, found, version)
  local rate = options.rate_hz
  for _, one in ipairs(found) do
    rate = one.told.stem and one.header.rate or rate
  end
  return {
    schema = "ama.session/1", daw = "reaper", daw_version = version, name = project.name(), project_path = project.path(),
    sample_rate_hz = rate, bounced = options.bounced, devices = paths.setting("devices"), tracks = kept, left_out = left_out,
    mix = json.null, start_s = options.start_s, end_s = options.stop_s,
  }
end

local function written(options, survey, folder, standing, version, step)
  local found = survey.found
  step(0, options.bounced == "raw" and "" or "REAPER renders the stems")
  local stems = options.bounced == "raw" and read_raw or render.stems
  local notes = stems(found, options, folder, options.bounced == "raw" and step or standing)
  local kept, left_out = sorted(found, survey.left_out, folder)
  if #kept == 0 then
    error("no track could be exported: " .. left_out[#left_out].name .. ": " .. left_out[#left_out].reason, 0)
  end
  table.move(clipped(found), 1, 1, #notes + 1, notes)
  local document = document_of(options, kept, left_out, found, version)
  local ok, why = files.write(folder .. "/session.json", json.encode(document, "  ") .. "\n")
  if not ok then
    error("session.json cannot be written: " .. tostring(why), 0)
  end
  return document, notes
end

-- options: bounced (post_effects, raw, post_fader), start_s, stop_s; step(share, text) is false when the user stopped. Returns the
-- document, its folder, and notes for the user. Raises a sentence where there is nothing to export.
function export.run(options, box, step, version)
  options.rate_hz = rate_hz()
  local standing = own.standing(box)
  local survey = tracks.survey(options, standing)
  if #survey.found == 0 then
    local first = survey.left_out[1]
    error("there is no track to export" .. (first and ": " .. first.name .. ": " .. first.reason or ""), 0)
  end
  local folder = new_folder()
  local ok, document, notes = pcall(written, options, survey, folder, standing, version, step)
  if not ok then
    clear(folder, survey.found)
    error(document, 0)
  end
  return document, folder, notes
end

return export
