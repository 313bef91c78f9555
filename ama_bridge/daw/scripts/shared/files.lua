-- Reads files, and writes them so that a reader finds the old one or the whole new one. Knows no DAW.
--
-- Where a DAW takes `io` and `os` away from scripts, writable() is false.
local files = {}

function files.writable()
  return io ~= nil and os ~= nil and io.open ~= nil and os.rename ~= nil
end

function files.read(path)
  local file = io and io.open(path, "rb")
  if not file then
    return nil
  end
  local text = file:read("a")
  file:close()
  return text
end

local function written(path, text)
  local file, why = io.open(path, "wb")
  if not file then
    return false, why
  end
  local ok, problem = file:write(text)
  local closed, at_close = file:close()
  if not ok or not closed then
    os.remove(path)
    return false, problem or at_close
  end
  return true
end

-- true, or false and why not.
function files.write(path, text)
  if not files.writable() then
    return false, "scripts may not write files here"
  end
  local part = path .. ".part"
  local ok, why = written(part, text)
  if not ok then
    return false, why
  end
  if os.rename(part, path) then
    return true
  end
  os.remove(path) -- Windows does not rename onto a file that is there
  if os.rename(part, path) then
    return true
  end
  os.remove(part) -- a system that does not rename here at all, as for some names on Windows: then a reader may find half of it for once
  return written(path, text)
end

function files.remove(path)
  return os ~= nil and os.remove ~= nil and os.remove(path) ~= nil
end

-- A name that every file system takes: no separators, no control characters, no dots or spaces at its ends, at most max_bytes long.
function files.safe_name(name, max_bytes)
  local plain = string.gsub(name, '[%c/\\:*?"<>|%%]', "_")
  plain = string.gsub(plain, "^[%s.]+", "")
  if #plain > max_bytes then
    local stop = max_bytes
    while stop > 0 and (string.byte(plain, stop + 1) or 0) >= 0x80 and (string.byte(plain, stop + 1) or 0) <= 0xBF do
      stop = stop - 1
    end
    plain = string.sub(plain, 1, stop)
  end
  plain = string.gsub(plain, "[%s.]+$", "")
  return plain ~= "" and plain or "unnamed"
end

return files
