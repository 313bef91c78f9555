-- Looks before anything changes: which suggestions can go on, and with what. Nothing is written here.
--
-- steps(request, fates, standing)  a list in the order of the strips, inserts before controls:
--   {kind = "insert", route, track, insert, uri, parts, reused (what journal.standing tells), trigger}
--   {kind = "control", route, track, entry, value (what the control reaches of it), control, before}
local controls = include("ardour/controls")
local ids = include("ardour/ids")
local inserts = include("ardour/inserts")
local earlier = include("shared/earlier")
local level = include("ardour/level")
local offers = include("shared/offers")
local sidechain = include("ardour/sidechain")
local loops = include("shared/loops")

local survey = {}

local MOST_LEVEL_DB = 20 -- a-eq's

local function entries_of(strip)
  local all = {}
  for _, insert in ipairs(strip.inserts) do
    table.move(insert.parts, 1, #insert.parts, #all + 1, all)
  end
  return table.move(strip.controls, 1, #strip.controls, #all + 1, all)
end

-- The strip's route, or nil and why not. A track that got another's id in another session of the same name is not taken for it.
local function route_of(strip)
  if strip.by_name and strip.track ~= ids.MASTER then
    local named = ids.route_named(strip.name)
    return named, not named and string.format('there is no track named "%s" in this session', strip.name) or nil
  end
  local route = ids.route(strip.track)
  if not route then
    return nil, string.format('the track "%s" is not in this session any more', strip.name)
  end
  if strip.track ~= ids.MASTER and route:name() ~= strip.name then
    local other = ids.route_named(strip.name)
    if other and ids.of(other) ~= strip.track then
      return nil, string.format('"%s" is another track now; export this session again', strip.name)
    end
  end
  return route
end

-- How journals name a track: by Ardour's id, whatever the request calls it.
local function track_of(strip, route)
  return strip.track == ids.MASTER and ids.MASTER or ids.of(route)
end

-- level_db: what AMA Level adds to the fader.
local function survey_control(route, strip, entry, fates, level_db)
  local control, why = controls.of(route, entry.control)
  local held = control and control.held()
  if not control or held then
    fates:skip(entry.suggestion, why or held)
    return nil
  end
  local before = control.get()
  local seen = entry.control == "gain" and before * 10 ^ (level_db / 20) or before
  local is_there = not controls.moved(entry.control, seen, entry.value)
  if entry.expected and not is_there and controls.moved(entry.control, seen, entry.expected) then
    fates:conflict(entry.suggestion, string.format("the %s was moved since (%s instead of %s)", controls.label(entry.control),
      controls.shown(entry.control, seen), controls.shown(entry.control, entry.expected)))
    return nil
  end
  return {
    kind = "control", route = route, track = track_of(strip, route), entry = entry, value = math.min(entry.value, control.upper),
    control = control, before = before,
  }
end

local function all_parts(parts, fates, how, reason)
  for _, part in ipairs(parts) do
    fates[how](fates, part.suggestion, reason)
  end
end

-- Whether AMA's plugin is as AMA left it; a bypass is no change, one may switch it off to compare.
local function touched(processor, left)
  for which, value in pairs(left) do
    local now = inserts.get(processor, which)
    local bypassed = not inserts.enabled(processor) and value == 1 and now == 0
    if now == nil or (inserts.differs(now, value) and not bypassed) then
      return true
    end
  end
  return false
end

survey.touched = touched

local function route_to_hear(id, strips)
  for _, strip in ipairs(strips) do
    if strip.track == id then
      return route_of(strip)
    end
  end
  local route = ids.route(id)
  return route, not route and "the track that it should listen to is not in this session any more" or nil
end

-- The route that an insert listens to, nil and a reason where it cannot, nil alone where it listens to none.
local function trigger_of(insert, route, context)
  if not insert.sidechain_from then
    return nil
  end
  local trigger, why = route_to_hear(insert.sidechain_from, context.strips)
  if not trigger then
    return nil, why
  end
  local here, there = ids.of(route), ids.of(trigger)
  if loops.reaches(context.heard, here, there) then
    return nil, string.format('"%s" would listen to itself by way of "%s"', route:name(), trigger:name())
  end
  loops.note(context.heard, there, here)
  return trigger
end

-- Whether AMA's plugin that is there can take the new settings: the same plugin, on the strip still, hearing the same track or none.
local function fits(step, standing)
  local hears
  for _, one in pairs(standing) do
    if one.kind == "send" and one.serves == step.reused.id then
      hears = one.track
    end
  end
  local wanted = step.trigger and ids.of(step.trigger) or nil
  return step.reused.uri == step.uri and inserts.is_on(ids.processor(step.reused.id), step.route) and hears == wanted
end

local function survey_insert(route, strip, insert, parts, fates, context)
  local stereo = insert.stereo_uri ~= "" and route:amp():input_streams():n_audio() >= 2
  local step = {kind = "insert", route = route, track = track_of(strip, route), insert = insert, parts = parts}
  step.uri = stereo and insert.stereo_uri or insert.uri
  step.reused = earlier.find(context.standing, step.track, insert.key)
  if not step.reused and not context.known(insert.type, step.uri) then
    local missing = insert.if_missing ~= "" and insert.if_missing or "this Ardour does not have the plugin " .. step.uri
    all_parts(parts, fates, "skip", missing)
    return nil
  end
  local why
  step.trigger, why = trigger_of(insert, route, context)
  if why then
    all_parts(parts, fates, "skip", why)
    return nil
  elseif step.reused and not fits(step, context.standing) then
    all_parts(parts, fates, "skip", "another " .. insert.label .. " of AMA is there already; take that back first (AMA Revert)")
    return nil
  elseif step.reused and insert.key ~= level.KEY and touched(ids.processor(step.reused.id), step.reused.left) then
    all_parts(parts, fates, "conflict", insert.label .. " was changed by hand since AMA set it")
    return nil
  end
  return step
end

-- What the fader has no range for goes into AMA Level; one that stands is set for every fader, for both are one. Somebody who turned it
-- has moved the fader.
local function survey_level(route, strip, entry, fates, context)
  local control, track = controls.of(route, "gain"), track_of(strip, route)
  local beyond_db = level.beyond_db(control, entry.value)
  if not strip.level or beyond_db == 0 and not earlier.find(context.standing, track, level.KEY) then
    return nil
  elseif beyond_db > MOST_LEVEL_DB then
    fates:skip(entry.suggestion, string.format("%s of the fader are out of reach: it follows VCAs that stand too low",
      controls.shown("gain", entry.value)))
    return nil
  end
  local part = {suggestion = entry.suggestion, settings = {{which = level.WHICH, value = beyond_db}}}
  return survey_insert(route, strip, strip.level, {part}, fates, context)
end

-- AMA's plugin of an earlier plan, which does nothing from now on.
local function survey_earlier(suggestion, fates)
  local one = suggestion.earlier
  if touched(ids.processor(one.id), one.left) then
    fates:conflict(suggestion.id, "it was changed by hand since AMA set it")
    return nil
  end
  return {
    kind = "insert", route = ids.route(one.track), track = one.track, uri = one.uri, reused = one,
    insert = {key = one.key, label = one.label, base = one.base}, parts = {{suggestion = suggestion.id, settings = {}}},
  }
end

local function survey_strip(strip, fates, context, steps)
  local route, why = route_of(strip)
  if not route then
    for _, entry in ipairs(entries_of(strip)) do
      fates:skip(entry.suggestion, why)
    end
    return
  end
  for _, insert in ipairs(strip.inserts) do
    local parts = {}
    for _, part in ipairs(insert.parts) do
      if offers.holds(part, fates.going) then
        parts[#parts + 1] = part
      end
    end
    if #parts > 0 then
      steps[#steps + 1] = survey_insert(route, strip, insert, parts, fates, context)
    end
  end
  for _, entry in ipairs(strip.controls) do
    if offers.holds(entry, fates.going) then
      if entry.control == "gain" then
        steps[#steps + 1] = survey_level(route, strip, entry, fates, context)
      end
      steps[#steps + 1] = survey_control(route, strip, entry, fates, level.standing_db(context.standing, track_of(strip, route)))
    end
  end
end

-- Whether this Ardour has a plugin; asked once for each.
local function plugin_finder()
  local known = {}
  return function(kind, uri)
    local name = kind .. " " .. uri
    if known[name] == nil then
      known[name] = inserts.made(kind, uri) ~= nil
    end
    return known[name]
  end
end

local function is_idle(one)
  for _, setting in ipairs(one.base) do
    if inserts.differs(one.left[setting.which], setting.value) then
      return false
    end
  end
  return true
end

-- AMA's plugins as shared/earlier takes them; AMA Level is none, for it is part of the fader.
function survey.plugins(standing)
  local found = {}
  for id, one in pairs(standing) do
    if one.kind == "plugin" and one.key ~= level.KEY then
      one.idle = is_idle(one)
      found[id] = one
    end
  end
  return found
end

function survey.name_of(track)
  local route = ids.route(track)
  return route and route:name() or track
end

function survey.steps(asked, fates, standing)
  local context = {standing = standing, strips = asked.strips, known = plugin_finder()}
  return fates:settled(asked, function()
    context.heard = sidechain.listening(standing)
  end, function(strip, steps)
    survey_strip(strip, fates, context, steps)
  end, function(suggestion)
    return survey_earlier(suggestion, fates)
  end)
end

return survey
