-- The changes of one run, each noted before it is made so that it can be undone, and after it so that AMA Revert can take it back.
--
-- new_run(seen)           a run
-- make(run, step)         does one step of the survey; raises what `stop` raises
-- undo(run)               takes all of it back, newest first
-- read_back(run, record)  reads what a step wrote (one of run.written) when all stands; what does not read as asked is searched for once,
--                         then it raises
local controls = include("reaper/controls")
local display = include("reaper/display")
local inserts = include("reaper/inserts")
local json = include("shared/json")
local params = include("reaper/params")
local sidechain = include("reaper/sidechain")
local stop = include("reaper/stop")

local changes = {}

-- undo: what takes each change back; chains: AMA's effects by track, for places in a chain move when one is put in front of another;
-- ours: the GUIDs of all of AMA's effects.
function changes.new_run(seen)
  local ours = {}
  for guid in pairs(seen.standing) do
    ours[guid] = true
  end
  return {
    undo = {}, controls = json.array(), inserted = json.array(), changed = json.array(), values = {}, written = {}, chains = {},
    ours = ours, known = seen.known,
  }
end

-- A track that was deleted meanwhile takes its changes with it, so what cannot be undone does not keep the rest from it.
function changes.undo(run)
  for at = #run.undo, 1, -1 do
    pcall(run.undo[at])
  end
end

local function suggestions_of(step)
  local found = {}
  for at, part in ipairs(step.parts) do
    found[at] = part.suggestion
  end
  return found
end

local function note_value(run, suggestion, what, asked, read)
  run.values[suggestion] = run.values[suggestion] or {}
  table.insert(run.values[suggestion], {what = what, asked = asked, read = display.finite(read)})
end

-- Controls ----------------------------------------------------------------------------------------------------------------------------

local function set_control(run, step)
  table.insert(run.undo, function() controls.restore(step.track, step.before) end)
  step.control.set(step.entry.value)
  run.written[#run.written + 1] = step
end

local function read_control(run, step)
  local entry, control = step.entry, step.control
  local read = control.value(control.raw())
  if controls.differs(entry.control, entry.value, read) then
    stop.conflict({entry.suggestion}, string.format("REAPER shows %s of the %s where %s was set", controls.shown(entry.control, read),
      controls.label(entry.control), controls.shown(entry.control, entry.value)))
  end
  note_value(run, entry.suggestion, entry.control, entry.value, read)
  table.insert(run.controls, {
    track = step.id, control = entry.control, before = control.value(step.before), after = read, raw = step.before,
  })
end

-- Effects -----------------------------------------------------------------------------------------------------------------------------

local function chain_of(run, step)
  run.chains[step.track] = run.chains[step.track] or {}
  return run.chains[step.track]
end

-- Where a new effect goes: in front of the next one of AMA that is there already, in the request's order; nil is the end.
local function place_of(run, step)
  for _, later in ipairs(run.later) do
    if later.track == step.track and later.reused then
      return later.reused.at
    end
  end
  return nil
end

-- Effects behind a new one move on; those that stand are told by the steps that use them again.
local function move_on(run, step, fx)
  for _, other in ipairs(chain_of(run, step)) do
    other.at = other.at >= fx.at and other.at + 1 or other.at
  end
  for _, later in ipairs(run.later) do
    if later.track == step.track and later.reused and later.reused.at >= fx.at then
      later.reused.at = later.reused.at + 1
    end
  end
  table.insert(chain_of(run, step), fx)
end

local function add_effect(run, step)
  local label = step.insert.label
  local fx = inserts.add(step.track, step.insert.device, run.known[step.insert.device], place_of(run, step))
  if not fx then
    local missing = step.insert.if_missing ~= "" and step.insert.if_missing or "this REAPER does not have the plugin " .. step.device.title
    stop.skip(suggestions_of(step), missing)
  end
  table.insert(run.undo, function() inserts.remove(step.track, fx.guid) end)
  inserts.rename(fx, label)
  move_on(run, step, fx)
  local ok, why = step.device.learn(run.known[step.insert.device], fx, true)
  if not ok then
    stop.skip(suggestions_of(step), why)
  end
  return fx
end

local function add_channels(run, step, fx)
  local before = sidechain.channels(step.track)
  local needed = sidechain.needed(before)
  if needed == before then
    return
  end
  table.insert(run.undo, function() sidechain.set_channels(step.track, before) end)
  if not sidechain.set_channels(step.track, needed) then
    stop.skip(suggestions_of(step), string.format("REAPER did not give the track %d channels", needed))
  end
  table.insert(run.inserted, {
    kind = "channels", track = step.id, before = before, after = needed, serves = fx.guid, label = step.insert.label,
  })
end

-- Lets a new compressor listen to another track; what was read of its detector.
local function listen(run, step, fx)
  add_channels(run, step, fx)
  if not sidechain.open_pins(fx) then
    stop.skip(suggestions_of(step), step.insert.label .. " does not get the channels 3/4")
  end
  local heard, why = step.device.hear(run.known[step.insert.device], fx)
  if not heard then
    stop.skip(suggestions_of(step), why)
  end
  local mode = sidechain.mode(step.trigger, run.ours)
  table.insert(run.undo, function() sidechain.disconnect(step.trigger, step.track, fx.guid, mode) end)
  local ok, problem = sidechain.connect(step.trigger, step.track, fx.guid, mode)
  if not ok then
    stop.skip(suggestions_of(step), problem)
  end
  table.insert(run.inserted, {
    kind = "send", track = step.trigger_id, to = step.id, serves = fx.guid, mode = mode, label = step.insert.label,
  })
  return heard
end

local function insert_new(run, step)
  local fx = add_effect(run, step)
  run.ours[fx.guid] = true
  local entry = {
    kind = "plugin", track = step.id, fx = fx.guid, device = step.insert.device, key = step.insert.key, label = step.insert.label,
  }
  table.insert(run.inserted, entry)
  local heard = step.trigger and listen(run, step, fx)
  local written = step.device.write(run.known[step.insert.device], fx, step, true)
  table.insert(written, heard or nil)
  run.written[#run.written + 1] = {kind = "insert", step = step, fx = fx, written = written, entry = entry}
end

-- AMA's own effect from an earlier plan gets the settings of this one, and is switched on.
local function set_anew(run, step)
  local fx, access = step.reused, params.of(step.device.kind)
  table.insert(chain_of(run, step), fx)
  table.insert(run.undo, function()
    params.put_back(inserts.found(step.track, fx.guid, step.insert.device), step.before)
  end)
  local was_off = access.raw(fx, "enabled") ~= "1"
  if was_off then
    access.put(fx, "enabled", "1")
  end
  local written = step.device.write(run.known[step.insert.device], fx, step, false)
  table.insert(written, was_off and {param = "enabled", loose = true} or nil)
  run.written[#run.written + 1] = {kind = "insert", step = step, fx = fx, written = written}
end

-- AMA's effect of an earlier plan is switched off.
local function switch_off(run, step)
  local fx, access = step.reused, params.of(step.device.kind)
  table.insert(chain_of(run, step), fx)
  table.insert(run.undo, function()
    access.put(inserts.found(step.track, fx.guid, step.insert.device), "enabled", "1")
  end)
  access.put(fx, "enabled", "0")
  run.written[#run.written + 1] = {kind = "off", step = step, fx = fx}
end

local function read_off(run, record)
  local step = record.step
  if params.of(step.device.kind).raw(record.fx, "enabled") ~= "0" then
    stop.conflict({step.suggestion}, "REAPER does not switch it off")
  end
  table.insert(run.changed, {
    track = step.id, fx = record.fx.guid, device = step.insert.device, key = step.insert.key, label = step.insert.label,
    settings = json.array({{param = "enabled", before = "1"}}),
  })
end

-- What one figure reads as, nil where nothing is shown.
local function read_figure(fx, one)
  local shown = params.of(fx.device.kind).shown(fx, one.param)
  return shown, shown ~= nil and one.read(shown) or nil
end

local function read_setting(run, fx, one)
  local shown, number = read_figure(fx, one)
  if not number or not display.matches(number, one.asked) then
    local ok, why = one.repair()
    if not ok then
      stop.skip({one.suggestion}, why)
    end
    shown, number = read_figure(fx, one)
  end
  if not number or not display.matches(number, one.asked) then
    stop.conflict({one.suggestion}, string.format("%s reads %s where %g was set", one.what, tostring(shown), one.asked))
  end
  one.shown = shown
  if fx.device.kind == "vst" then
    one.raw = one.raw or params.of("vst").raw(fx, one.param)
  end
  note_value(run, one.suggestion, one.what, one.asked, number.value)
end

local function values_of(written)
  local values = json.array()
  for _, one in ipairs(written) do
    values[#values + 1] = {param = one.param, shown = one.shown, raw = one.raw, loose = one.loose, what = one.what}
  end
  return values
end

-- Of all that could be put back, what this plan set or may have moved: {param, before, after, raw}. A switch that was on is the user's.
local function settings_of(step, written)
  local set, settings = {}, json.array()
  for _, one in ipairs(written) do
    set[one.param] = one
  end
  for _, setting in ipairs(step.before) do
    local param = setting.param
    local one = set[param] or step.device.settings and param ~= "enabled" and {}
    if one then
      settings[#settings + 1] = {param = param, before = setting.before, after = one.shown, raw = one.raw}
    end
  end
  return settings
end

local function read_insert(run, record)
  for _, one in ipairs(record.written) do
    if one.asked then
      read_setting(run, record.fx, one)
    end
  end
  if record.entry then
    record.entry.values = values_of(record.written)
    return
  end
  local step = record.step
  table.insert(run.changed, {
    track = step.id, fx = record.fx.guid, device = step.insert.device, key = step.insert.key, label = step.insert.label,
    settings = settings_of(step, record.written),
  })
end

-- All -------------------------------------------------------------------------------------------------------------------------------------

function changes.make(run, step)
  if step.kind == "control" then
    set_control(run, step)
  elseif step.kind == "off" then
    switch_off(run, step)
  elseif step.reused then
    set_anew(run, step)
  else
    insert_new(run, step)
  end
end

function changes.read_back(run, record)
  if record.kind == "control" then
    read_control(run, record)
  elseif record.kind == "off" then
    read_off(run, record)
  else
    read_insert(run, record)
  end
end

-- The step that something was written by.
function changes.step_of(record)
  return record.step or record
end

-- The suggestions that a step is for.
function changes.suggestions(step)
  if step.kind == "control" then
    return {step.entry.suggestion}
  end
  return step.kind == "off" and {step.suggestion} or suggestions_of(step)
end

return changes
