-- Applies a request to the open session: survey, scene and journal, then the changes, each read back. No dialogs here.
--
-- All or nothing for each suggestion: when one fails in the middle, everything of this run is undone, that suggestion is left out, and the
-- rest begins anew. So nothing is ever half done, and values that hold only without it are found again.
local controls = include("ardour/controls")
local earlier = include("shared/earlier")
local fates_module = include("shared/fates")
local request = include("ardour/request")
local files = include("shared/files")
local ids = include("ardour/ids")
local inserts = include("ardour/inserts")
local journal = include("ardour/journal")
local json = include("shared/json")
local scenes = include("ardour/scenes")
local sidechain = include("ardour/sidechain")
local survey = include("ardour/survey")

local apply = {}

-- One run: what is to be undone (newest last), what the journal tells, what was written.
local function new_run(standing)
  return {
    undo = {}, controls = json.array(), inserted = json.array(), changed = json.array(), values = {}, written = {}, standing = standing,
  }
end

local function undo_all(run)
  for at = #run.undo, 1, -1 do
    run.undo[at]()
  end
end

-- Stops a run: the suggestions and how they end.
local function give_up(suggestions, how, reason)
  error({suggestions = suggestions, how = how, reason = reason}, 0)
end

local function suggestions_of(parts)
  local found = {}
  for at, part in ipairs(parts) do
    found[at] = part.suggestion
  end
  return found
end

local function set_control(run, step)
  local entry, control = step.entry, step.control
  local name = controls.label(entry.control)
  table.insert(run.undo, function() control.set(step.before) end)
  control.set(step.value)
  local read = control.get()
  if controls.differs(entry.control, step.value, read) then
    give_up({entry.suggestion}, "conflict", string.format("Ardour shows %s of the %s where %s was set",
      controls.shown(entry.control, read), name, controls.shown(entry.control, step.value)))
  end
  table.insert(run.controls, {track = step.track, control = entry.control, before = step.before, after = read})
  table.insert(run.written, {suggestion = entry.suggestion, what = entry.control, asked = step.value, get = control.get,
    differs = function(a, b) return controls.differs(entry.control, a, b) end})
end

-- Where a new plugin goes: before the next one of AMA that is there already, in the request's order; nil is the fader.
local function goes_before(run, step)
  for _, later in ipairs(run.later) do
    if later.track == step.track and later.reused then
      return later.reused.id
    end
  end
  return nil
end

local function put_insert(run, step)
  local label, all = step.insert.label, suggestions_of(step.parts)
  local processor = inserts.made(step.insert.type, step.uri)
  if not processor or not inserts.put(step.route, processor, goes_before(run, step)) then
    give_up(all, "skip", "Ardour does not take " .. label .. " on this track")
  end
  table.insert(run.undo, function() inserts.remove(step.route, processor) end)
  return processor
end

-- AMA's first processor on a route: what listens to a track hears it without AMA's own plugins.
local function first_of_ama(run, route)
  local ours = {}
  for _, one in ipairs(run.inserted) do
    ours[one.processor] = true
  end
  for _, processor in ipairs(ids.processors(route)) do
    local id = ids.of(processor)
    if (ours[id] or run.standing[id]) and not ids.there(processor:to_send()) then
      return processor
    end
  end
  return nil
end

local function listen(run, step, processor)
  local send, why = sidechain.connect(step.route, processor, step.trigger, first_of_ama(run, step.trigger))
  if not send then
    give_up(suggestions_of(step.parts), "skip", why)
  end
  table.insert(run.undo, function() inserts.remove(step.trigger, send) end)
  table.insert(run.inserted, {track = ids.of(step.trigger), processor = ids.of(send), unique = inserts.identity(send), uri = "",
    key = "", label = step.insert.label,
    kind = "send", to = ids.of(step.route), serves = ids.of(processor), settings = json.array()})
end

local function write_setting(processor, setting, label, suggestions)
  if not inserts.set(processor, setting.which, setting.value) then
    give_up(suggestions, "skip", string.format("%s does not take %g for its control %d", label, setting.value, setting.which))
  end
  local read = inserts.get(processor, setting.which)
  if read == nil or inserts.differs(read, setting.value) then
    give_up(suggestions, "conflict", string.format("control %d of %s reads %s where %g was set", setting.which, label, tostring(read),
      setting.value))
  end
  return read
end

-- base, then the parts; later values win. Returns which -> value as it was read last.
local function write_settings(run, step, processor)
  local left, label = {}, step.insert.label
  for _, setting in ipairs(step.insert.base) do
    left[setting.which] = write_setting(processor, setting, label, suggestions_of(step.parts))
  end
  for _, part in ipairs(step.parts) do
    for _, setting in ipairs(part.settings) do
      left[setting.which] = write_setting(processor, setting, label, {part.suggestion})
      table.insert(run.written, {suggestion = part.suggestion, what = string.format("%s %d", label, setting.which), asked = setting.value,
        get = function() return inserts.get(processor, setting.which) end, differs = inserts.differs})
    end
  end
  return left
end

local function settings_list(left)
  local list = json.array()
  for which, value in pairs(left) do
    list[#list + 1] = {which = which, value = value}
  end
  table.sort(list, function(a, b) return a.which < b.which end)
  return list
end

local function insert_new(run, step)
  local processor = put_insert(run, step)
  local entry = {track = step.track, name = step.route:name(), processor = ids.of(processor), unique = inserts.identity(processor),
    uri = step.uri, key = step.insert.key, label = step.insert.label, kind = "plugin", base = json.array(step.insert.base)}
  table.insert(run.inserted, entry)
  if step.trigger then
    listen(run, step, processor)
  end
  entry.settings = settings_list(write_settings(run, step, processor))
end

-- which -> value as it is now, of all that a step is going to set.
local function present(step, processor)
  local now = {}
  local function note(settings)
    for _, setting in ipairs(settings) do
      now[setting.which] = inserts.get(processor, setting.which)
    end
  end
  note(step.insert.base)
  for _, part in ipairs(step.parts) do
    note(part.settings)
  end
  return now
end

-- AMA's own plugin from an earlier plan gets the settings of this one.
local function set_anew(run, step)
  local processor = ids.processor(step.reused.id)
  local before = present(step, processor)
  table.insert(run.undo, function()
    for which, value in pairs(before) do
      inserts.set(processor, which, value)
    end
  end)
  local left, list = write_settings(run, step, processor), json.array()
  for _, setting in ipairs(settings_list(left)) do
    list[#list + 1] = {which = setting.which, before = before[setting.which], after = setting.value}
  end
  table.insert(run.changed, {track = step.track, processor = step.reused.id, unique = inserts.identity(processor), uri = step.uri,
    key = step.insert.key, label = step.insert.label, settings = list})
end

local function change(run, step)
  if step.kind == "control" then
    set_control(run, step)
  elseif step.reused then
    set_anew(run, step)
  else
    insert_new(run, step)
  end
end

-- Reads everything once more when all stands: a value that another one moved is found here.
local function read_back(run)
  for _, written in ipairs(run.written) do
    local read = written.get()
    if read == nil or written.differs(written.asked, read) then
      give_up({written.suggestion}, "conflict", string.format("%s reads %s where %g was set", written.what, tostring(read), written.asked))
    end
    run.values[written.suggestion] = run.values[written.suggestion] or {}
    table.insert(run.values[written.suggestion], {what = written.what, asked = written.asked, read = read})
  end
end

local function try(run, steps)
  for at, step in ipairs(steps) do
    run.later = table.move(steps, at + 1, #steps, 1, {})
    change(run, step)
  end
  read_back(run)
end

-- No send of ours may vanish while new ones are made, see sidechain.settle.
local function prepare(steps)
  for _, step in ipairs(steps) do
    if step.trigger and not step.reused then
      sidechain.settle()
      collectgarbage("stop")
      return
    end
  end
end

local function journal_of(asked, box, run, scene)
  return {
    schema = journal.SCHEMA, id = box:free_id(asked.id), plan = asked.plan, session = Session:name(), session_path = Session:path(),
    scene = scene.number, scene_name = scene.name, controls = run.controls, inserted = run.inserted, changed = run.changed,
    reverted = false,
  }
end

-- Before anything changes, the journal tells what the controls are and what they are going to be; plugins get ids when they are there.
local function planned(steps)
  local run = new_run({})
  for _, step in ipairs(steps) do
    if step.kind == "control" then
      table.insert(run.controls, {track = step.track, control = step.entry.control, before = step.before, after = step.value})
    end
  end
  return run
end

local function stopped(fates, trouble)
  if type(trouble) ~= "table" then
    fates:skip_all("AMA's script stopped: " .. tostring(trouble))
    return
  end
  for _, id in ipairs(trouble.suggestions) do
    fates[trouble.how](fates, id, trouble.reason)
  end
end

local function nothing(asked, fates)
  return fates:result(asked.id, {}, "")
end

-- Adds to a request what is to become of AMA's plugins of earlier plans.
function apply.offer_earlier(asked, box)
  earlier.offer(asked, survey.plugins(journal.standing(journal.here(box))), survey.name_of)
end

-- Applies the ticked suggestions (a set of ids). Returns the result document; posts it and the journal to the box.
function apply.run(asked, ticked, box)
  local fates = fates_module.of(asked, ticked, request.NOT_TICKED)
  local standing = journal.standing(journal.here(box))
  fates.notes = earlier.left_standing(asked, survey.plugins(standing), ticked, survey.name_of)
  local steps = survey.steps(asked, fates, standing)
  if not fates:any_going() then
    return nothing(asked, fates)
  end
  local scene = scenes.store(asked.id)
  local entry = journal_of(asked, box, planned(steps), scene)
  local path, why = box:keep_journal(entry)
  if path == "" and files.writable() then
    scenes.drop(scene)
    fates:skip_all("the journal cannot be written: " .. tostring(why))
    return nothing(asked, fates)
  end
  while fates:any_going() do
    local run = new_run(standing)
    prepare(steps)
    local ok, trouble = pcall(try, run, steps)
    collectgarbage("restart")
    if ok then
      entry.controls, entry.inserted, entry.changed = run.controls, run.inserted, run.changed
      path = box:keep_journal(entry)
      return fates:result(asked.id, run.values, path)
    end
    undo_all(run)
    stopped(fates, trouble)
    steps = survey.steps(asked, fates, standing)
  end
  entry.controls, entry.inserted, entry.changed, entry.reverted = json.array(), json.array(), json.array(), true
  box:keep_journal(entry)
  scenes.drop(scene)
  return nothing(asked, fates)
end

return apply
