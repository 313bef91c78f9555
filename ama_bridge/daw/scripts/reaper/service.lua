-- AMA's service as seen from REAPER: whether it runs, what it says of its work, and starting it.
local json = include("shared/json")
local paths = include("reaper/paths")

local service = {}

local OLD_S = 10 -- seconds after which service.json is of a service that has ended
local NO_WAIT, NO_WAIT_MINIMISED = -1, -2 -- of ExecProcess

-- Its process id, or nil where none has been heard of lately.
function service.alive(box)
  local document = box:document("service.json", "ama.service/1")
  if not document or type(document.time_s) ~= "number" or os.time() - document.time_s > OLD_S then
    return nil
  end
  return document.pid or 0
end

-- What it says of an export or a request: share, stage, error; nil where it says nothing of that.
function service.status(box, id)
  local document = box:document("status.json", "ama.status/1")
  if not document or document.id ~= id then
    return nil
  end
  local function text(value)
    return not json.absent(value) and type(value) == "string" and value or ""
  end
  return {share = tonumber(document.share) or 0, stage = text(document.stage), error = text(document.error)}
end

-- A program's name with blanks in it; what has quotes already is a whole beginning of a command line ("/x y/python" -m ama_bridge).
local function quoted(text)
  return string.find(text, " ") and not string.find(text, '"') and '"' .. text .. '"' or text
end

-- The command line: "ama serve", with the state folder that the mailbox is in.
function service.command(values)
  local mailbox = paths.mailbox(values)
  local state = string.match(mailbox, "^(.+)[/\\]reaper$")
  local line = quoted((paths.command(values))) .. " serve"
  return state and not string.find(state, '"') and line .. ' --state "' .. state .. '"' or line
end

-- Starts it without waiting; false where REAPER could not.
function service.start(values)
  local wait = paths.system() == "windows" and NO_WAIT_MINIMISED or NO_WAIT
  local ok, answer = pcall(reaper.ExecProcess, service.command(values), wait)
  return ok and answer ~= nil
end

return service
