-- Writes a folder of stems and session.json beside them. No windows here, and nothing in the project changes.
--
-- Behind the effects (before the fader, or after it) REAPER renders, all tracks in one pass. Before the effects it renders nothing; there
-- the samples are read by the script, so that no effect is touched.
local fader_check = include("reaper/fader_check")
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

local Job = {}
Job.__index = Job

-- The next piece of one track's sound before its effects; false when there is no more.
local function read_on(job)
  local one = job.found[job.at]
  if not one then
    return false
  end
  local ok, share = pcall(function()
    if not job.reader then
      one.target = string.format("%s/%02d.wav", job.folder, job.at)
      job.reader = raw.open(one.track, one.target, job.options)
    end
    return job.reader:step()
  end)
  one.flaw = not ok and tostring(share) or nil
  if not ok or share >= 1 then
    one.header = {rate = job.options.rate_hz, channels = 2, format = 3}
    job.reader, job.at, share = nil, job.at + 1, 0
  end
  job.share = (job.at - 1 + share) / #job.found
  return true
end

-- All tracks at once, REAPER shows how far it is.
local function render_all(job)
  if not job.rendered then
    job.rendered = true
    job.notes = render.stems(job.found, job.options, job.folder, job.standing)
    return true
  end
  return false
end

-- What was rendered before the fader, and what turned out to be behind it all the same, is told as what it is.
local function checked(job)
  if job.options.bounced == "post_effects" then
    local where = fader_check.stems(job.found, job.options)
    if where == "behind" then
      job.options.bounced = "post_fader"
      table.insert(job.notes, "REAPER was asked for stems before the fader, and rendered them behind it. AMA takes them as that.")
    end
    return where == "before"
  end
  return nil
end

local function written(job)
  local before_fader = checked(job)
  local kept, left_out = sorted(job.found, job.left_out, job.folder)
  if #kept == 0 then
    local last = left_out[#left_out]
    error("no track could be exported: " .. last.name .. ": " .. last.reason, 0)
  end
  table.move(clipped(job.found), 1, 1, #job.notes + 1, job.notes)
  local document = document_of(job.options, kept, left_out, job.found, job.version)
  document.before_fader_heard = before_fader -- whether that was seen in the sound of a track
  local ok, why = files.write(job.folder .. "/session.json", json.encode(document, "  ") .. "\n")
  if not ok then
    error("session.json cannot be written: " .. tostring(why), 0)
  end
  return document
end

-- Does a piece of the work: true while there is more. Raises a sentence where it fails; nothing is left of it then.
function Job:step()
  local ok, found = pcall(self.options.bounced == "raw" and read_on or render_all, self)
  if ok and not found then
    ok, found = pcall(written, self)
    if ok then
      self.document = found
      return false
    end
  end
  if not ok then
    self:stop()
    error(found, 0)
  end
  return found
end

-- Takes away what was written until now.
function Job:stop()
  if self.reader then
    self.reader:stop()
  end
  clear(self.folder, self.found)
end

function Job:text()
  local one = self.options.bounced == "raw" and self.found[self.at]
  return one and one.told.name or "REAPER renders the stems"
end

-- options: bounced (post_effects, raw, post_fader), start_s, stop_s. A job: step(), stop(), text(), share; when it is done document (what
-- session.json has), folder, notes (for the user). Raises a sentence where there is nothing to export.
function export.begin(options, box, version)
  options.rate_hz = rate_hz()
  local standing = own.standing(box)
  local survey = tracks.survey(options, standing)
  if #survey.found == 0 then
    local first = survey.left_out[1]
    error("there is no track to export" .. (first and ": " .. first.name .. ": " .. first.reason or ""), 0)
  end
  return setmetatable({
    options = options, version = version, standing = standing, found = survey.found, left_out = survey.left_out, folder = new_folder(),
    notes = {}, at = 1, share = 0,
  }, Job)
end

return export
