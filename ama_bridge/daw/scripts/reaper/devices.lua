-- The plugins that AMA inserts, by the names of a request.
--
-- A device is {kind ("vst" or "js"), title, names (as TrackFX_AddByName takes them), learn, write, hear}:
--   learn(known, fx, fresh)                 looks at an effect, once a run; nil and why where it is not the plugin that AMA knows
--   write(known, fx, step, fresh)           sets all parts of a step: a list of what was set, see `devices/written`
--   hear(known, fx)                         only of compressors: lets the detector listen to the channels 3/4: true, or false and why not
-- `known` is what was learned in this run, a table that the device fills.
local jsfx = include("reaper/devices/jsfx")
local reacomp = include("reaper/devices/reacomp")
local reaeq = include("reaper/devices/reaeq")
local realimit = include("reaper/devices/realimit")

local devices = {}

local ALL = {reaeq = reaeq, reacomp = reacomp, realimit = realimit, ama_eq = jsfx.eq, ama_compressor = jsfx.compressor,
  ama_gate = jsfx.gate}

function devices.of(name)
  return ALL[name]
end

return devices
