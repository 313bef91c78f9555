-- REAPER's render settings: they are the user's, so they are kept before AMA sets its own, and put back afterwards, each read back.
local ids = include("reaper/ids")

local settings = {}

local NUMBERS = {
  "RENDER_SETTINGS", "RENDER_BOUNDSFLAG", "RENDER_CHANNELS", "RENDER_SRATE", "RENDER_STARTPOS", "RENDER_ENDPOS", "RENDER_TAILFLAG",
  "RENDER_TAILMS", "RENDER_ADDTOPROJ", "RENDER_DITHER", "RENDER_NORMALIZE", "RENDER_NORMALIZE_TARGET", "RENDER_BRICKWALL", "RENDER_FADEIN",
  "RENDER_FADEOUT", "RENDER_FADEINSHAPE", "RENDER_FADEOUTSHAPE", "RENDER_PADSTART", "RENDER_PADEND", "RENDER_TRIMSTART", "RENDER_TRIMEND",
  "RENDER_DELAY",
}
local TEXTS = {"RENDER_FILE", "RENDER_PATTERN", "RENDER_FORMAT", "RENDER_FORMAT2"}
local EXACT = 1e-9 -- settings are kept as they were read

local STEMS, PRE_FADER = 2, 8192 -- of RENDER_SETTINGS
local CUSTOM_BOUNDS = 0 -- of RENDER_BOUNDSFLAG
local FLOAT_WAV = "ZXZhdyAAAQ==" -- "evaw", 32 bits, RF64 where a file is too large for WAV: nothing before a fader clips
local USUAL_WAV = "evaw" -- four letters stand for REAPER's usual settings of that format

settings.PATTERN = "ama $tracknumber" -- names of tracks may hold anything; numbers are different
settings.RENDER = 42230 -- "Render project, using the most recent render settings, auto-close render dialog"

local function number(key)
  return reaper.GetSetProjectInfo(ids.PROJECT, key, 0, false)
end

local function text(key)
  local _, value = reaper.GetSetProjectInfo_String(ids.PROJECT, key, "", false)
  return value
end

local function set_number(key, value)
  reaper.GetSetProjectInfo(ids.PROJECT, key, value, true)
end

local function set_text(key, value)
  reaper.GetSetProjectInfo_String(ids.PROJECT, key, value, true)
end

local function put(keys, kept, read, write, differs)
  local stubborn = {}
  for _, key in ipairs(keys) do
    local ok = pcall(function()
      if differs(read(key), kept[key]) then
        write(key, kept[key])
      end
    end)
    local again, now = pcall(read, key)
    if not ok or not again or differs(now, kept[key]) then
      stubborn[#stubborn + 1] = key
    end
  end
  return stubborn
end

-- A function that puts every setting back as it is now, and raises the names of those that do not take it.
function settings.kept()
  local kept = {}
  for _, key in ipairs(NUMBERS) do
    kept[key] = number(key)
  end
  for _, key in ipairs(TEXTS) do
    kept[key] = text(key)
  end
  return function()
    local stubborn = put(NUMBERS, kept, number, set_number, function(a, b) return math.abs(a - b) > EXACT end)
    local others = put(TEXTS, kept, text, set_text, function(a, b) return a ~= b end)
    table.move(others, 1, #others, #stubborn + 1, stubborn)
    if #stubborn > 0 then
      error("REAPER's render settings " .. table.concat(stubborn, ", ") .. " are not as they were", 0)
    end
  end
end

-- Whether this REAPER renders stems before the fader. REAPER 6 does not, and may keep the setting all the same.
function settings.before_fader()
  return (tonumber(string.match(reaper.GetAppVersion(), "^%d+")) or 0) >= 7
end

-- Sets what stems need. options: bounced (post_effects or post_fader), start_s, stop_s, rate_hz; folder: where they go.
-- Raises a sentence where one reads otherwise.
function settings.set(options, folder)
  local wanted = {
    RENDER_SETTINGS = options.bounced == "post_fader" and STEMS or STEMS | PRE_FADER, RENDER_BOUNDSFLAG = CUSTOM_BOUNDS,
    RENDER_STARTPOS = options.start_s, RENDER_ENDPOS = options.stop_s, RENDER_CHANNELS = 2, RENDER_SRATE = options.rate_hz,
    RENDER_TAILFLAG = 0, RENDER_ADDTOPROJ = 0, RENDER_DITHER = 0, RENDER_NORMALIZE = 0, RENDER_PADSTART = 0, RENDER_PADEND = 0,
    RENDER_DELAY = 0,
  }
  for _, key in ipairs(NUMBERS) do
    if wanted[key] then
      set_number(key, wanted[key])
    end
  end
  local texts = {RENDER_FILE = folder, RENDER_PATTERN = settings.PATTERN, RENDER_FORMAT = FLOAT_WAV, RENDER_FORMAT2 = ""}
  for _, key in ipairs(TEXTS) do
    set_text(key, texts[key])
  end
  if text("RENDER_FORMAT") ~= FLOAT_WAV then
    set_text("RENDER_FORMAT", USUAL_WAV)
  end
  local mode = math.tointeger(number("RENDER_SETTINGS")) or 0
  if options.bounced == "post_effects" and (mode & PRE_FADER == 0 or not settings.before_fader()) then
    error("this REAPER cannot render stems before the fader; export them after fader and pan, or update REAPER", 0)
  end
  for _, key in ipairs(NUMBERS) do
    if wanted[key] and math.abs(number(key) - wanted[key]) > EXACT then
      error("REAPER does not take the render setting " .. key, 0)
    end
  end
end

-- The file that would be rendered of the tracks that are selected: one where one is selected; nil where REAPER does not say.
function settings.target()
  local path = text("RENDER_TARGETS")
  return path ~= "" and path or nil
end

return settings
