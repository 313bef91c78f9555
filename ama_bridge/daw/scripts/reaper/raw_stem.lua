-- A track's sound before its effects, written as a WAV file piece by piece: REAPER renders no such stems, but lets a script read samples.
local wav = include("shared/wav")

local raw = {}

local CHANNELS, BYTES, FLOATS = 2, 4, 3
local FRAMES, BLOCKS = 32768, 4 -- read at once; so many of them a piece
local AT_ONCE = 2048 -- values packed at once: each is an argument of a call

local Reader = {}
Reader.__index = Reader

-- options: start_s, stop_s, rate_hz. Raises half a sentence where the file cannot be begun.
function raw.open(track, path, options)
  local frames = math.floor((options.stop_s - options.start_s) * options.rate_hz + 0.5)
  local head = wav.header(FLOATS, CHANNELS, options.rate_hz, BYTES, frames)
  if not head then
    error("its stem would be larger than a WAV file can be", 0)
  end
  local file, why = io.open(path, "wb")
  if not file then
    error("its stem could not be written: " .. tostring(why), 0)
  end
  file:write(head)
  return setmetatable({
    track = track, path = path, file = file, frames = frames, at = 0, start_s = options.start_s, rate_hz = options.rate_hz,
    buffer = reaper.new_array(FRAMES * CHANNELS),
  }, Reader)
end

local function packed(samples, count)
  local parts = {}
  for at = 1, count, AT_ONCE do
    local last = math.min(at + AT_ONCE - 1, count)
    parts[#parts + 1] = string.pack("<" .. string.rep("f", last - at + 1), table.unpack(samples, at, last))
  end
  return table.concat(parts)
end

local function block(self, accessor)
  local count = math.min(FRAMES, self.frames - self.at)
  self.buffer.clear() -- where nothing plays REAPER fills in nothing
  local start_s = self.start_s + self.at / self.rate_hz
  local got = reaper.GetAudioAccessorSamples(accessor, self.rate_hz, CHANNELS, start_s, count, self.buffer)
  if got < 0 then
    error("REAPER does not give its samples", 0)
  end
  local ok, why = self.file:write(packed(self.buffer.table(1, count * CHANNELS), count * CHANNELS))
  if not ok then
    error("its stem could not be written: " .. tostring(why), 0)
  end
  self.at = self.at + count
end

local function piece(self, accessor)
  for _ = 1, BLOCKS do
    if self.at < self.frames then
      block(self, accessor)
    end
  end
end

function Reader:stop()
  if self.file then
    self.file:close()
    self.file = nil
    os.remove(self.path)
  end
end

-- Writes the next piece; how much is done, 0 to 1. Raises half a sentence, and removes the file then. The accessor lives no longer than a
-- piece, for between two of them the user may change the track.
function Reader:step()
  local accessor = reaper.CreateTrackAudioAccessor(self.track)
  local ok, why = false, "REAPER does not give its samples"
  if accessor then
    ok, why = pcall(piece, self, accessor)
    reaper.DestroyAudioAccessor(accessor)
  end
  if ok and self.at >= self.frames then
    ok, why = self.file:close(), "the disk is full"
    self.file = nil
  end
  if not ok then
    self:stop()
    os.remove(self.path)
    error(why, 0)
  end
  return self.frames > 0 and self.at / self.frames or 1
end

return raw
