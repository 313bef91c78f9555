-- @description AMA Apply
-- @author AMA
-- @about
--   Shows what AMA suggests, sets what you tick in one undo step, and reads every value back. AMA Revert takes it back.
local values = include("values")
local action = include("reaper/apply_action")

action.run(values)
