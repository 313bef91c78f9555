-- ReaComp. Names of parameters as REAPER 7.79 has them; curves as other projects read them back, each checked anew by what it shows.
-- Its output "Wet" is the make-up gain. How it sounds is not verified: its detector's law is closed.
local named = include("reaper/devices/named")

local function amplitude(db)
  return 10 ^ (db / 20) / 2 -- 0 dB in the middle, +6 dB at the top
end

local TRIES = {} -- where the choices of the detector may lie: close together at the bottom, or spread over the range
for at = 0, 16 do
  TRIES[#TRIES + 1] = at / 1084
end
for at = 1, 32 do
  TRIES[#TRIES + 1] = at / 32
end

return named.device({
  title = "ReaComp",
  names = {"VST: ReaComp (Cockos)", "ReaComp"},
  values = {
    threshold_db = {names = {"threshold", "thresh"}, unit = "db", guess = amplitude},
    ratio = {names = {"ratio"}, unit = "ratio", guess = function(ratio) return (ratio - 1) / 99 end},
    attack_ms = {names = {"attack"}, unit = "ms", guess = function(ms) return ms / 500 end},
    release_ms = {names = {"release"}, unit = "ms", guess = function(ms) return ms / 5000 end},
    knee_db = {names = {"knee", "knee size"}, unit = "db", guess = function(db) return db / 24 end},
    makeup_db = {names = {"wet", "output mix: wet"}, unit = "db", guess = amplitude},
    rms_ms = {names = {"rms size", "rms"}, unit = "ms", guess = function(ms) return ms / 1000 end},
  },
  needs = {"threshold_db", "ratio", "attack_ms", "release_ms", "knee_db", "makeup_db", "rms_ms"},
  base = {
    {names = {"dry"}, raw = 0},
    {names = {"pre-comp"}, raw = 0},
    {names = {"auto make up gain", "auto make-up gain", "auto makeup gain"}, raw = 0},
    {names = {"auto release"}, raw = 0},
  },
  detector = {names = {"signin", "detector input"}, tries = TRIES},
})
