-- REAPER's tracks and effects by their GUIDs. "master" is the master track; every other id is the text of a GUID, "{8B6F...}".
--
-- Pointers are good for one run of a script: `ids.tracks()` reads them all in one pass, and whoever works on finds them there.
local ids = {}

ids.MASTER = "master"
ids.PROJECT = 0 -- the project in front

local Tracks = {}
Tracks.__index = Tracks

-- The project's tracks as they are now.
function ids.tracks()
  local self = setmetatable({by_guid = {}, guids = {}}, Tracks)
  for at = 0, reaper.CountTracks(ids.PROJECT) - 1 do
    local track = reaper.GetTrack(ids.PROJECT, at)
    if track then
      local guid = reaper.GetTrackGUID(track)
      self.by_guid[guid] = track
      self.guids[#self.guids + 1] = guid
    end
  end
  return self
end

-- The track of an id, or nil.
function Tracks:track(id)
  if id == ids.MASTER then
    self.master = self.master or reaper.GetMasterTrack(ids.PROJECT)
    return self.master
  end
  return self.by_guid[id]
end

-- The ids of the tracks that lie in a folder, one level down.
function Tracks:inside(folder)
  local found, guid = {}, reaper.GetTrackGUID(folder)
  for _, id in ipairs(self.guids) do
    local parent = reaper.GetParentTrack(self.by_guid[id])
    if parent and reaper.GetTrackGUID(parent) == guid then
      found[#found + 1] = id
    end
  end
  return found
end

function Tracks:name(id)
  local track = self:track(id)
  if not track then
    return "a track that is gone"
  elseif id == ids.MASTER then
    return "Master"
  end
  local _, name = reaper.GetTrackName(track)
  return name
end

-- The id of the only track of a name, or nil and why not.
function Tracks:named(name)
  if not self.by_name then
    self.by_name = {}
    for _, guid in ipairs(self.guids) do
      local own = self:name(guid)
      self.by_name[own] = self.by_name[own] and "two" or guid
    end
  end
  local found = self.by_name[name]
  if not found then
    return nil, string.format('there is no track named "%s" in this project', name)
  elseif found == "two" then
    return nil, string.format('more than one track is named "%s"', name)
  end
  return found
end

-- Whether a track is still in the project.
function ids.there(track)
  return reaper.ValidatePtr2(ids.PROJECT, track, "MediaTrack*")
end

-- The place of an effect in its track's chain, or nil where it is not there.
function ids.effect(track, guid)
  for at = 0, reaper.TrackFX_GetCount(track) - 1 do
    if reaper.TrackFX_GetFXGUID(track, at) == guid then
      return at
    end
  end
  return nil
end

return ids
