-- Opens the mailbox that this script is to use, and makes its folder where it is not there yet.
local mailbox = include("shared/mailbox")
local paths = include("reaper/paths")

local place = {}

-- {box, values}: values with the folder that holds. Nil and half a sentence where there is no such folder.
function place.open(values)
  local folder = paths.mailbox(values)
  if folder == "" then
    return nil, "AMA does not know where its mailbox is; AMA Settings sets it"
  end
  reaper.RecursiveCreateDirectory(folder, 0)
  local box = mailbox.open({folder = folder, daw = "reaper"})
  local probe = "heartbeat.json.probe"
  local file = io.open(box:path(probe), "wb")
  if not file then
    return nil, "AMA's mailbox " .. folder .. " cannot be written to; AMA Settings sets another"
  end
  file:close()
  box:drop(probe)
  local filled = {}
  for name, value in pairs(values) do
    filled[name] = value
  end
  filled.mailbox = folder
  return {box = box, values = filled}
end

return place
