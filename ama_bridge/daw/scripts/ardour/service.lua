-- Tells AMA's service over OSC (UDP, this machine alone). LuaOSC only sends; what comes back comes as files or as another action.
local chunks = include("shared/chunks")
local json = include("shared/json")

local service = {}

local CHUNK_BYTES = 896 -- a datagram stays below 1024 bytes
local PAUSE_US = 500 -- between datagrams, so that the receiver's buffer does not run over

local Service = {}
Service.__index = Service

-- A sender to a port, or one that keeps silent where the port is 0 or Ardour refuses.
function service.at(port)
  local self = setmetatable({}, Service)
  if port and port > 0 then
    local ok, address = pcall(ARDOUR.LuaOSC.Address, string.format("osc.udp://127.0.0.1:%d", port))
    self.address = ok and address or nil
  end
  return self
end

-- types as in Ardour: s, i, f. A string is cut at its first null character by OSC itself.
function Service:send(path, types, ...)
  if not self.address then
    return
  end
  self.address:send(path, types, ...)
  ARDOUR.LuaAPI.usleep(PAUSE_US)
end

-- A whole text in parts: what is begun, result, journal, revert or session.
function Service:text(what, id, text)
  local parts = chunks.of(text, CHUNK_BYTES - #id)
  for at, part in ipairs(parts) do
    self:send("/ama/v1/daw/text", "ssiis", what, id, at - 1, #parts, part)
  end
end

local function whole(text)
  return (string.gsub(json.valid_utf8(text), "%z", ""))
end

-- One line of text, at most max_bytes of UTF-8.
local function short(text, max_bytes)
  return chunks.of(whole(text), max_bytes)[1]
end

local function names_of(plugins)
  local names = {}
  for at, plugin in ipairs(plugins) do
    names[at] = string.gsub(whole(plugin.name), "[\n;]", " ")
  end
  return short(table.concat(names, "\n"), 300)
end

-- The exported session, and the wish for suggestions that AMA then offers here.
function Service:session(document, folder, id, version)
  local name = short(document.name, 200)
  self:send("/ama/v1/hello", "ss", id, "Ardour " .. version)
  self:send("/ama/v1/session/begin", "sssfis", id, name, "ardour", document.sample_rate_hz, #document.tracks, document.bounced)
  local mixed_in = document.bounced == "post_fader"
  for at, track in ipairs(document.tracks) do
    self:send("/ama/v1/session/track", "ssissffiss", id, name, at - 1, track.id, short(track.name, 200),
      mixed_in and 0 or track.fader_db, mixed_in and 0 or track.pan, track.muted and 1 or 0, folder .. "/" .. track.stem,
      names_of(track.plugins))
  end
  self:send("/ama/v1/session/commit", "ss", id, name)
  self:send("/ama/v1/suggest", "ssss", id, name, "auto", "ardour")
end

return service
