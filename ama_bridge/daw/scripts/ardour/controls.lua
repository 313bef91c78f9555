-- Fader, pan and polarity of a strip, in Ardour's own units: a linear gain of 0 to 2 (times that of the VCAs), an azimuth of 0 (left) to
-- 1 (right), 0 or 1.
--
-- of(route, name)      {get(), set(value), held(), upper}, or nil and why the strip has none
-- moved(name, a, b)    whether somebody moved it: so far apart that it is no difference of reading
-- differs(name, a, b)  whether what was read is not what was written
local ids = include("ardour/ids")

local controls = {}

local NAMES = {gain = "fader", pan = "panner", polarity = "polarity"}
local FLOOR = 1e-6 -- linear; below -120 dB two faders are alike
local MOVED_RATIO = 10 ^ (0.1 / 20) -- 0.1 dB: Ardour's OSC tells a fader of -20 dB as -20.045 dB
local MOVED_PAN = 0.005 -- azimuth, half a percent
local READ_RATIO = 1 + 1e-4 -- about 0.001 dB: 32 bits hold seven digits
local READ_PAN = 1e-4

function controls.label(name)
  return NAMES[name] or name
end

local function automated(control)
  return control:automation_state() ~= ARDOUR.AutoState.Off
end

-- A control that Ardour hands out as it is; NoGroup, so that the other tracks of a group stay where they are.
local function plain(control, word)
  return {
    get = function() return control:get_value() end,
    set = function(value) control:set_value(value, PBD.GroupControlDisposition.NoGroup) end,
    held = function() return automated(control) and "its " .. word .. " follows automation" or nil end,
    upper = control:upper(),
  }
end

-- What a fader reads and takes is its own gain times that of the VCAs that it follows, so these lower its top.
local function gain(route)
  local control = plain(route:gain_control(), "fader")
  local slave = ids.there(route:gain_control():to_slavable())
  control.upper = control.upper * (slave and slave:get_masters_value() or 1)
  return control
end

local function pan(route)
  local control = ids.there(route:pan_azimuth_control())
  if not control then
    return nil, "it has no panner"
  end
  local shell = ids.there(route:panner_shell())
  if shell and shell:bypassed() then
    return nil, "its panner is bypassed"
  end
  return plain(control, "panner")
end

-- All channels together; where they are not alike, no single value tells them.
local function polarity(route)
  local control, channels = ids.there(route:phase_control()), route:n_inputs():n_audio()
  if not control or channels == 0 then
    return nil, "it has no polarity switch"
  end
  local function get()
    local inverted = 0
    for channel = 0, channels - 1 do
      inverted = inverted + (control:inverted(channel) and 1 or 0)
    end
    return inverted / channels
  end
  local function set(value)
    for channel = 0, channels - 1 do
      control:set_phase_invert(channel, value >= 0.5)
    end
  end
  local function held()
    local value = get()
    return value ~= 0 and value ~= 1 and "its channels differ in polarity" or nil
  end
  return {get = get, set = set, held = held, upper = 1}
end

local KINDS = {gain = gain, pan = pan, polarity = polarity}

function controls.of(route, name)
  local kind = KINDS[name]
  if not kind then
    return nil, "this version knows no control " .. tostring(name)
  end
  return kind(route)
end

local function apart(name, a, b, ratio, azimuth)
  if name == "gain" then
    return math.max(a, FLOOR) / math.max(b, FLOOR) > ratio or math.max(b, FLOOR) / math.max(a, FLOOR) > ratio
  end
  return math.abs(a - b) > azimuth
end

function controls.moved(name, a, b)
  return apart(name, a, b, MOVED_RATIO, MOVED_PAN)
end

function controls.differs(name, a, b)
  return apart(name, a, b, READ_RATIO, READ_PAN)
end

-- "-2.5 dB", "30 % left", "inverted": what a user reads in Ardour.
function controls.shown(name, value)
  if name == "gain" then
    return value < FLOOR and "-inf dB" or string.format("%+.1f dB", 20 * math.log(value, 10))
  elseif name == "pan" then
    local percent = math.floor(math.abs(2 * value - 1) * 100 + 0.5)
    return percent == 0 and "centre" or string.format("%d %% %s", percent, value < 0.5 and "left" or "right")
  end
  return value >= 0.5 and "inverted" or "not inverted"
end

return controls
