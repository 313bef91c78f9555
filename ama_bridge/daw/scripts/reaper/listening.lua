-- Waits for what AMA wants, for a while: tells by a heartbeat that somebody listens, shows how far AMA is, and starts AMA Apply or AMA
-- Revert in this very script when a request comes.
--
-- It looks into the mailbox a few times a second with one listing, and reads a file only when it is there.
local apply = include("reaper/apply_action")
local project = include("reaper/project")
local revert = include("reaper/revert_action")
local service = include("reaper/service")
local window = include("reaper/window")

local listening = {}

local LOOK_S, BEAT_S, STATUS_S = 0.2, 1.0, 0.5 -- seconds between looks, heartbeats, readings of the status
local LONGEST_S = 15 * 60
local START_S = 30 -- a service takes less to start
local HEARTBEAT = "heartbeat.json"

local WANTED = {["request.json"] = apply, ["revert.json"] = revert}

local Listener = {}
Listener.__index = Listener

local function heartbeat(self)
  self.box:write(HEARTBEAT, {
    schema = "ama.heartbeat/1", time_s = os.time(), script = "AMA Listen", version = reaper.GetAppVersion(),
    resource_path = reaper.GetResourcePath(), project = project.name(), actions = self.actions,
  })
end

-- The names in the mailbox, as a set. REAPER remembers a folder until it is asked for number -1.
local function listed(folder)
  reaper.EnumerateFiles(folder, -1)
  local found, at = {}, 0
  local name = reaper.EnumerateFiles(folder, at)
  while name do
    found[name], at = true, at + 1
    name = reaper.EnumerateFiles(folder, at)
  end
  return found
end

function Listener:finish()
  if not self.ended then
    self.ended = true
    window.close(self.view)
    self.box:drop(HEARTBEAT)
  end
end

-- What the window says ---------------------------------------------------------------------------------------------------------------

local function said(self, text, share, tone)
  local head = self.view.rows[1]
  if head.text ~= text or head.share ~= share or head.tone ~= tone then
    head.text, head.share, head.tone = text, share, tone
    head.kind = share and "bar" or "text"
    window.changed(self.view)
  end
end

local function waiting_for_service(self, now)
  local line = service.command(self.values)
  if self.started and now - self.began < START_S then
    said(self, "AMA starts ...")
  elseif self.started then
    said(self, "AMA did not start. Start it in a terminal, and leave this window open:\n\n" .. line, nil, "warn")
  else
    said(self, "AMA does not run. Start it in a terminal, or with the button:\n\n" .. line, nil, "warn")
  end
end

local function sentence(text)
  return string.upper(string.sub(text, 1, 1)) .. string.sub(text, 2)
end

local function show(self, now)
  local status = self.id and service.status(self.box, self.id)
  if status and status.error ~= "" then
    said(self, status.error, nil, "warn")
  elseif not service.alive(self.box) then
    waiting_for_service(self, now)
  elseif status then
    local stage = status.stage ~= "" and status.stage or "at work"
    said(self, "AMA: " .. sentence(stage) .. " ...", status.share)
  else
    said(self, self.id and "AMA has been told and begins soon ..." or "AMA runs. What it suggests comes up here.")
  end
end

-- What it does -----------------------------------------------------------------------------------------------------------------------

local function answered(self)
  self.busy = false
  self.began = reaper.time_precise()
  if self.once then
    self:finish()
  end
end

local function begin(self, action)
  self.busy = true
  local ok, trouble = pcall(action.run, self.values, function() answered(self) end)
  if not ok then
    window.warn("AMA", "AMA stopped: " .. tostring(trouble), function() answered(self) end)
  end
end

-- What is begun takes its text out of the mailbox at once. Where the system does not let go of the file, it is not begun twice.
local function look(self)
  local there = listed(self.box.folder)
  for name, action in pairs(WANTED) do
    local text = there[name] and not self.busy and self.box:text(name) or nil
    if text and text ~= self.stuck[name] then
      begin(self, action)
      self.stuck[name] = self.box:text(name) == text and text or nil
    elseif not there[name] then
      self.stuck[name] = nil
    end
  end
end

local function due(self, what, now, every_s)
  if now < (self.next[what] or 0) then
    return false
  end
  self.next[what] = now + every_s
  return true
end

local function tick(self)
  if self.ended then
    return
  end
  local now = reaper.time_precise()
  if due(self, "beat", now, BEAT_S) then
    heartbeat(self)
  end
  if not self.busy then
    if now - self.began > LONGEST_S then
      self:finish()
      return
    end
    if due(self, "show", now, STATUS_S) then
      show(self, now)
    end
    if due(self, "look", now, LOOK_S) then
      look(self)
    end
  end
  reaper.defer(function() tick(self) end)
end

local function start(self)
  self.started, self.began = service.start(self.values), reaper.time_precise()
  show(self, self.began)
end

-- options: box, values, actions (known names), and where wanted id (of an export), text (below the line), once (ends after one answer).
function listening.run(options)
  local self = setmetatable({
    box = options.box, values = options.values, actions = options.actions, id = options.id, once = options.once, next = {}, stuck = {},
    busy = false, began = reaper.time_precise(),
  }, Listener)
  reaper.atexit(function() self:finish() end)
  local function finish()
    self:finish()
  end
  local rows = {{kind = "text", text = ""}}
  if options.text and options.text ~= "" then
    rows[2] = {kind = "text", text = options.text, tone = "dim"}
  end
  self.view = window.open({
    title = "AMA", rows = rows, width = 560, height = options.text and 360 or 220, cancel = finish,
    buttons = {
      {text = "Close", run = finish},
      {text = "Start AMA", run = function() start(self) end, enabled = function() return not service.alive(self.box) end},
    },
    status = function() return "Leave it open: what AMA suggests comes up here." end,
  })
  if options.start and not service.alive(self.box) then
    start(self)
  end
  tick(self)
  return self
end

return listening
