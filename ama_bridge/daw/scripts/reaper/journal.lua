-- What AMA changed in this project and did not take back: which effects are AMA's, and how AMA left them.
--
-- A journal: id, session, session_path, reverted, and
--   controls  {track, control, before, after, raw}            raw: REAPER's own numbers before, which go back exactly
--   inserted  {kind = "plugin", track, fx, device, key, label, values}
--             values: {param, shown, raw} as it was read (raw where it is known), {param, loose} may be anything
--             {kind = "channels", track, before, after, serves, label}     serves: the fx
--             {kind = "send", track, to, serves, mode, label}              a send from `track` to the track `to`
--   changed   {track, fx, device, key, label, settings}
--             settings: {param, before (raw), after (as it was shown; none where it may be anything), raw (after, where it is known)}
--   defaults  device -> {parameter, as text -> raw value of a new one}
local devices = include("reaper/devices")
local ids = include("reaper/ids")
local inserts = include("reaper/inserts")
local json = include("shared/json")
local params = include("reaper/params")
local project = include("reaper/project")

local journal = {}

journal.SCHEMA = "ama.reaper.journal/1"

-- Whether a journal can be of the open project: its file is the same, or is gone and was called the same (a project that was moved), or
-- there was none yet. `tracks` then decides.
local function may_be_here(path, name)
  local here = project.path()
  if path == "" or path == here then
    return true
  end
  return name == project.name() and not reaper.file_exists(path)
end

-- Whether one of a journal's tracks is in the project, for a journal of a project that had no file: GUIDs are nobody else's.
local function knows(entry, tracks)
  if entry.session_path ~= "" or project.path() == "" then
    return true
  end
  for _, list in ipairs({entry.controls, entry.inserted, entry.changed}) do
    for _, one in ipairs(list) do
      if one.track ~= ids.MASTER and tracks:track(one.track) then
        return true
      end
    end
  end
  return false
end

local INDEX, INDEX_SCHEMA, MOST_TAKEN = "journals.json", "ama.journals/1", 8

local function first_plugin(list)
  for _, one in ipairs(list) do
    if one.kind == "plugin" then
      return one
    end
  end
  return nil
end

-- Notes that a journal was taken back, of which effect one can tell that REAPER's undo took back the taking back, and what it was.
function journal.note_taken(box, entry)
  local plugin = first_plugin(entry.taken.inserted)
  local index = box:document(INDEX, INDEX_SCHEMA)
  if not plugin or not index then
    return
  end
  index.taken = index.taken or json.array()
  table.insert(index.taken, {
    id = entry.id, path = entry.session_path, name = entry.session, track = plugin.track, fx = plugin.fx,
  })
  while #index.taken > MOST_TAKEN do
    table.remove(index.taken, 1)
  end
  box:write(INDEX, index)
end

local function revive(box, id)
  local entry = box:journal(id)
  if not entry or not entry.taken then
    return
  end
  for name, list in pairs(entry.taken) do
    entry[name] = table.move(entry[name], 1, #entry[name], #list + 1, list)
  end
  entry.taken, entry.reverted = nil, false
  box:keep_journal(entry)
end

-- Journals that were taken back and whose effects stand again, for REAPER's undo goes over AMA Revert too.
local function revive_all(box, tracks)
  local index = box:document(INDEX, INDEX_SCHEMA)
  local rest, revived = json.array(), {}
  for _, one in ipairs(index and index.taken or {}) do
    local track = may_be_here(one.path, one.name) and tracks:track(one.track)
    if track and ids.effect(track, one.fx) then
      revived[#revived + 1] = one.id
    else
      rest[#rest + 1] = one
    end
  end
  if #revived > 0 then
    index.taken = rest
    box:write(INDEX, index)
    for _, id in ipairs(revived) do
      revive(box, id)
    end
  end
end

-- The journals of this project that are not taken back yet, oldest first.
function journal.here(box, tracks)
  local found = {}
  revive_all(box, tracks)
  for _, entry in ipairs(box:journals(may_be_here)) do
    if knows(entry, tracks) then
      found[#found + 1] = entry
    end
  end
  return found
end

local function note(left, param, shown, raw)
  left[param] = not json.absent(shown) and {shown = shown, raw = not json.absent(raw) and raw or nil}
end

-- How AMA left an effect: param -> {shown, raw}, false for what may be anything.
function journal.left(values)
  local left = {}
  for _, value in ipairs(values) do
    note(left, value.param, value.shown, value.raw)
  end
  return left
end

function journal.leave(left, settings)
  for _, setting in ipairs(settings) do
    note(left, setting.param, setting.after, setting.raw)
  end
  return left
end

-- AMA's effects that are still there: fx -> {track, at, guid, device (its name), key, label, left, defaults, hears (a track),
-- plan (that set it last), id and idle (as shared/earlier takes them)}.
function journal.standing(journals, tracks)
  local standing = {}
  for _, entry in ipairs(journals) do
    for _, one in ipairs(entry.inserted) do
      local track = one.kind == "plugin" and tracks:track(one.track)
      local at = track and ids.effect(track, one.fx)
      if at then
        standing[one.fx] = {
          track = one.track, at = at, guid = one.fx, device = one.device, key = one.key, label = one.label,
          left = journal.left(one.values), defaults = entry.defaults[one.device] or {}, plan = entry.plan or "", id = one.fx,
          idle = not reaper.TrackFX_GetEnabled(track, at),
        }
      elseif one.kind == "send" and standing[one.serves] then
        standing[one.serves].hears = one.track
      end
    end
    for _, change in ipairs(entry.changed) do
      if standing[change.fx] then
        journal.leave(standing[change.fx].left, change.settings)
        standing[change.fx].plan = entry.plan or ""
      end
    end
  end
  return standing
end

-- Where a value lies at the edge of two texts, either may be shown; and a plugin with steps may tell another raw value than it was given.
-- So a change is one of both.
local function is_left(access, fx, param, left)
  return access.same(access.shown(fx, param), left.shown) or left.raw ~= nil and access.same(access.raw(fx, param), left.raw)
end

-- Whether somebody turned something of an effect since AMA left it. A bypass is no change, one may switch it off to compare.
-- known: raw values by parameter that were read just now, where there are some.
function journal.touched(fx, left, defaults, known)
  local access = params.of(fx.device.kind)
  for param, one in pairs(left) do
    if one and not is_left(access, fx, param, one) then
      return true
    end
  end
  for name, raw in pairs(defaults) do
    local param = math.tointeger(tonumber(name)) or name
    if left[param] == nil and not access.same(known and known[param] or access.raw(fx, param), raw) then
      return true
    end
  end
  return false
end

-- The effect of an entry as it stands now, or nil.
function journal.effect(entry, tracks)
  local track = tracks:track(entry.track)
  return track and devices.of(entry.device) and inserts.found(track, entry.fx, entry.device) or nil
end

return journal
