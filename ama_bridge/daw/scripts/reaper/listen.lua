-- @description AMA Listen
-- @author AMA
-- @version 0.1.0
-- @about
--   Waits for a quarter of an hour for what AMA wants to apply or take back, while its window is open.
local values = include("values")

include("reaper/script").begin(values, "AMA Listen")
include("reaper/listen_action").run(values)
