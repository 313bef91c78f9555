-- How AMA's scripts begin. Pressed again while one runs, it ends and begins anew, without REAPER's question about it; and what its action
-- is called here is noted for AMA.
local actions = include("reaper/actions")
local place = include("reaper/place")

local script = {}

local END_AND_BEGIN_ANEW = 1 | 2 -- of set_action_options

function script.begin(values, title)
  if reaper.set_action_options then -- REAPER 7
    reaper.set_action_options(END_AND_BEGIN_ANEW)
  end
  local given = place.open(values)
  if given then
    actions.note(given.box, title)
  end
end

return script
