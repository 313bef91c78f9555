-- The session's strips as Export tells them: what can be bounced, and what is left out for which reason.
local controls = include("ardour/controls")
local ids = include("ardour/ids")
local inserts = include("ardour/inserts")
local json = include("shared/json")
local level = include("ardour/level")

local tracks = {}

local LOWEST_DB = -200.0 -- how AMA writes a closed fader

-- A position or a length in samples: numbers until Ardour 6, Temporal's types from 7 on.
local function samples(value)
  return type(value) == "number" and value or value:samples()
end

tracks.samples = samples

function tracks.decibels(coefficient)
  return coefficient > 0 and math.max(LOWEST_DB, 20 * math.log(coefficient, 10)) or LOWEST_DB
end

-- First and last sample of what lies on a track, nil where nothing does.
local function extent(track)
  local first, last
  for region in track:playlist():region_list():iter() do
    local from = samples(region:position())
    local to = from + samples(region:length())
    first, last = math.min(first or from, from), math.max(last or to, to)
  end
  return first, last
end

-- Why a route has no stem, or nil.
local function obstacle(route, range)
  local track = ids.there(route:to_track())
  if not track then
    return "it is a bus, and Ardour's scripts can bounce tracks alone"
  elseif ids.there(track:to_midi_track()) then
    return "it is a MIDI track; bounce it to audio first"
  elseif not route:active() then
    return "it is switched off"
  end
  local first, last = extent(track)
  if not first then
    return "nothing is on it"
  elseif first >= range.stop or last <= range.start then
    return "nothing is on it between start and end"
  end
  return nil
end

-- All routes in the order of Ardour's window.
function tracks.routes()
  local found = {}
  for route in Session:get_routes():iter() do
    if not (route:is_master() or route:is_monitor() or route:is_auditioner()) then
      found[#found + 1] = {route = route, order = route:presentation_info_ptr():order(), id = ids.of(route)}
    end
  end
  table.sort(found, function(a, b)
    if a.order ~= b.order then
      return a.order < b.order
    end
    return #a.id < #b.id or (#a.id == #b.id and a.id < b.id)
  end)
  local routes = {}
  for at, one in ipairs(found) do
    routes[at] = one.route
  end
  return routes
end

-- From the first region to the last one's end; nil where there is no audio at all.
function tracks.extent()
  local start, stop
  for _, route in ipairs(tracks.routes()) do
    local track = ids.there(route:to_track())
    if track and not ids.there(track:to_midi_track()) then
      local first, last = extent(track)
      start, stop = first and math.min(start or first, first) or start, last and math.max(stop or last, last) or stop
    end
  end
  return start and {start = start, stop = stop} or nil
end

local function group_names()
  local names = {}
  for group in Session:route_groups():iter() do
    for route in group:route_list():iter() do
      names[ids.of(route)] = group:name()
    end
  end
  return names
end

-- What follows automation, and not the hand: its value is that of the moment.
local function automated(route)
  local found = json.array()
  for name, told in pairs({gain = "fader", pan = "pan"}) do
    local control = controls.of(route, name)
    found[#found + 1] = control and control.held() and told or nil
  end
  table.sort(found)
  return found
end

local function described(route, groups, standing)
  local plugins = {}
  for _, plugin in ipairs(inserts.plugins(route)) do
    if not standing[ids.of(plugin.processor)] then
      plugins[#plugins + 1] = {name = plugin.name, uri = plugin.uri, enabled = plugin.enabled}
    end
  end
  local id, pan = ids.of(route), controls.of(route, "pan")
  local fader_db = tracks.decibels(route:gain_control():get_value())
  return {
    id = id, name = route:name(), fader_db = fader_db > LOWEST_DB and fader_db + level.standing_db(standing, id) or LOWEST_DB,
    pan = pan and math.min(1, math.max(-1, 2 * pan.get() - 1)) or 0.0, muted = route:muted(), group = groups[id] or "",
    automated = automated(route), plugins = plugins,
  }
end

-- {found = {{route, track (as session.json tells it)}}, left_out = {{name, reason}}}. standing: AMA's own processors, which are not told.
function tracks.survey(range, standing)
  local groups, found, left_out = group_names(), {}, {}
  for _, route in ipairs(tracks.routes()) do
    local reason = obstacle(route, range)
    if reason then
      left_out[#left_out + 1] = {name = route:name(), reason = reason}
    else
      found[#found + 1] = {route = route, track = described(route, groups, standing)}
    end
  end
  return {found = found, left_out = left_out}
end

return tracks
