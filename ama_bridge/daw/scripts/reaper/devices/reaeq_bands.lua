-- The bands of a ReaEQ: which there are, of which type, which are on. ReaEQ numbers a band twice: TrackFX_SetEQParam means "the nth band of
-- this type" and counts types one way, the settings BANDTYPE<n> and BANDENABLED<n> mean the nth band and count types another way. The
-- two are compared before anything is retyped.
--
-- AMA stays within the bands that are there: whether more could be added by a script is not known.
local display = include("reaper/display")
local params = include("reaper/params")

local bands = {}

local vst = params.of("vst")
local NOTHING_SET = 1e-9

bands.FREQ, bands.GAIN, bands.WIDTH = 0, 1, 2 -- paramtype of TrackFX_SetEQParam
bands.BELL = "bell"
bands.SHAPES = { -- type as TrackFX_SetEQParam counts, code as BANDTYPE<n> does
  bell = {type = 2, code = "8"}, low_shelf = {type = 1, code = "0"}, high_shelf = {type = 4, code = "1"},
  high_pass = {type = 0, code = "4"}, low_pass = {type = 5, code = "3"},
}
local CODES = { -- type -> the codes that mean it
  [0] = {["4"] = true}, [1] = {["0"] = true}, [2] = {["8"] = true, ["9"] = true, ["2"] = true}, [3] = {["6"] = true},
  [4] = {["1"] = true}, [5] = {["3"] = true}, [6] = {["7"] = true}, [7] = {["10"] = true},
}
local WITH_GAIN = {[1] = true, [2] = true, [4] = true}

-- Codes come as text, "8" or "8.0" or "8.00000".
local function same_code(text, codes)
  local number = tonumber(text)
  return number ~= nil and codes[string.format("%d", math.floor(number + 0.5))] == true
end

function bands.type_name(number)
  return "BANDTYPE" .. number
end

function bands.switch_name(number)
  return "BANDENABLED" .. number
end

local function slots_of(fx)
  local slots, by_band = {}, {}
  for param = 0, reaper.TrackFX_GetNumParams(fx.track, fx.at) - 1 do
    local ok, band_type, index, param_type = reaper.TrackFX_GetEQParam(fx.track, fx.at, param)
    if ok and band_type >= 0 then
      local name = band_type .. ":" .. index
      if not by_band[name] then
        by_band[name] = {number = #slots, type = band_type, params = {}}
        slots[#slots + 1] = by_band[name]
      end
      by_band[name].params[param_type] = param
    end
  end
  return slots
end

-- Whether there are bands, each with a frequency, a gain and a width.
local function complete(slots)
  for _, slot in ipairs(slots) do
    if not (slot.params[bands.FREQ] and slot.params[bands.GAIN] and slot.params[bands.WIDTH]) then
      return false
    end
  end
  return #slots > 0
end

local function is_flat(fx, slot)
  local text = WITH_GAIN[slot.type] and vst.shown(fx, slot.params[bands.GAIN])
  local shown = text and display.read(text, "db")
  return shown ~= nil and shown ~= false and math.abs(shown.value) <= NOTHING_SET
end

-- Whether a band's switch, a text, says that it is on; without a switch it is.
local function is_on(switch)
  return switch == nil or tonumber(switch) ~= 0
end

-- {slots = {{number, type, params = {[paramtype] = number}, code, switch, on, flat}}, numbered}: `numbered` where both ways of counting
-- agree.
-- nil where the effect is no ReaEQ.
function bands.layout(fx)
  local layout = {slots = slots_of(fx), numbered = true}
  if not complete(layout.slots) then
    return nil
  end
  for _, slot in ipairs(layout.slots) do
    local code, switch = vst.shown(fx, bands.type_name(slot.number)), vst.shown(fx, bands.switch_name(slot.number))
    layout.numbered = layout.numbered and code ~= nil and switch ~= nil and same_code(code, CODES[slot.type])
    slot.code, slot.switch, slot.on, slot.flat = code, switch, is_on(switch), is_flat(fx, slot)
  end
  return layout
end

-- The same again, to be changed.
function bands.copy(layout)
  local made = {slots = {}, numbered = layout.numbered}
  for at, slot in ipairs(layout.slots) do
    made.slots[at] = {}
    for name, value in pairs(slot) do
      made.slots[at][name] = value
    end
  end
  return made
end

-- Which of the bands of its type a band is, as TrackFX_SetEQParam counts.
function bands.index(layout, slot)
  local index = 0
  for _, other in ipairs(layout.slots) do
    if other == slot then
      return index
    end
    index = index + (other.type == slot.type and 1 or 0)
  end
end

-- Makes a band another type: what was read of it, or nil and why not.
function bands.retype(fx, layout, slot, shape)
  if not layout.numbered then
    return nil, "this REAPER does not tell the types of ReaEQ's bands, so none becomes a " .. shape
  end
  local name, wanted = bands.type_name(slot.number), bands.SHAPES[shape]
  vst.put(fx, name, wanted.code)
  local code = vst.shown(fx, name)
  if not code or not same_code(code, CODES[wanted.type]) then
    return nil, string.format("band %d of ReaEQ did not become a %s", slot.number + 1, shape)
  end
  slot.type, slot.flat = wanted.type, false
  return code
end

-- Reads whether a band is on, of one that has a switch.
function bands.read_switch(fx, slot)
  slot.switch = vst.shown(fx, bands.switch_name(slot.number))
  slot.on = is_on(slot.switch)
end

-- Switches a band on or off: true where it is read back so. REAPER has two switches for it; the first answers false though it works.
function bands.switch(fx, layout, slot, on)
  if layout.numbered then
    vst.put(fx, bands.switch_name(slot.number), on and "1" or "0")
    bands.read_switch(fx, slot)
    if slot.switch and slot.on == on then
      return true
    end
  end
  local index = bands.index(layout, slot)
  reaper.TrackFX_SetEQBandEnabled(fx.track, fx.at, slot.type, index, on)
  slot.on = reaper.TrackFX_GetEQBandEnabled(fx.track, fx.at, slot.type, index)
  slot.switch = layout.numbered and vst.shown(fx, bands.switch_name(slot.number)) or nil
  return slot.on == on
end

return bands
