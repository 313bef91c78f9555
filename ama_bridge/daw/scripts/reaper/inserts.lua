-- AMA's effects on a track: added behind the user's own, named, found again by their GUID, taken away.
local devices = include("reaper/devices")
local ids = include("reaper/ids")

local inserts = {}

local AT_THE_END, AT = -1, -1000 -- TrackFX_AddByName: a new one at the end, or at the place -1000 - n
local HIDE_WINDOW = 2 -- where "Auto-float newly created FX windows" is on, each would stand on the screen

-- An effect that has just been added; without a GUID it could never be found again, so it goes at once.
local function identified(track, at, device)
  local ok, guid = pcall(reaper.TrackFX_GetFXGUID, track, at)
  if ok and guid and guid ~= "" then
    return {track = track, at = at, guid = guid, device = device}
  end
  reaper.TrackFX_Delete(track, at)
  error(not ok and guid or "an effect without a GUID", 0)
end

-- A new effect {track, at, guid, device}, or nil where REAPER has none of its names. known: what was learned of the device in this run.
function inserts.add(track, device_name, known, place)
  local device = devices.of(device_name)
  for _, name in ipairs(known.name and {known.name} or device.names) do
    local at = reaper.TrackFX_AddByName(track, name, false, place and AT - place or AT_THE_END)
    if at >= 0 then
      known.name = name
      return identified(track, at, device)
    end
  end
  return nil
end

-- The name in the chain, and no window; a REAPER that cannot rename keeps the plugin's own, which does no harm.
function inserts.rename(fx, label)
  reaper.TrackFX_SetNamedConfigParm(fx.track, fx.at, "renamed_name", label)
  reaper.TrackFX_Show(fx.track, fx.at, HIDE_WINDOW)
end

-- Takes an effect away, wherever in the chain it is by now: whether it is gone then.
function inserts.remove(track, guid)
  local at = ids.effect(track, guid)
  return at == nil or reaper.TrackFX_Delete(track, at) and ids.effect(track, guid) == nil
end

-- An effect of the project as it stands, or nil.
function inserts.found(track, guid, device_name)
  local at = ids.effect(track, guid)
  return at and {track = track, at = at, guid = guid, device = devices.of(device_name)} or nil
end

return inserts
