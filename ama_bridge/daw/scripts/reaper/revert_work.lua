-- Takes back a plan that is not taken back yet, in one step of REAPER's undo: what AMA set goes back where it is still as AMA left it, what
-- AMA inserted goes. No windows here. What somebody changed since stays, and is told, unless it is forced by name.
local block = include("reaper/block")
local controls = include("reaper/controls")
local ids = include("reaper/ids")
local inserts = include("reaper/inserts")
local journal = include("reaper/journal")
local json = include("shared/json")
local params = include("reaper/params")
local sidechain = include("reaper/sidechain")
local mailbox = include("shared/mailbox")

local revert = {}

local SCHEMA = "ama.taken_back/1"

local function item_of(entry, what, tracks)
  return {what = what, track = entry.track, name = tracks:name(entry.track)}
end

local function same_raw(track, raw)
  for parameter, value in pairs(raw) do
    if reaper.GetMediaTrackInfo_Value(track, parameter) ~= value then
      return false
    end
  end
  return true
end

local function control_item(entry, tracks)
  local item = item_of(entry, controls.label(entry.control), tracks)
  local track = tracks:track(entry.track)
  local control = track and controls.of(track, entry.control)
  if not control then
    item.state = "gone"
    return item
  end
  local name, now = entry.control, control.value(control.raw())
  if not controls.differs(name, now, entry.before) and controls.differs(name, entry.after, entry.before) then
    item.state = "done"
  elseif controls.differs(name, now, entry.after) then
    item.state, item.reason = "conflict", string.format("it was moved since (%s, AMA had set %s)", controls.shown(name, now),
      controls.shown(name, entry.after))
  else
    item.reason = control.held()
    item.state = item.reason and "conflict" or "ready"
  end
  item.undo = function()
    controls.restore(track, entry.raw)
    return same_raw(track, entry.raw)
  end
  return item
end

local BY_HAND = "it was changed by hand since AMA set it"

local function plugin_item(entry, tracks, defaults)
  local item, fx = item_of(entry, entry.label, tracks), journal.effect(entry, tracks)
  if not fx then
    item.state = "gone"
    return item
  end
  item.state = "ready"
  if journal.touched(fx, journal.left(entry.values), defaults[entry.device] or {}) then
    item.state, item.reason = "conflict", BY_HAND
  end
  item.undo = function() return inserts.remove(fx.track, entry.fx) end
  return item
end

-- The effect goes on listening as long as it stays.
local function send_item(entry, tracks)
  local item = item_of(entry, "send to " .. entry.label, tracks)
  local trigger, listener = tracks:track(entry.track), tracks:track(entry.to)
  local at = trigger and listener and sidechain.find(trigger, listener, entry.serves, entry.mode)
  if not at then
    item.state = "gone"
    return item
  end
  item.state = "ready"
  if sidechain.touched(trigger, at, entry.mode) then
    item.state, item.reason = "conflict", BY_HAND
  end
  item.undo = function() return sidechain.disconnect(trigger, listener, entry.serves, entry.mode) end
  return item
end

local function channels_item(entry, tracks)
  local item = item_of(entry, "channels for " .. entry.label, tracks)
  local track = tracks:track(entry.track)
  if not track then
    item.state = "gone"
    return item
  end
  local now = sidechain.channels(track)
  item.state = now == entry.before and "done" or "ready"
  if item.state == "ready" and now ~= entry.after then
    item.state, item.reason = "conflict", string.format("the track has %d channels since", now)
  end
  item.undo = function() return sidechain.set_channels(track, entry.before) end
  -- Another send may have come there; AMA's own is gone when this is asked.
  item.obstacle = function()
    return sidechain.in_use(track) and "something else uses the track's channels 3/4 since" or nil
  end
  return item
end

local INSERTED = {plugin = plugin_item, send = send_item, channels = channels_item}

local function changed_item(entry, tracks)
  local item, fx = item_of(entry, entry.label, tracks), journal.effect(entry, tracks)
  if not fx then
    item.state = "gone"
    return item
  end
  item.state = "ready"
  if journal.touched(fx, journal.leave({}, entry.settings), {}) then
    item.state, item.reason = "conflict", BY_HAND
  end
  item.undo = function() return params.put_back(fx, entry.settings) end
  return item
end

local function add_all(items, list, make)
  for at = #list, 1, -1 do
    local item = make(list[at])
    item.entry = list[at]
    items[#items + 1] = item
  end
end

-- What a journal has to take back, last done first: {what, track, name, state (ready, done, gone, conflict), reason, undo, entry};
-- `follows` of a send or of channels is the item of the effect that they are for.
function revert.items(entry, tracks)
  local items, effects = {}, {}
  add_all(items, entry.controls, function(one) return control_item(one, tracks) end)
  add_all(items, entry.changed, function(one) return changed_item(one, tracks) end)
  add_all(items, entry.inserted, function(one) return INSERTED[one.kind](one, tracks, entry.defaults or {}) end)
  for _, item in ipairs(items) do
    if item.entry.kind == "plugin" then
      effects[item.entry.fx] = item
    end
  end
  for _, item in ipairs(items) do
    item.follows = item.entry.serves and effects[item.entry.serves]
  end
  return items
end

-- The newest journal of this project, or the one of that id; nil where there is none.
function revert.newest(box, id, tracks)
  return mailbox.newest(journal.here(box, tracks), id)
end

local function take_back(item)
  local ok, undone = pcall(item.undo)
  if not ok then
    return "REAPER refused: " .. tostring(undone)
  end
  return not undone and "REAPER did not take it back" or nil
end

-- Why an item stays by what others have changed, nil where it may go.
local function left_alone(item, forced)
  if item.follows and item.follows.state == "conflict" and not forced[item.follows.entry] then
    return item.state ~= "gone" and item.follows.what .. " stays, so this does" or nil
  elseif item.state == "conflict" and not forced[item.entry] then
    return item.reason
  end
  return nil
end

-- Why an item stays when it is its turn, nil where it goes.
local function kept_for(item, forced)
  local reason = left_alone(item, forced)
  if not reason and item.state == "ready" and item.obstacle then
    return item.obstacle()
  end
  return reason
end

-- Leaves in the journal what stays, and beside it what was taken back.
local function close(entry, kept)
  entry.taken, entry.reverted = {}, true
  for _, name in ipairs({"controls", "inserted", "changed"}) do
    local left, taken = json.array(), json.array()
    for _, one in ipairs(entry[name]) do
      table.insert(kept[one] and left or taken, one)
    end
    entry[name], entry.taken[name] = left, taken
  end
end

local function take_all(items, forced, report, kept)
  for _, item in ipairs(items) do
    local line = {what = item.what, track = item.track, name = item.name}
    local reason = kept_for(item, forced)
    if not reason and (item.state == "ready" or item.state == "conflict") then
      reason = take_back(item)
    end
    if reason then
      line.reason, kept[item.entry] = reason, true
      table.insert(report.conflicting, line)
    else
      table.insert(item.state == "gone" and report.gone or report.restored, line)
    end
  end
end

-- Where all stays as it is there is no undo point.
local function anything_to_do(items, forced)
  for _, item in ipairs(items) do
    if (item.state == "ready" or item.state == "conflict") and not left_alone(item, forced) then
      return true
    end
  end
  return false
end

-- Takes a journal back; `forced` is a set of entries that go back although they were changed. Returns the report.
function revert.run(box, entry, forced, tracks)
  local report = {
    schema = SCHEMA, id = entry.id, restored = json.array(), gone = json.array(), conflicting = json.array(), reason = "",
  }
  local kept, items = {}, revert.items(entry, tracks)
  local function work()
    take_all(items, forced, report, kept)
  end
  local ok, trouble = true, nil
  if anything_to_do(items, forced) then
    ok, trouble = block.run(work, function() return "AMA: take back what AMA set" end)
  else
    work()
  end
  if not ok then
    report.reason = "AMA's script stopped: " .. tostring(trouble)
    return report
  end
  close(entry, kept)
  box:keep_journal(entry)
  journal.note_taken(box, entry)
  return report
end

revert.SCHEMA, revert.tracks = SCHEMA, ids.tracks

return revert
