-- What AMA changed in this session and did not take back: which processors are AMA's, and how AMA left them.
local ids = include("ardour/ids")

local journal = {}

journal.SCHEMA = "ama.ardour.journal/1"

-- Whether a journal is of the open session: its folder, or its name where that folder is gone (a session that was moved).
function journal.is_here(entry)
  if entry.session_path == Session:path() then
    return true
  end
  local gone = not ARDOUR.LuaAPI.file_test(entry.session_path or "", ARDOUR.LuaAPI.FileTest.Exists)
  return gone and entry.session == Session:name()
end

function journal.here(journals)
  local found = {}
  for _, entry in ipairs(journals) do
    if journal.is_here(entry) then
      found[#found + 1] = entry
    end
  end
  return found
end

local function leave(left, settings)
  for _, setting in ipairs(settings) do
    left[setting.which] = setting.after or setting.value
  end
end

-- AMA's processors that are still there: processor id -> {id, track, key, uri, kind, label, left = {which -> value}}; of a send also `to`,
-- the track that hears it, and `serves`, the plugin there.
function journal.standing(journals)
  local standing = {}
  for _, entry in ipairs(journals) do
    for _, insert in ipairs(entry.inserted) do
      if ids.processor(insert.processor) then
        local kept = {
          id = insert.processor, track = insert.track, key = insert.key, uri = insert.uri, kind = insert.kind, label = insert.label,
          to = insert.to, serves = insert.serves, left = {},
        }
        leave(kept.left, insert.settings)
        standing[insert.processor] = kept
      end
    end
    for _, change in ipairs(entry.changed) do
      if standing[change.processor] then
        leave(standing[change.processor].left, change.settings)
      end
    end
  end
  return standing
end

-- AMA's processor for a key on a track, nil where there is none.
function journal.find(standing, track, key)
  for _, insert in pairs(standing) do
    if insert.track == track and insert.key == key then
      return insert
    end
  end
  return nil
end

return journal
