-- What AMA changed in this session and did not take back: which processors are AMA's, and how AMA left them.
local ids = include("ardour/ids")
local inserts = include("ardour/inserts")

local journal = {}

journal.SCHEMA = "ama.ardour.journal/1"

-- Whether a journal is of the open session: its folder, or its name where that folder is gone (a session that was moved).
local function is_here(path, name)
  if path == Session:path() then
    return true
  end
  local gone = not ARDOUR.LuaAPI.file_test(path, ARDOUR.LuaAPI.FileTest.Exists)
  return gone and name == Session:name()
end

-- The journals of this session that are not taken back yet, oldest first.
function journal.here(box)
  return box:journals(is_here)
end

-- AMA's processor of a journal's entry, nil where it is gone or another one has its id now.
function journal.processor(entry)
  local processor, route = ids.processor(entry.processor), ids.route(entry.track)
  if processor and route and inserts.is_on(processor, route) and inserts.identity(processor) == entry.unique then
    return processor, route
  end
  return nil
end

local function leave(left, settings)
  for _, setting in ipairs(settings) do
    left[setting.which] = setting.after or setting.value
  end
end

-- AMA's processors that are still there: processor id -> {id, track, key, uri, kind, label, left = {which -> value}, base (the
-- settings with which it does nothing), plan (that set it last)}; of a send also `to`, the track that hears it, and `serves`, the plugin
-- there.
function journal.standing(journals)
  local standing = {}
  for _, entry in ipairs(journals) do
    for _, insert in ipairs(entry.inserted) do
      if journal.processor(insert) then
        local kept = {
          id = insert.processor, track = insert.track, key = insert.key, uri = insert.uri, kind = insert.kind, label = insert.label,
          to = insert.to, serves = insert.serves, left = {}, base = insert.base or {}, plan = entry.plan or "",
        }
        leave(kept.left, insert.settings)
        standing[insert.processor] = kept
      end
    end
    for _, change in ipairs(entry.changed) do
      if standing[change.processor] then
        leave(standing[change.processor].left, change.settings)
        standing[change.processor].plan = entry.plan or ""
      end
    end
  end
  return standing
end

return journal
