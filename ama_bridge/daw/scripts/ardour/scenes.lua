-- A mixer scene of Ardour (7.0 and later) as it was before AMA changed anything: a second way back, by hand.
local scenes = {}

local SLOTS = 12 -- that many have a place and a key in Ardour's window
local NONE = -1

local function available()
  return Session.store_nth_mixer_scene ~= nil and Session.nth_mixer_scene ~= nil and Session.nth_mixer_scene_valid ~= nil
end

-- {number (from 0, -1 for none), name}. The last free slot: people begin with the first.
function scenes.store(id)
  if not available() then
    return {number = NONE, name = ""}
  end
  for number = SLOTS - 1, 0, -1 do
    if not Session:nth_mixer_scene_valid(number) then
      local name = "Before AMA " .. id
      Session:store_nth_mixer_scene(number)
      Session:nth_mixer_scene(number, true):set_name(name)
      return {number = number, name = name}
    end
  end
  return {number = NONE, name = ""}
end

-- Empties the slot if it still holds that scene.
function scenes.drop(scene)
  if scene.number == NONE or not available() or not Session:nth_mixer_scene_valid(scene.number) then
    return
  end
  local kept = Session:nth_mixer_scene(scene.number, false)
  if not kept:isnil() and kept:name() == scene.name then
    kept:clear()
  end
end

return scenes
