-- @description AMA Revert
-- @author AMA
-- @about
--   Takes back what AMA Apply set and inserted last, where nobody changed it since, in one undo step.
local values = include("values")
local action = include("reaper/revert_action")

action.run(values)
