-- Cuts a text into parts that fit into datagrams, never inside a UTF-8 character. Knows no DAW.
local chunks = {}

-- The parts of a text, each of at most max_bytes bytes; an empty text is one empty part.
function chunks.of(text, max_bytes)
  local parts, at = {}, 1
  while at <= #text do
    local stop = math.min(at + max_bytes - 1, #text)
    local next_byte = string.byte(text, stop + 1)
    -- Bytes 80..BF continue a character: step back to where it begins. A text that is not UTF-8 is cut where it must be.
    local back = stop
    while next_byte and next_byte >= 0x80 and next_byte <= 0xBF and back > at and stop - back < 4 do
      next_byte = string.byte(text, back)
      back = back - 1
    end
    stop = back >= at and back or stop
    parts[#parts + 1] = string.sub(text, at, stop)
    at = stop + 1
  end
  if #parts == 0 then
    parts[1] = ""
  end
  return parts
end

return chunks
