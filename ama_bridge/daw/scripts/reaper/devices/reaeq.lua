-- ReaEQ: five bands, retyped as needed. Frequencies in Hz, widths in octaves. In which unit TrackFX_SetEQParam takes a gain is told one way
-- and another, so it is tried once a run on AMA's own new plugin; and whatever does not read back as asked is searched by what ReaEQ shows.
-- Set and read back; how ReaEQ's bells and shelves sound is not verified.
local bands = include("reaper/devices/reaeq_bands")
local display = include("reaper/display")
local named = include("reaper/devices/named")
local params = include("reaper/params")
local stop = include("reaper/stop")

local vst = params.of("vst")
local UNITS = {[bands.FREQ] = "hz", [bands.GAIN] = "db", [bands.WIDTH] = "oct"}
local WORDS = {[bands.FREQ] = "freq_hz", [bands.GAIN] = "gain_db", [bands.WIDTH] = "bandwidth_oct"}
local NO_GAIN = {high_pass = true, low_pass = true}
local TRIED = 2 -- 2 dB where a gain is decibels, +6.02 dB where it is an amplitude
local BUTTERWORTH = math.sqrt(0.5)
local NOT_REAEQ = "what REAPER calls ReaEQ does not answer as an equalizer here"

-- A bell's width in octaves between its points of half the gain, from its Q.
local function octaves(q)
  local x = 1 / (2 * q)
  return 2 * math.log(x + math.sqrt(x * x + 1)) / math.log(2)
end

-- "linear", "db", or "unknown".
local function gain_unit(fx, layout)
  for _, slot in ipairs(layout.slots) do
    if slot.type == bands.SHAPES.bell.type then
      local param, index = slot.params[bands.GAIN], bands.index(layout, slot)
      local before = vst.raw(fx, param)
      reaper.TrackFX_SetEQParam(fx.track, fx.at, slot.type, index, bands.GAIN, TRIED, false)
      local text = vst.shown(fx, param)
      local shown = text and display.read(text, "db")
      vst.put(fx, param, before)
      if shown and math.abs(shown.value - 20 * math.log(TRIED, 10)) <= shown.resolution then
        return "linear"
      end
      return shown and math.abs(shown.value - TRIED) <= shown.resolution and "db" or "unknown"
    end
  end
  return nil
end

local function learn(known, fx, fresh)
  known.curves, known.strange = known.curves or {}, known.strange or {}
  if not known.names then
    known.names, known.count = params.names(fx)
  end
  if fresh and not known.layout then
    known.layout = bands.layout(fx)
    if known.layout then
      known.defaults = params.all(fx, "vst", known.names, known.count)
      for _, slot in ipairs(known.layout.numbered and known.layout.slots or {}) do
        known.defaults[bands.type_name(slot.number)] = slot.code
        known.defaults[bands.switch_name(slot.number)] = slot.switch
      end
      known.unit = gain_unit(fx, known.layout)
    end
  end
  if fresh and not known.layout then
    return nil, NOT_REAEQ
  end
  return true
end

local function all_bands(step)
  local found = {}
  for _, part in ipairs(step.parts) do
    for _, band in ipairs(part.bands) do
      found[#found + 1] = {band = band, suggestion = part.suggestion}
    end
  end
  return found
end

-- Gives each band a place: one of its type where there is one, else first those that would have to be switched off.
local function take(wanted, layout)
  local free, rest = {}, {}
  for _, slot in ipairs(layout.slots) do
    free[slot] = true
  end
  local function fill(one, fits)
    for _, slot in ipairs(layout.slots) do
      if free[slot] and not one.slot and fits(slot) then
        one.slot, free[slot] = slot, nil
      end
    end
  end
  for _, one in ipairs(wanted) do
    fill(one, function(slot) return slot.type == bands.SHAPES[one.band.shape].type end)
    rest[#rest + 1] = not one.slot and one or nil
  end
  for _, one in ipairs(rest) do
    fill(one, function(slot) return slot.on and not slot.flat end)
    fill(one, function() return true end)
    if not one.slot then
      stop.skip({one.suggestion}, string.format("ReaEQ has %d bands, more were asked", #layout.slots))
    end
  end
  return free
end

local function prepare(fx, layout, one, written)
  local slot, shape = one.slot, one.band.shape
  if slot.type ~= bands.SHAPES[shape].type then
    local code, why = bands.retype(fx, layout, slot, shape)
    if not code then
      stop.skip({one.suggestion}, why)
    end
    bands.read_switch(fx, slot)
    written[#written + 1] = {param = bands.type_name(slot.number), shown = code}
  end
end

local function switch_on(fx, layout, one, written)
  local slot = one.slot
  if not slot.on and not bands.switch(fx, layout, slot, true) then
    stop.conflict({one.suggestion}, string.format("band %d of ReaEQ stays off", slot.number + 1))
  end
  if layout.numbered then
    written[#written + 1] = {param = bands.switch_name(slot.number), shown = slot.switch}
  end
end

local function put_found(known, fx, slot, kind, asked)
  local curve = slot.type .. ":" .. kind
  local normalised, why = named.found_by_showing(known, fx, curve, UNITS[kind], slot.params[kind], asked)
  if not normalised then
    return nil, string.format("ReaEQ does not reach %g for %s: %s", asked, WORDS[kind], why)
  end
  vst.put(fx, slot.params[kind], normalised)
  return true
end

local function put(known, fx, layout, slot, kind, asked)
  local value = asked
  if known.strange[kind] then
    return put_found(known, fx, slot, kind, asked)
  elseif kind == bands.GAIN and known.unit == "linear" then
    value = 10 ^ (asked / 20)
  end
  reaper.TrackFX_SetEQParam(fx.track, fx.at, slot.type, bands.index(layout, slot), kind, value, false)
end

-- A figure of a band, and how to find it by what ReaEQ shows when it does not read back.
local function write_figure(known, fx, layout, one, kind, asked, label)
  local slot = one.slot
  put(known, fx, layout, slot, kind, asked)
  if known.strange[kind] == nil then -- once a run, before all are set so
    known.strange[kind] = not named.is_shown(fx, slot.params[kind], UNITS[kind], asked)
    put(known, fx, layout, slot, kind, asked)
  end
  return {
    suggestion = one.suggestion, what = string.format("%s %d %s", label, slot.number + 1, WORDS[kind]), asked = asked,
    param = slot.params[kind],
    read = function(shown) return display.read(shown, UNITS[kind]) end,
    repair = function() return put_found(known, fx, slot, kind, asked) end,
  }
end

local function write_band(known, fx, layout, one, label, written)
  local band = one.band
  local width = band.bandwidth_oct or octaves(band.q or BUTTERWORTH)
  written[#written + 1] = write_figure(known, fx, layout, one, bands.FREQ, band.freq_hz, label)
  written[#written + 1] = write_figure(known, fx, layout, one, bands.WIDTH, width, label)
  if NO_GAIN[band.shape] then
    written[#written + 1] = {param = one.slot.params[bands.GAIN], loose = true}
  else
    written[#written + 1] = write_figure(known, fx, layout, one, bands.GAIN, band.gain_db, label)
  end
end

-- A band that nobody asked for does nothing: it is off, or a bell of 0 dB where that cannot be read back.
local function silence(known, fx, layout, slot, suggestions, written)
  if not slot.on or slot.flat then
    return
  elseif bands.switch(fx, layout, slot, false) then
    if layout.numbered then
      written[#written + 1] = {param = bands.switch_name(slot.number), shown = slot.switch}
    end
    return
  end
  local code, why = bands.retype(fx, layout, slot, bands.BELL)
  if not code then
    stop.skip(suggestions, why)
  end
  put(known, fx, layout, slot, bands.GAIN, 0)
  local text = vst.shown(fx, slot.params[bands.GAIN])
  local shown = text and display.read(text, "db")
  if not shown or not display.matches(shown, 0) then
    stop.skip(suggestions, string.format("band %d of ReaEQ can be neither switched off nor set to 0 dB", slot.number + 1))
  end
  written[#written + 1] = {param = bands.type_name(slot.number), shown = code}
  written[#written + 1] = {param = slot.params[bands.GAIN], shown = text}
end

local function suggestions_of(wanted)
  local found = {}
  for at, one in ipairs(wanted) do
    found[at] = one.suggestion
  end
  return found
end

local function write(known, fx, step, fresh)
  local wanted, written = all_bands(step), {}
  local layout = fresh and bands.copy(known.layout) or fx.layout
  if not layout then
    stop.skip(suggestions_of(wanted), NOT_REAEQ)
  end
  known.unit = known.unit or gain_unit(fx, layout)
  if known.unit == "unknown" then
    known.strange[bands.GAIN] = true
  end
  local free = take(wanted, layout)
  for _, one in ipairs(wanted) do
    prepare(fx, layout, one, written)
  end
  for _, slot in ipairs(layout.slots) do
    if free[slot] then
      silence(known, fx, layout, slot, suggestions_of(wanted), written)
    end
  end
  for _, one in ipairs(wanted) do
    switch_on(fx, layout, one, written)
    write_band(known, fx, layout, one, step.insert.label, written)
  end
  return written
end

-- What a second plan may change of a ReaEQ that stands, in the order in which it can be put back: types, figures, switches. Its layout is
-- kept for `write`.
local function settings(fx)
  local types, figures, switches = {}, {}, {}
  local layout = bands.layout(fx)
  fx.layout = layout
  for _, slot in ipairs(layout and layout.slots or {}) do
    types[#types + 1] = layout.numbered and bands.type_name(slot.number) or nil
    switches[#switches + 1] = layout.numbered and bands.switch_name(slot.number) or nil
    for kind = bands.FREQ, bands.WIDTH do
      figures[#figures + 1] = slot.params[kind]
    end
  end
  table.move(figures, 1, #figures, #types + 1, types)
  return table.move(switches, 1, #switches, #types + 1, types)
end

local function hear()
  return nil, "ReaEQ listens to nothing"
end

return {
  kind = "vst", title = "ReaEQ", names = {"VST: ReaEQ (Cockos)", "ReaEQ"}, learn = learn, write = write, settings = settings, hear = hear,
}
