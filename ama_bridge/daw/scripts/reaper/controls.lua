-- Fader, pan, polarity and delay of a track, in an engineer's units and in REAPER's own numbers, which are kept for the way back.
--
-- of(track, name)             {label, raw(), value(raw), set(value), held()}, or nil and why there is none
-- restore(track, raw)         puts REAPER's own numbers back
-- differs(name, a, b)         whether what was read is not what was written
-- moved(name, a, b)           whether somebody moved it: so far apart that it is no difference of reading
local ids = include("reaper/ids")

local controls = {}

local FLOOR_DB = -150 -- REAPER shows faders below it as -inf
local READ = {fader_db = 1e-4, pan = 1e-5, polarity = 1e-9, delay_ms = 1e-3}
local MOVED = {fader_db = 0.1, pan = 0.01, polarity = 0.5, delay_ms = 0.01}
local NEW_BALANCE, CLASSIC, STEREO_PAN, DUAL_PAN = 3, 0, 5, 6 -- I_PANMODE
local TRIM_OR_READ = 1 -- automation modes above it write
local BYPASSED, IN_SAMPLES = 1, 2 -- bits of I_PLAY_OFFSET_FLAG

local function decibels(gain)
  return gain > 0 and math.max(FLOOR_DB, 20 * math.log(gain, 10)) or FLOOR_DB
end

-- Whether an envelope works. What cannot be told counts as working.
local function active(envelope)
  local ok, text = false, nil
  if reaper.GetSetEnvelopeInfo_String then -- REAPER 6.24
    ok, text = reaper.GetSetEnvelopeInfo_String(envelope, "ACTIVE", "", false)
  end
  if not ok then
    local _, chunk = reaper.GetEnvelopeStateChunk(envelope, "", false) -- before REAPER 7
    text = string.match(chunk, "ACT (%d)")
  end
  return text ~= "0"
end

local function automated(track, name, word)
  local envelope = reaper.GetTrackEnvelopeByName(track, name)
  if envelope and (active(envelope) or reaper.GetTrackAutomationMode(track) > TRIM_OR_READ) then
    return "its " .. word .. " follows automation"
  end
  return nil
end

-- Half a sentence where an envelope of this name works on a track.
controls.automated = automated

-- A number of the track that stands for itself. written(value) is REAPER's number, value(number) the engineer's.
local function plain(track, parameter, written, value, held)
  return {
    raw = function() return {[parameter] = reaper.GetMediaTrackInfo_Value(track, parameter)} end,
    value = function(raw) return value(raw[parameter]) end,
    set = function(asked) reaper.SetMediaTrackInfo_Value(track, parameter, written(asked)) end,
    held = held,
  }
end

local function same(value)
  return value
end

local function fader(track)
  local function held() return automated(track, "Volume", "fader") end
  return plain(track, "D_VOL", function(db) return 10 ^ (db / 20) end, decibels, held)
end

-- AMA's pan is a balance with unity in the centre. Stereo pan moves the two channels, dual pan has a pan for each: another thing.
local function pan(track)
  local function held()
    local _, _, _, mode = reaper.GetTrackUIPan(track) -- the project's own mode where the track has none
    if mode == DUAL_PAN then
      return "it has a dual pan, one for each channel"
    elseif mode == STEREO_PAN then
      return "its pan mode is stereo pan, which moves both channels"
    elseif mode ~= NEW_BALANCE and mode ~= CLASSIC then
      return string.format("its pan mode (%d) is one that AMA does not know", mode)
    end
    return automated(track, "Pan", "pan")
  end
  return plain(track, "D_PAN", same, same, held)
end

local function polarity(track)
  local function free() return nil end
  return plain(track, "B_PHASE", function(value) return value >= 0.5 and 1 or 0 end, same, free)
end

local function delay_ms(raw)
  local offset, flags = raw.D_PLAY_OFFSET, math.tointeger(raw.I_PLAY_OFFSET_FLAG) or 0
  if flags & BYPASSED ~= 0 then
    return 0
  elseif flags & IN_SAMPLES ~= 0 then
    return 1000 * offset / reaper.GetSetProjectInfo(ids.PROJECT, "PROJECT_SRATE", 0, false)
  end
  return 1000 * offset
end

-- REAPER's "media playback offset".
local function delay(track)
  return {
    raw = function()
      return {
        D_PLAY_OFFSET = reaper.GetMediaTrackInfo_Value(track, "D_PLAY_OFFSET"),
        I_PLAY_OFFSET_FLAG = reaper.GetMediaTrackInfo_Value(track, "I_PLAY_OFFSET_FLAG"),
      }
    end,
    value = delay_ms,
    set = function(asked) controls.restore(track, {D_PLAY_OFFSET = asked / 1000, I_PLAY_OFFSET_FLAG = 0}) end,
    held = function() return nil end,
  }
end

local KINDS = {fader_db = fader, pan = pan, polarity = polarity, delay_ms = delay}
local NAMES = {fader_db = "fader", pan = "pan", polarity = "polarity", delay_ms = "delay"}

function controls.of(track, name)
  local kind = KINDS[name]
  if not kind then
    return nil, "this version knows no control " .. tostring(name)
  end
  return kind(track)
end

function controls.label(name)
  return NAMES[name] or name
end

function controls.restore(track, raw)
  for parameter, value in pairs(raw) do
    reaper.SetMediaTrackInfo_Value(track, parameter, value)
  end
end

function controls.differs(name, a, b)
  return math.abs(a - b) > READ[name]
end

function controls.moved(name, a, b)
  return math.abs(a - b) > MOVED[name]
end

-- "-2.5 dB", "30 % left", "inverted": what a user reads in REAPER.
function controls.shown(name, value)
  if name == "fader_db" then
    return value <= FLOOR_DB and "-inf dB" or string.format("%+.2f dB", value)
  elseif name == "pan" then
    local percent = math.floor(math.abs(value) * 100 + 0.5)
    return percent == 0 and "centre" or string.format("%d %% %s", percent, value < 0 and "left" or "right")
  elseif name == "delay_ms" then
    return string.format("%.2f ms", value)
  end
  return value >= 0.5 and "inverted" or "not inverted"
end

return controls
