-- AMA's own JSFX, "AMA EQ", "AMA Compressor" and "AMA Gate": sliders in an engineer's units, found by their names.
local params = include("reaper/params")
local stop = include("reaper/stop")

local jsfx = {}

local js = params.of("js")
local FINE, FINER = 0.01, 0.001 -- the sliders' steps
local SHAPES = {bell = 1, low_shelf = 2, high_shelf = 3, high_pass = 4, low_pass = 5}
local OFF = 0 -- of a band's shape
local BY_Q = 6 -- of a band's slope: 12 dB an octave, the height of its corner by Q; the others are Butterworth's, by dB an octave
local SLOPES = {[6] = 0, [12] = 1, [18] = 2, [24] = 3, [36] = 4, [48] = 5}
local BANDS = 8
local BUTTERWORTH = math.sqrt(0.5)

local function learn(needs, title, known, fx, fresh)
  if not known.names then
    known.names, known.count = params.names(fx)
    for _, name in ipairs(needs) do
      if not known.names[name] then
        known.missing = string.format('%s here is another version: it has no slider "%s". Run "ama install reaper" again', title, name)
      end
    end
  end
  if fresh and not known.defaults then
    known.defaults = params.all(fx, "js", known.names, known.count)
  end
  if known.missing then
    return nil, known.missing
  end
  return true
end

local function write_slider(known, fx, slider, given)
  local param = known.names[slider]
  local _, lowest, highest = reaper.TrackFX_GetParam(fx.track, fx.at, param)
  if given.asked < lowest - given.step or given.asked > highest + given.step then
    stop.skip({given.suggestion}, string.format("%s goes from %g to %g, %g was asked", given.what, lowest, highest, given.asked))
  end
  js.put(fx, param, given.asked)
  return {
    suggestion = given.suggestion, what = given.what, asked = given.asked, param = param,
    read = function(shown) return {value = shown, resolution = given.step} end,
    repair = function() js.put(fx, param, given.asked) return true end,
  }
end

-- A choice that is no figure of a suggestion.
local function write_choice(known, fx, slider, value, suggestions)
  local param = known.names[slider]
  js.put(fx, param, value)
  local shown = js.shown(fx, param)
  if not js.same(shown, value) then
    stop.conflict(suggestions, string.format('the slider "%s" reads %s where %g was set', slider, tostring(shown), value))
  end
  return {param = param, shown = shown}
end

local function write_band(known, fx, number, band, part, label, written)
  local function note(slider, what, asked, step)
    written[#written + 1] = write_slider(known, fx, number .. " " .. slider,
      {suggestion = part.suggestion, what = string.format("%s %d %s", label, number, what), asked = asked, step = step})
  end
  written[#written + 1] = write_choice(known, fx, number .. " shape", SHAPES[band.shape], {part.suggestion})
  written[#written + 1] = write_choice(known, fx, number .. " slope", SLOPES[band.slope_db_per_oct] or BY_Q, {part.suggestion})
  note("frequency (hz)", "freq_hz", band.freq_hz, FINE)
  note("q", "q", band.q or BUTTERWORTH, FINER)
  note("gain (db)", "gain_db", band.gain_db, FINE)
end

local function write_eq(known, fx, step, fresh)
  local written, number = {}, 0
  for _, part in ipairs(step.parts) do
    for _, band in ipairs(part.bands) do
      number = number + 1
      if number > BANDS then
        stop.skip({part.suggestion}, string.format("AMA EQ has %d bands, more were asked", BANDS))
      end
      write_band(known, fx, number, band, part, step.insert.label, written)
    end
  end
  for rest = number + 1, BANDS do
    local shape = known.names[rest .. " shape"]
    local is_off = fresh and known.defaults[tostring(shape)] == OFF or js.shown(fx, shape) == OFF
    if not is_off then
      written[#written + 1] = write_choice(known, fx, rest .. " shape", OFF, {step.parts[1].suggestion})
    end
  end
  return written
end

local function eq_needs()
  local needs = {}
  for band = 1, BANDS do
    for _, slider in ipairs({"shape", "frequency (hz)", "gain (db)", "q", "slope"}) do
      needs[#needs + 1] = band .. " " .. slider
    end
  end
  return needs
end

local SIDECHAIN = "side-chain from inputs 3/4"
local VALUES = {
  threshold_db = {slider = "threshold (db)", step = FINE},
  ratio = {slider = "ratio", step = FINER},
  attack_ms = {slider = "attack (ms)", step = FINE},
  release_ms = {slider = "release (ms)", step = FINE},
  knee_db = {slider = "knee (db)", step = FINE},
  makeup_db = {slider = "make-up (db)", step = FINE},
}

local GATE = {threshold_db = VALUES.threshold_db, ratio = VALUES.ratio, attack_ms = VALUES.attack_ms, release_ms = VALUES.release_ms}

-- Writes figures that have a slider each.
local function writes(title, values)
  return function(known, fx, step)
    local written = {}
    for _, part in ipairs(step.parts) do
      for _, given in ipairs(part.values) do
        local value = values[given.name]
        if not value then
          stop.skip({part.suggestion}, title .. " has nothing that is " .. given.name)
        end
        written[#written + 1] = write_slider(known, fx, value.slider,
          {suggestion = part.suggestion, what = step.insert.label .. " " .. given.name, asked = given.value, step = value.step})
      end
    end
    return written
  end
end

local function hear(known, fx)
  local param = known.names[SIDECHAIN]
  js.put(fx, param, 1)
  local shown = js.shown(fx, param)
  if not js.same(shown, 1) then
    return nil, "the side-chain switch of AMA Compressor does not stay on"
  end
  return {param = param, shown = shown}
end

local function device(title, names, needs, write)
  return {
    kind = "js", title = title, names = names, write = write,
    learn = function(known, fx, fresh) return learn(needs, title, known, fx, fresh) end,
  }
end

local function sliders_of(values, ...)
  local needs = {...}
  for _, value in pairs(values) do
    needs[#needs + 1] = value.slider
  end
  return needs
end

-- Where "ama install reaper" puts them, then by what they call themselves, wherever they lie.
jsfx.eq = device("AMA EQ", {"JS:AMA/ama_eq.jsfx", "JS: AMA EQ"}, eq_needs(), write_eq)
jsfx.compressor = device("AMA Compressor", {"JS:AMA/ama_compressor.jsfx", "JS: AMA Compressor"}, sliders_of(VALUES, SIDECHAIN),
  writes("AMA Compressor", VALUES))
jsfx.compressor.hear = hear
jsfx.gate = device("AMA Gate", {"JS:AMA/ama_gate.jsfx", "JS: AMA Gate"}, sliders_of(GATE), writes("AMA Gate", GATE))

return jsfx
