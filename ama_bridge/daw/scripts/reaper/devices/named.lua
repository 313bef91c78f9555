-- A plugin of Cockos whose parameters are found by their names, and set in an engineer's units: a first guess by a known curve, then what
-- the plugin itself shows decides, and a search on it where the guess was wrong.
--
-- What `write` returns, of every device, is a list of what was set on the effect:
--   {suggestion, what, asked, param, read(shown) -> {value, resolution} or nil, repair() -> true, or nil and why, raw (where it is known)}
--   {param, shown}     what is no figure of a suggestion (a band's type, a switch): it was read back when it was set
local bisect = include("reaper/bisect")
local display = include("reaper/display")
local params = include("reaper/params")
local stop = include("reaper/stop")

local named = {}

local vst = params.of("vst")

-- The number of the first parameter that has one of these names.
local function find(known, names)
  for _, name in ipairs(names) do
    if known.names[name] then
      return known.names[name]
    end
  end
  return nil
end

local function learn(spec, known, fx, fresh)
  if not known.names then
    local names, count = params.names(fx)
    known.names, known.count, known.curves, known.found = names, count, {}, {}
    known.unsure, known.tried = {}, {}
    known.missing = nil
    for _, name in ipairs(spec.needs) do
      if not find(known, spec.values[name].names) then
        known.missing = string.format('%s has no parameter named "%s" here', spec.title, spec.values[name].names[1])
      end
    end
  end
  if fresh and not known.defaults then
    known.defaults = params.all(fx, "vst", known.names, known.count)
  end
  if known.missing then
    return nil, known.missing
  end
  return true
end

-- What a parameter would show at a normalised value; where a plugin tells only what it is set to, it is set.
local function shows(fx, param)
  return function(normalised)
    local ok, text = reaper.TrackFX_FormatParamValueNormalized(fx.track, fx.at, param, normalised, "")
    if ok and text ~= "" then
      return text
    end
    vst.put(fx, param, normalised)
    return vst.shown(fx, param) or ""
  end
end

-- The normalised value at which a parameter shows a number, or nil and why there is none. kind names its curve: parameters of the same kind
-- share what was learned of it.
function named.found_by_showing(known, fx, kind, unit, param, asked)
  local curve = known.curves[kind] or bisect.curve(unit)
  known.curves[kind] = curve
  return curve:find(asked, shows(fx, param))
end

-- Whether a parameter shows a number now.
function named.is_shown(fx, param, unit, asked)
  local text = vst.shown(fx, param)
  local shown = text and display.read(text, unit)
  return shown ~= nil and display.matches(shown, asked)
end

local function first_try(known, fx, name, value, param, asked)
  local key = name .. " " .. asked
  if not known.found[key] and value.guess and not known.unsure[name] then
    return math.max(0, math.min(1, value.guess(asked)))
  elseif not known.found[key] then
    local found, why = named.found_by_showing(known, fx, name, value.unit, param, asked)
    if not found then
      return nil, why
    end
    known.found[key] = found
  end
  return known.found[key]
end

local function write_value(spec, known, fx, part, given, label)
  local value = spec.values[given.name]
  local param = value and find(known, value.names)
  local what = label .. " " .. given.name
  if not param then
    stop.skip({part.suggestion}, string.format("%s has nothing that is %s", spec.title, given.name))
  end
  local one = {
    suggestion = part.suggestion, what = what, asked = given.value, param = param,
    read = function(shown) return display.read(shown, value.unit) end,
  }
  local function put()
    local normalised, why = first_try(known, fx, given.name, value, param, given.value)
    if not normalised then
      return nil, string.format("%s does not reach %g for %s: %s", spec.title, given.value, value.names[1], why)
    end
    vst.put(fx, param, normalised)
    one.raw = normalised
    return true
  end
  local function put_first()
    local ok, why = put()
    if ok and not known.tried[given.name] then -- once a run: whether the curve is right, before all are set by it
      known.tried[given.name] = true
      if not named.is_shown(fx, param, value.unit, given.value) then
        known.unsure[given.name] = true
        return put()
      end
    end
    return ok, why
  end
  function one.repair()
    known.unsure[given.name] = true
    return put()
  end
  local ok, why = put_first()
  if not ok then
    stop.skip({part.suggestion}, why)
  end
  return one
end

-- A switch, or what must not be as a user's own default preset has it.
local function write_base(spec, known, fx, written)
  for _, one in ipairs(spec.base) do
    local param = find(known, one.names)
    if param and not vst.same(known.defaults[tostring(param)], one.raw) then
      vst.put(fx, param, one.raw)
      written[#written + 1] = {param = param, shown = vst.shown(fx, param), raw = one.raw}
    end
  end
end

local function write(spec, known, fx, step, fresh)
  local written = {}
  if fresh then
    write_base(spec, known, fx, written)
  end
  for _, part in ipairs(step.parts) do
    for _, given in ipairs(part.values) do
      written[#written + 1] = write_value(spec, known, fx, part, given, step.insert.label)
    end
  end
  return written
end

-- The setting of a detector that shows as an input of its own, both channels of it before one of them.
local function auxiliary(spec, known, fx, param)
  local show, one_channel = shows(fx, param), nil
  for _, normalised in ipairs(spec.detector.tries) do
    local text = string.lower(show(normalised))
    if string.find(text, "aux", 1, true) then
      if string.find(text, "l%s*%+%s*r") or string.find(text, "3%s*[+/]%s*4") then
        return normalised
      end
      one_channel = one_channel or normalised
    end
  end
  return one_channel or known.nothing
end

local function hear(spec, known, fx)
  local param = spec.detector and find(known, spec.detector.names)
  if not param then
    return nil, spec.title .. " has no choice of what its detector hears here"
  end
  known.detector = known.detector or auxiliary(spec, known, fx, param)
  if not known.detector then
    return nil, spec.title .. " does not tell which setting of its detector is the auxiliary input"
  end
  vst.put(fx, param, known.detector)
  local shown = vst.shown(fx, param)
  if not shown or not string.find(string.lower(shown), "aux", 1, true) then
    return nil, string.format("the detector of %s shows %s where the auxiliary input was set", spec.title, tostring(shown))
  end
  return {param = param, shown = shown}
end

-- spec: title, names (for TrackFX_AddByName), values (name -> {names, unit, guess}), needs (which of them must be there), base, detector.
function named.device(spec)
  return {
    kind = "vst", title = spec.title, names = spec.names,
    learn = function(known, fx, fresh) return learn(spec, known, fx, fresh) end,
    write = function(known, fx, step, fresh) return write(spec, known, fx, step, fresh) end,
    hear = function(known, fx) return hear(spec, known, fx) end,
  }
end

return named
