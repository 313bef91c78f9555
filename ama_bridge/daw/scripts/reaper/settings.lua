-- @description AMA Settings
-- @author AMA
-- @version 0.1.0
-- @about
--   Where AMA's mailbox is, how AMA is started, what is exported and whose effects are set; and whether AMA runs.
local values = include("values")

include("reaper/script").begin(values, "AMA Settings")
include("reaper/settings_action").run(values)
