-- @description AMA Revert
-- @author AMA
-- @version 0.1.0
-- @about
--   Takes back what AMA Apply set and inserted last, where nobody changed it since, in one undo step.
local values = include("values")

include("reaper/script").begin(values, "AMA Revert")
include("reaper/revert_action").run(values)
