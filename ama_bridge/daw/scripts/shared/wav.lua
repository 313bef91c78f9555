-- WAV files: what one holds, a copy, and two of one channel as one of two. Knows no DAW.
--
-- Samples are moved as bits, so that floats and whole numbers of 16, 24 and 32 bits come out as they went in. One minute of stereo at
-- 48 kHz takes about a third of a second: sixty samples are taken at a time, and both channels go into one number of twice the width.
local wav = {}

local AT_ONCE = 60 -- samples; a call may return some 200 values
local BLOCK_SAMPLES = AT_ONCE * 1024

-- {format, channels, rate, bytes (a sample), data (offset of the first), frames}, or nil and why not.
function wav.read_header(file)
  local head = file:seek("set", 0) and file:read(12)
  if not head or #head < 12 or not (string.find(head, "^RIFF....WAVE") or string.find(head, "^RF64....WAVE")) then
    return nil, "it is no WAV file"
  end
  local found, at, long_size = {}, 12, nil
  while true do
    file:seek("set", at)
    local tag = file:read(8)
    if not tag or #tag < 8 then
      return nil, "it has no audio"
    end
    local id, size = string.unpack("<c4I4", tag)
    local body = (id == "ds64" or id == "fmt ") and file:read(math.min(size, 40)) or ""
    if id == "ds64" and #body >= 16 then
      long_size = string.unpack("<I8", body, 9)
    elseif id == "fmt " and #body >= 16 then
      found.format, found.channels, found.rate = string.unpack("<I2I2I4", body)
      found.bytes = string.unpack("<I2", body, 15) // 8
      if found.bytes * found.channels == 0 then
        return nil, "it is no WAV file"
      elseif found.format == 0xFFFE and #body >= 26 then
        found.format = string.unpack("<I2", body, 25)
      end
    elseif id == "data" and found.format then
      local rest = file:seek("end") - (at + 8)
      size = (size == 0xFFFFFFFF and long_size) or size
      found.data = at + 8
      found.frames = math.min(size, rest) // (found.bytes * found.channels)
      return found
    end
    at = at + 8 + size + size % 2
  end
end

-- The bytes before the samples, or nil where they would be too many for a WAV file. format: 1 whole numbers, 3 floats.
function wav.header(format, channels, rate, bytes, frames)
  local size = frames * channels * bytes
  if size > 0xFFFFFF00 then
    return nil
  end
  local frame = channels * bytes
  return string.pack("<c4I4c4c4I4I2I2I4I4I2I2c4I4", "RIFF", 36 + size, "WAVE", "fmt ", 16, format, channels, rate, rate * frame,
    frame, bytes * 8, "data", size)
end

-- A function of (left, right, at) that gives AT_ONCE frames, written for one width; spelled out by `load`, since that is ten times
-- as fast as tables. Its text holds nothing but names that are counted here.
local function weaver(bytes, count)
  local left, right, both = {}, {}, {}
  for at = 1, count do
    left[at], right[at], both[at] = "a" .. at, "b" .. at, "a" .. at .. "|b" .. at .. "<<" .. 8 * bytes
  end
  local text = "local unpack, pack, narrow, wide = ... return function(l, r, at) local " .. table.concat(left, ",")
    .. " = unpack(narrow, l, at) local " .. table.concat(right, ",") .. " = unpack(narrow, r, at) return pack(wide, "
    .. table.concat(both, ",") .. ") end"
  local narrow = "<" .. string.rep("I" .. bytes, count)
  local wide = "<" .. string.rep("I" .. 2 * bytes, count)
  return load(text, "=weaver", "t", {})(string.unpack, string.pack, narrow, wide)
end

local function woven(left, right, bytes, many, one)
  local parts = {}
  local whole = #left - #left % (AT_ONCE * bytes)
  for at = 1, whole, AT_ONCE * bytes do
    parts[#parts + 1] = many(left, right, at)
  end
  for at = whole + 1, #left, bytes do
    parts[#parts + 1] = one(left, right, at)
  end
  return table.concat(parts)
end

local function weave(left, right, shape, frames, out)
  local many, one = weaver(shape.bytes, AT_ONCE), weaver(shape.bytes, 1)
  local done = 0
  while done < frames do
    local wanted = math.min(BLOCK_SAMPLES, frames - done) * shape.bytes
    local l, r = left:read(wanted), right:read(wanted)
    if not l or not r or #l ~= wanted or #r ~= wanted then
      return nil, "it ends early"
    end
    local ok, why = out:write(woven(l, r, shape.bytes, many, one))
    if not ok then
      return nil, why
    end
    done = done + BLOCK_SAMPLES
  end
  return true
end

local function interleaved(left, right, out)
  local shape, why = wav.read_header(left)
  local other, problem = wav.read_header(right)
  if not shape or not other then
    return nil, why or problem
  end
  for _, field in ipairs({"format", "channels", "rate", "bytes", "frames"}) do
    if shape[field] ~= other[field] then
      return nil, "its channels differ in " .. field
    end
  end
  if shape.channels ~= 1 or shape.bytes < 2 or shape.bytes > 4 then
    return nil, string.format("it has %d channels of %d bits a file", shape.channels, 8 * shape.bytes)
  end
  local head = wav.header(shape.format, 2, shape.rate, shape.bytes, shape.frames)
  if not head then
    return nil, "it would be larger than a WAV file can be"
  end
  left:seek("set", shape.data)
  right:seek("set", other.data)
  local ok, trouble = out:write(head)
  if not ok then
    return nil, trouble
  end
  return weave(left, right, shape, shape.frames, out)
end

-- Opens the paths, calls work(files..., out), closes everything, and removes what was written if work failed. true, or nil and why.
local function with_files(paths, out_path, work)
  local opened, out = {}, nil
  local result, why
  for at, path in ipairs(paths) do
    local file = io.open(path, "rb")
    if not file then
      why = "a file that was just written cannot be read"
      break
    end
    opened[at] = file
  end
  if not why then
    out, why = io.open(out_path, "wb")
  end
  if out then
    opened[#opened + 1] = out
    result, why = work(table.unpack(opened))
  end
  for _, file in ipairs(opened) do
    if not file:close() and file == out then
      result, why = nil, "the disk is full"
    end
  end
  if result then
    return true
  end
  if out then
    os.remove(out_path)
  end
  return nil, why
end

function wav.interleave(left_path, right_path, out_path)
  return with_files({left_path, right_path}, out_path, interleaved)
end

local function copied(source, out)
  while true do
    local block = source:read(1 << 20)
    if not block then
      return true
    end
    local ok, why = out:write(block)
    if not ok then
      return nil, why
    end
  end
end

function wav.copy(path, out_path)
  return with_files({path}, out_path, copied)
end

return wav
