-- AMA Listen: for when AMA shall find REAPER ready without an export.
local actions = include("reaper/actions")
local listening = include("reaper/listening")
local place = include("reaper/place")
local window = include("reaper/window")

local action = {}

function action.run(values)
  local given, why = place.open(values)
  if not given then
    window.warn("AMA Listen", why .. ".")
    return nil, why
  end
  return listening.run({box = given.box, values = given.values, actions = actions.known(given.box)})
end

return action
