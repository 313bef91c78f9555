-- @description AMA Apply
-- @author AMA
-- @version 0.1.0
-- @about
--   Shows what AMA suggests, sets what you tick in one undo step, and reads every value back. AMA Revert takes it back.
local values = include("values")

include("reaper/script").begin(values, "AMA Apply")
include("reaper/apply_action").run(values)
