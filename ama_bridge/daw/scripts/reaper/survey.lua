-- Looks before anything changes: which suggestions can go on, and with what. Nothing is written here.
--
-- steps(asked, fates, seen)  a list in the order of the strips, inserts before controls:
--   {kind = "insert", track, id, insert, device, parts, reused (an effect of AMA's that stands), before (its raw values), trigger,
--    trigger_id}
--   {kind = "control", track, id, entry, control, before (raw)}
--   {kind = "off", track, id, insert, suggestion, reused, before}: an effect of an earlier plan
-- seen: {tracks (ids.tracks), standing (journal.standing), known (device -> what was learned of it)}
local controls = include("reaper/controls")
local devices = include("reaper/devices")
local ids = include("reaper/ids")
local earlier = include("shared/earlier")
local journal = include("reaper/journal")
local offers = include("shared/offers")
local params = include("reaper/params")
local sidechain = include("reaper/sidechain")
local loops = include("shared/loops")

local survey = {}

local GONE = 'the track "%s" is not in this project any more'

-- The id of a strip's track in this project, or nil and why there is none.
local function id_of(strip, tracks)
  if strip.by_name and strip.track ~= ids.MASTER then
    return tracks:named(strip.name)
  elseif not tracks:track(strip.track) then
    return nil, string.format(GONE, strip.name)
  end
  return strip.track
end

local function survey_control(track, id, entry, fates)
  local control, why = controls.of(track, entry.control)
  local held = control and control.held()
  if not control or held then
    fates:skip(entry.suggestion, why or held)
    return nil
  end
  local before = control.raw()
  local now = control.value(before)
  local is_there = not controls.moved(entry.control, now, entry.value)
  if entry.expected and not is_there and controls.moved(entry.control, now, entry.expected) then
    fates:conflict(entry.suggestion, string.format("the %s was moved since (%s instead of %s)", controls.label(entry.control),
      controls.shown(entry.control, now), controls.shown(entry.control, entry.expected)))
    return nil
  end
  return {kind = "control", track = track, id = id, entry = entry, control = control, before = before}
end

local function all_parts(parts, fates, how, reason)
  for _, part in ipairs(parts) do
    fates[how](fates, part.suggestion, reason)
  end
end

local function id_to_hear(wanted, strips, tracks)
  for _, strip in ipairs(strips) do
    if strip.track == wanted then
      return id_of(strip, tracks)
    end
  end
  if tracks:track(wanted) then
    return wanted
  end
  return nil, "the track that it should listen to is not in this project any more"
end

-- The track that an insert listens to and its id; nil, nil and a reason where it cannot; nil alone where it listens to none.
local function trigger_of(insert, track, id, seen)
  if not insert.sidechain_from then
    return nil
  end
  local tracks = seen.tracks
  local trigger_id, why = id_to_hear(insert.sidechain_from, seen.strips, tracks)
  if not trigger_id then
    return nil, nil, why
  elseif id == ids.MASTER or trigger_id == ids.MASTER then
    return nil, nil, "the master neither listens to a track nor is listened to"
  elseif loops.reaches(seen.heard, id, trigger_id) or sidechain.is_inside(track, trigger_id) then
    return nil, nil, string.format('"%s" would listen to itself by way of "%s"', tracks:name(id), tracks:name(trigger_id))
  end
  local leak = sidechain.leak(track, tracks, function(other) return seen.listens[other] end)
  if leak then
    return nil, nil, leak
  end
  seen.listens[id] = true
  loops.note(seen.heard, trigger_id, id)
  return tracks:track(trigger_id), trigger_id
end

-- What a standing effect's settings are now, raw, in the order in which they can be put back: {param, before}.
local function settings_now(fx, known)
  local access = params.of(fx.device.kind)
  local list = {{param = "enabled", before = access.raw(fx, "enabled")}}
  if fx.device.settings then
    for _, param in ipairs(fx.device.settings(fx)) do
      list[#list + 1] = {param = param, before = access.raw(fx, param)}
    end
    return list
  end
  for name, raw in pairs(params.all(fx, fx.device.kind, known.names, known.count)) do
    list[#list + 1] = {param = math.tointeger(tonumber(name)), before = raw}
  end
  return list
end

-- AMA's effect from an earlier plan, if it can take the new settings: true, or false, how the suggestions end, and why.
local function reuse(step, seen)
  local stands, known = step.stands, seen.known[step.insert.device]
  if stands.device ~= step.insert.device or stands.hears ~= step.trigger_id then
    return false, "skip", "another " .. step.insert.label .. " of AMA is there already; take that back first (AMA Revert)"
  end
  local fx = {track = step.track, at = stands.at, guid = stands.guid, device = step.device}
  local ok, why = step.device.learn(known, fx, false)
  if not ok then
    return false, "skip", why
  end
  local before, raws = settings_now(fx, known), {}
  for _, setting in ipairs(before) do
    raws[setting.param] = setting.before
  end
  if journal.touched(fx, stands.left, stands.defaults, raws) then
    return false, "conflict", step.insert.label .. " was changed by hand since AMA set it"
  end
  step.reused, step.before = fx, before
  return true
end

local function survey_insert(track, id, insert, parts, fates, seen)
  local step = {kind = "insert", track = track, id = id, insert = insert, device = devices.of(insert.device), parts = parts}
  local why
  step.trigger, step.trigger_id, why = trigger_of(insert, track, id, seen)
  if why then
    all_parts(parts, fates, "skip", why)
    return nil
  end
  step.stands = earlier.find(seen.standing, id, insert.key)
  if step.stands then
    local ok, how, reason = reuse(step, seen)
    if not ok then
      all_parts(parts, fates, how, reason)
      return nil
    end
  end
  return step
end

local function skip_strip(strip, fates, why)
  for _, insert in ipairs(strip.inserts) do
    all_parts(insert.parts, fates, "skip", why)
  end
  all_parts(strip.controls, fates, "skip", why)
end

local function survey_strip(strip, fates, seen, steps)
  local id, why = id_of(strip, seen.tracks)
  if not id then
    return skip_strip(strip, fates, why)
  end
  local track = seen.tracks:track(id)
  for _, insert in ipairs(strip.inserts) do
    local parts = {}
    for _, part in ipairs(insert.parts) do
      parts[#parts + 1] = offers.holds(part, fates.going) and part or nil
    end
    if #parts > 0 then
      steps[#steps + 1] = survey_insert(track, id, insert, parts, fates, seen)
    end
  end
  for _, entry in ipairs(strip.controls) do
    if offers.holds(entry, fates.going) then
      steps[#steps + 1] = survey_control(track, id, entry, fates)
    end
  end
end

local function survey_earlier(suggestion, fates, seen)
  local one = suggestion.earlier
  local step = {
    kind = "off", track = seen.tracks:track(one.track), id = one.track, suggestion = suggestion.id, device = devices.of(one.device),
    insert = {device = one.device, key = one.key, label = one.label}, stands = seen.standing[one.guid], trigger_id = one.hears,
  }
  if not step.stands then
    fates:skip(suggestion.id, "it is not there any more")
    return nil
  end
  local ok, how, reason = reuse(step, seen)
  if not ok then
    fates[how](fates, suggestion.id, reason)
    return nil
  end
  return step
end

local function heard_already(standing)
  local heard = {}
  for _, one in pairs(standing) do
    if one.hears then
      loops.note(heard, one.hears, one.track)
    end
  end
  return heard
end

function survey.steps(asked, fates, seen)
  seen.strips = asked.strips
  return fates:settled(asked, function()
    seen.heard, seen.listens = heard_already(seen.standing), {}
  end, function(strip, steps)
    survey_strip(strip, fates, seen, steps)
  end, function(suggestion)
    return survey_earlier(suggestion, fates, seen)
  end)
end

return survey
