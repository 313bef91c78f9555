-- What a plugin can be asked for and told, one way for all that AMA uses. An effect is {track, at, guid}; a parameter is its number, or the
-- name of a setting of REAPER's own ("BANDTYPE0", and "enabled" for the effect's own switch).
--
-- of(kind)    kind "vst": shown() is the text that the plugin shows, raw() the normalised value;
--             kind "js": both are the slider's own number
-- shown(fx, param)     what a user sees: a text or a number; nil where there is nothing
-- raw(fx, param)       what put() takes back exactly
-- put(fx, param, raw)
-- same(a, b)           whether two that were shown, or two raw ones, are alike, also when the project was saved and opened in between
local params = {}

local FINEST = 1e-5 -- of normalised values: plugins keep 32-bit floats, and of some only what comes of them
local FINEST_SLIDER = 5e-4 -- half of the finest step of AMA's sliders; a project keeps few digits

local function setting(fx, name)
  if name == "enabled" then
    return reaper.TrackFX_GetEnabled(fx.track, fx.at) and "1" or "0"
  end
  local ok, text = reaper.TrackFX_GetNamedConfigParm(fx.track, fx.at, name)
  return ok and text or nil
end

-- Its answer says nothing: REAPER answers false for BANDENABLED though it works. So whoever writes reads.
local function put_setting(fx, name, text)
  if name == "enabled" then
    reaper.TrackFX_SetEnabled(fx.track, fx.at, text == "1")
  else
    reaper.TrackFX_SetNamedConfigParm(fx.track, fx.at, name, text)
  end
end

local function same_within(finest)
  return function(a, b)
    if type(a) == "number" and type(b) == "number" then
      return math.abs(a - b) <= finest
    end
    return a == b
  end
end

local function access(shown, raw, put, finest)
  return {
    shown = function(fx, param)
      if type(param) == "string" then
        return setting(fx, param)
      end
      return shown(fx, param)
    end,
    raw = function(fx, param)
      if type(param) == "string" then
        return setting(fx, param)
      end
      return raw(fx, param)
    end,
    put = function(fx, param, value)
      if type(param) == "string" then
        return put_setting(fx, param, value)
      end
      put(fx, param, value)
    end,
    same = same_within(finest),
  }
end

local function text_shown(fx, param)
  local ok, text = reaper.TrackFX_GetFormattedParamValue(fx.track, fx.at, param)
  return ok and text or nil
end

local function normalised(fx, param)
  return reaper.TrackFX_GetParamNormalized(fx.track, fx.at, param)
end

local function put_normalised(fx, param, value)
  reaper.TrackFX_SetParamNormalized(fx.track, fx.at, param, value)
end

local function slider(fx, param)
  return (reaper.TrackFX_GetParam(fx.track, fx.at, param))
end

local function put_slider(fx, param, value)
  reaper.TrackFX_SetParam(fx.track, fx.at, param, value)
end

-- Puts settings back, {param, before (raw)} in their order; what is as it was is not touched. Whether all are then.
local function put_back(kind, fx, settings)
  for _, one in ipairs(settings) do
    if kind.raw(fx, one.param) ~= one.before then
      kind.put(fx, one.param, one.before)
    end
  end
  for _, one in ipairs(settings) do
    if not kind.same(kind.raw(fx, one.param), one.before) then
      return false
    end
  end
  return true
end

local KINDS = {
  vst = access(text_shown, normalised, put_normalised, FINEST),
  js = access(slider, slider, put_slider, FINEST_SLIDER),
}

function params.of(kind)
  return KINDS[kind]
end

function params.put_back(fx, settings)
  return put_back(KINDS[fx.device.kind], fx, settings)
end

-- The names of an effect's parameters: name in small letters -> number, the first one where two have the same; and how many there are.
function params.names(fx)
  local found, count = {}, reaper.TrackFX_GetNumParams(fx.track, fx.at)
  for param = 0, count - 1 do
    local _, name = reaper.TrackFX_GetParamName(fx.track, fx.at, param)
    name = string.lower(string.match(name, "^%-?%s*(.-)%s*$"))
    found[name] = found[name] or param
  end
  return found, count
end

-- Whether turning a parameter changes what one hears for good: not so the switches with which one compares.
local SWITCHES = {bypass = true, delta = true, solo = true}

-- The raw values of all parameters, by number as text (for a journal); without the switches.
function params.all(fx, kind, names, count)
  local found, skipped = {}, {}
  for name in pairs(SWITCHES) do
    if names[name] then
      skipped[names[name]] = true
    end
  end
  for param = 0, count - 1 do
    if not skipped[param] then
      found[tostring(param)] = KINDS[kind].raw(fx, param)
    end
  end
  return found
end

return params
