-- Whether stems were really rendered before the fader: a track without effects must then sound as its items do, and not as loud as its
-- fader makes it. The setting is one that AMA has never seen at work, so it is not believed.
local ids = include("reaper/ids")

local check = {}

local SECONDS, LOOKS, LOOK_FRAMES = 0.5, 24, 512 -- how much is compared, and where the loudest place is looked for
local NEAR, APART = 0.02, 0.1 -- of a gain: so near is the same, so far apart is another
local QUIET = 1e-4 -- RMS below which nothing can be told
local MOST = 6 -- tracks that are tried
local FLOATS, BYTES = 3, 4

-- The left channel of some frames of a stem.
local function stem_samples(file, header, at, count)
  local frame = BYTES * header.channels
  file:seek("set", header.data + at * frame)
  local text, found = file:read(count * frame) or "", {}
  for place = 1, #text - frame + 1, frame do
    found[#found + 1] = string.unpack("<f", text, place)
  end
  return found
end

local function rms(samples)
  local sum = 0
  for _, value in ipairs(samples) do
    sum = sum + value * value
  end
  return #samples > 0 and math.sqrt(sum / #samples) or 0
end

-- The first frame of the loudest place that was looked at.
local function loudest(file, header, count)
  local best, place = 0, 0
  for look = 0, LOOKS - 1 do
    local at = math.floor(math.max(0, header.frames - count) * look / LOOKS)
    local level = rms(stem_samples(file, header, at, LOOK_FRAMES))
    if level > best then
      best, place = level, at
    end
  end
  return place
end

-- The same frames of the items, before any effect.
local function item_samples(track, rate_hz, start_s, count)
  local accessor = reaper.CreateTrackAudioAccessor(track)
  if not accessor then
    return {}
  end
  local buffer, left = reaper.new_array(2 * count), {}
  buffer.clear()
  local got = reaper.GetAudioAccessorSamples(accessor, rate_hz, 2, start_s, count, buffer)
  reaper.DestroyAudioAccessor(accessor)
  local samples = got > 0 and buffer.table(1, 2 * count) or {}
  for at = 1, #samples, 2 do
    left[#left + 1] = samples[at]
  end
  return left
end

-- The gain of the left channel behind fader and pan.
local function gain_of(told)
  return 10 ^ (told.fader_db / 20) * math.min(1, 1 - told.pan)
end

local function tells(one)
  if one.flaw or one.header.format ~= FLOATS or one.header.bytes ~= BYTES or #one.told.automated > 0 or not ids.there(one.track) then
    return false
  end
  for _, plugin in ipairs(one.told.plugins) do
    if plugin.enabled then
      return false
    end
  end
  return math.abs(gain_of(one.told) - 1) > APART
end

-- "before" or "behind" the fader, nil where it cannot be told.
local function heard(one, options)
  local file = io.open(one.target, "rb")
  if not file then
    return nil
  end
  local count = math.min(math.floor(SECONDS * one.header.rate), one.header.frames)
  local at = loudest(file, one.header, count)
  local stem = rms(stem_samples(file, one.header, at, count))
  file:close()
  local items = rms(item_samples(one.track, one.header.rate, options.start_s + at / one.header.rate, count))
  if items < QUIET then
    return nil
  end
  local ratio, gain = stem / items, gain_of(one.told)
  if math.abs(ratio - 1) < NEAR then
    return "before"
  end
  return math.abs(ratio - gain) < NEAR * gain and "behind" or nil
end

-- The same of all stems (see reaper/render), from the first tracks that tell.
function check.stems(found, options)
  local tried = 0
  for _, one in ipairs(found) do
    if tried < MOST and tells(one) then
      tried = tried + 1
      local ok, where = pcall(heard, one, options)
      if ok and where then
        return where
      end
    end
  end
  return nil
end

return check
