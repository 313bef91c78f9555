-- AMA's request as apply needs it, in an engineer's units: strips with controls and devices.
local devices = include("reaper/devices")
local offers = include("shared/offers")

local request = {}

request.SCHEMA = "ama.reaper/1"
request.NOT_TICKED = "not ticked in REAPER"

local SHAPES = {bell = true, low_shelf = true, high_shelf = true, high_pass = true, low_pass = true}

local function band(entry)
  local found = {shape = offers.text(entry.shape, "shape"), freq_hz = offers.finite(entry.freq_hz, "freq_hz")}
  if not SHAPES[found.shape] then
    offers.fail("asks for a band that is a " .. found.shape .. ", which this version does not know")
  elseif found.freq_hz <= 0 then
    offers.fail("has no frequency at freq_hz")
  end
  found.gain_db = offers.optional(offers.finite, entry.gain_db, "gain_db", 0)
  found.q = offers.optional(offers.finite, entry.q, "q")
  found.bandwidth_oct = offers.optional(offers.finite, entry.bandwidth_oct, "bandwidth_oct")
  found.slope_db_per_oct = offers.optional(offers.finite, entry.slope_db_per_oct, "slope_db_per_oct")
  return found
end

local function value(entry)
  return {name = offers.text(entry.name, "name"), value = offers.finite(entry.value, "value")}
end

local function each(entries, where, one)
  local found = {}
  for at, entry in ipairs(offers.list(entries, where)) do
    found[at] = one(entry)
  end
  return found
end

local function insert(entry, known)
  local device = offers.text(entry.device, "device")
  if not devices.of(device) then
    offers.fail("asks for the device " .. device .. ", which this version does not know")
  end
  local function part(given)
    local found = offers.conditions(given, known)
    found.bands, found.values = each(given.bands, "bands", band), each(given.values, "values", value)
    return found
  end
  return {
    key = offers.text(entry.key, "key"), label = offers.text(entry.label, "label"), device = device,
    sidechain_from = offers.optional(offers.text, entry.sidechain_from, "sidechain_from"),
    if_missing = offers.optional(offers.text, entry.if_missing, "if_missing", ""), parts = each(entry.parts, "parts", part),
  }
end

local function strip(entry, known)
  local function own_control(given) return offers.control(given, known) end
  local function own_insert(given) return insert(given, known) end
  return {
    track = offers.text(entry.track, "track"), name = offers.text(entry.name, "name"), by_name = entry.by_name == true,
    controls = each(entry.controls, "controls", own_control), inserts = each(entry.inserts, "inserts", own_insert),
  }
end

-- The request as plain tables; raises one sentence where it does not fit.
function request.checked(document)
  return offers.checked(document, strip)
end

return request
