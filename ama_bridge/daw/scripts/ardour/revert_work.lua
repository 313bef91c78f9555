-- Takes back the newest plan that is not taken back yet: what AMA set goes back where it is still as AMA left it, what AMA inserted goes.
-- No dialogs here. What somebody changed since stays, and is told, unless it is forced by name.
local controls = include("ardour/controls")
local ids = include("ardour/ids")
local inserts = include("ardour/inserts")
local journal = include("ardour/journal")
local json = include("shared/json")
local scenes = include("ardour/scenes")
local survey = include("ardour/survey")
local mailbox = include("shared/mailbox")

local revert = {}

local function name_of(track)
  local route = ids.route(track)
  return route and route:name() or "a track that is gone"
end

local function control_item(entry)
  local item = {what = controls.label(entry.control), track = entry.track, name = name_of(entry.track)}
  local route = ids.route(entry.track)
  local control = route and controls.of(route, entry.control)
  if not control then
    item.state = "gone"
    return item
  end
  local now = control.get()
  if not controls.moved(entry.control, now, entry.before) and controls.moved(entry.control, entry.after, entry.before) then
    item.state = "done"
  elseif controls.moved(entry.control, now, entry.after) then
    item.state, item.reason = "conflict", string.format("it was moved since (%s, AMA had set %s)", controls.shown(entry.control, now),
      controls.shown(entry.control, entry.after))
  else
    item.reason = control.held()
    item.state = item.reason and "conflict" or "ready"
  end
  item.undo = function()
    control.set(entry.before)
    return not controls.differs(entry.control, control.get(), entry.before)
  end
  return item
end

local function left_of(settings)
  local left = {}
  for _, setting in ipairs(settings) do
    left[setting.which] = setting.after or setting.value
  end
  return left
end

local function processor_item(entry)
  local item = {what = entry.label, track = entry.track, name = name_of(entry.track)}
  local processor, route = journal.processor(entry)
  if not processor then
    item.state = "gone"
    return item, nil, nil
  end
  item.state = "ready"
  if survey.touched(processor, left_of(entry.settings)) then
    item.state, item.reason = "conflict", "it was changed by hand since AMA set it"
  end
  return item, route, processor
end

local function inserted_item(entry)
  local item, route, processor = processor_item(entry)
  if processor then
    item.undo = function() return inserts.remove(route, processor) end
  end
  if entry.kind == "send" then
    item.what = "send to " .. entry.label
  end
  return item
end

local function changed_item(entry)
  local item, _, processor = processor_item(entry)
  if processor then
    item.undo = function()
      local ok = true
      for _, setting in ipairs(entry.settings) do
        inserts.set(processor, setting.which, setting.before)
        ok = ok and not inserts.differs(inserts.get(processor, setting.which), setting.before)
      end
      return ok
    end
  end
  return item
end

-- What a journal has to take back, last done first: {what, track, name, state (ready, done, gone, conflict), reason, undo, entry, list}.
function revert.items(entry)
  local items = {}
  local function add(list, make)
    for at = #list, 1, -1 do
      local item = make(list[at])
      item.entry, item.list = list[at], list
      items[#items + 1] = item
    end
  end
  add(entry.controls, control_item)
  add(entry.changed, changed_item)
  add(entry.inserted, inserted_item)
  return items
end

-- The newest journal of this session, or the one of that id; nil where there is none.
function revert.newest(box, id)
  return mailbox.newest(journal.here(box), id)
end

local function take_back(item)
  local ok, undone = pcall(item.undo)
  if not ok then
    return "Ardour refused: " .. tostring(undone)
  end
  return not undone and "Ardour did not take it back" or nil
end

local function remaining(entry, kept)
  local left = {}
  for _, name in ipairs({"controls", "inserted", "changed"}) do
    left[name] = json.array()
    for _, one in ipairs(entry[name]) do
      if kept[one] then
        table.insert(left[name], one)
      end
    end
  end
  return left
end

-- Takes a journal back; `forced` is a set of entries that go back although they were changed. Returns the report, which is posted too.
function revert.run(box, entry, forced)
  local report = {
    schema = "ama.taken_back/1", id = entry.id, restored = json.array(), gone = json.array(), conflicting = json.array(),
  }
  local kept = {}
  for _, item in ipairs(revert.items(entry)) do
    local line = {what = item.what, track = item.track, name = item.name}
    local reason = item.state == "conflict" and not forced[item.entry] and item.reason or nil
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
  scenes.drop({number = entry.scene, name = entry.scene_name})
  local left = remaining(entry, kept)
  entry.controls, entry.inserted, entry.changed, entry.reverted = left.controls, left.inserted, left.changed, true
  box:keep_journal(entry)
  return report
end

return revert
