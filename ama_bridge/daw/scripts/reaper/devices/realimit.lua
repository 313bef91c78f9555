-- ReaLimit, for the master. Its threshold is what is raised to the ceiling: the limiter's gain is their difference.
local named = include("reaper/devices/named")

return named.device({
  title = "ReaLimit",
  names = {"VST: ReaLimit (Cockos)", "ReaLimit"},
  values = {
    threshold_db = {names = {"threshold", "thresh"}, unit = "db", guess = function(db) return (db + 60) / 72 end},
    ceiling_db = {names = {"ceiling", "brickwall ceiling"}, unit = "db"},
    release_ms = {names = {"release"}, unit = "ms"},
  },
  needs = {"threshold_db", "ceiling_db", "release_ms"},
  base = {},
})
