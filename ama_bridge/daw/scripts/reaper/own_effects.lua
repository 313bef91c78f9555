-- AMA's own effects that stand in the project, as the journals tell: a plan is for the sound without them, since it sets them anew.
local ids = include("reaper/ids")

local own = {}

-- The GUIDs of effects that AMA has put in and not taken back, as a set.
function own.standing(box)
  local found = {}
  for _, journal in ipairs(box:journals(function() return true end)) do
    for _, entry in ipairs(journal.inserted or {}) do
      if entry.fx then
        found[entry.fx] = true
      end
    end
  end
  return found
end

-- Those of them that are switched on, on any of the tracks: {track, guid}.
local function awake(tracks, standing)
  local found = {}
  for _, track in ipairs(tracks) do
    for at = 0, reaper.TrackFX_GetCount(track) - 1 do
      local guid = reaper.TrackFX_GetFXGUID(track, at)
      if standing[guid] and reaper.TrackFX_GetEnabled(track, at) then
        found[#found + 1] = {track = track, guid = guid}
      end
    end
  end
  return found
end

local function switch(one, on)
  local at = ids.there(one.track) and ids.effect(one.track, one.guid)
  if at then
    reaper.TrackFX_SetEnabled(one.track, at, on)
  end
end

-- Switches them off; guard (reaper/cleanup) switches them on again. No undo block: before REAPER goes on all is as it was, and a point that
-- changes nothing is none that a user wants.
function own.asleep(tracks, standing, guard)
  for _, one in ipairs(awake(tracks, standing)) do
    guard:add(function() switch(one, true) end)
    switch(one, false)
  end
end

return own
