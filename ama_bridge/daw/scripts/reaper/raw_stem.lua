-- A track's sound before its effects, written as a WAV file: REAPER renders no such stems, but lets a script read the samples.
local wav = include("shared/wav")

local raw = {}

local CHANNELS, BYTES, FLOATS = 2, 4, 3
local FRAMES = 32768 -- read at once
local AT_ONCE = 2048 -- values packed at once: each is an argument of a call

local function packed(samples, count)
  local parts = {}
  local whole = "<" .. string.rep("f", AT_ONCE)
  for at = 1, count, AT_ONCE do
    local last = math.min(at + AT_ONCE - 1, count)
    local form = last - at + 1 == AT_ONCE and whole or "<" .. string.rep("f", last - at + 1)
    parts[#parts + 1] = string.pack(form, table.unpack(samples, at, last))
  end
  return table.concat(parts)
end

-- The samples from `at` on; silence where nothing plays.
local function block(accessor, buffer, options, at, count)
  buffer.clear()
  local start_s = options.start_s + at / options.rate_hz
  local got = reaper.GetAudioAccessorSamples(accessor, options.rate_hz, CHANNELS, start_s, count, buffer)
  if got < 0 then
    error("REAPER does not give its samples", 0)
  end
  return packed(buffer.table(1, count * CHANNELS), count * CHANNELS)
end

local function copy(accessor, file, frames, options, step)
  local buffer = reaper.new_array(FRAMES * CHANNELS)
  for at = 0, frames - 1, FRAMES do
    local count = math.min(FRAMES, frames - at)
    local ok, why = file:write(block(accessor, buffer, options, at, count))
    if not ok then
      error("its stem could not be written: " .. tostring(why), 0)
    end
    step((at + count) / frames)
  end
end

-- options: start_s, stop_s, rate_hz; step(share) may raise to stop. Raises a sentence where it fails; the file is then removed.
function raw.write(track, path, options, step)
  local frames = math.floor((options.stop_s - options.start_s) * options.rate_hz + 0.5)
  local head = wav.header(FLOATS, CHANNELS, options.rate_hz, BYTES, frames)
  if not head then
    error("its stem would be larger than a WAV file can be", 0)
  end
  local file, why = io.open(path, "wb")
  if not file then
    error("its stem could not be written: " .. tostring(why), 0)
  end
  local accessor = reaper.CreateTrackAudioAccessor(track)
  local ok, trouble = pcall(function()
    if not accessor then
      error("REAPER does not give its samples", 0)
    end
    assert(file:write(head))
    copy(accessor, file, frames, options, step)
  end)
  if accessor then
    reaper.DestroyAudioAccessor(accessor)
  end
  if not file:close() and ok then
    ok, trouble = false, "the disk is full"
  end
  if not ok then
    os.remove(path)
    error(trouble, 0)
  end
end

return raw
