-- The mailbox as Ardour's scripts use it: what they write goes to the service over OSC as well. Where Ardour's sandbox takes `io` away,
-- texts are read through Ardour and go to the service alone, which keeps them as files.
local files = include("shared/files")
local service = include("ardour/service")
local shared = include("shared/mailbox")

local mailbox = {}

local function read(path)
  if files.writable() then
    return files.read(path)
  end
  if not ARDOUR.LuaAPI.file_test(path, ARDOUR.LuaAPI.FileTest.Exists) then
    return nil
  end
  local ok, text = pcall(ARDOUR.LuaAPI.file_get_contents, path)
  return ok and text or nil
end

-- values: mailbox (the folder), port (of the service).
function mailbox.open(values)
  local box
  box = shared.open({
    folder = values.mailbox, daw = "ardour", read = read, send = function(what, id, text) box.service:text(what, id, text) end,
  })
  box.service = service.at(values.port)
  return box
end

-- Answers go to this port from now on, where a request names one.
function mailbox.answer_at(box, port)
  if port and port > 0 then
    box.service = service.at(port)
  end
end

return mailbox
