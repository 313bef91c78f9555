-- @description AMA Export
-- @author AMA
-- @version 0.1.0
-- @about
--   Renders a stem of every track for AMA, which listens to them and suggests a mix. Nothing in the project changes.
--   Needs AMA itself on the same computer.
local values = include("values")

include("reaper/script").begin(values, "AMA Export")
include("reaper/export_action").run(values, function() end)
