-- AMA's request as apply needs it: checked as far as a mistake could do harm, nulls gone, and which entries hold for which ticks.
local json = include("shared/json")

local request = {}

request.SCHEMA = "ama.ardour/1"

local function fail(what)
  error("request.json " .. what, 0)
end

local function list(value, where)
  if json.absent(value) then
    return {}
  elseif type(value) ~= "table" then
    fail("has no list at " .. where)
  end
  return value
end

local function text(value, where)
  if type(value) ~= "string" then
    fail("has no text at " .. where)
  end
  return value
end

local function finite(value, where)
  if type(value) ~= "number" or value ~= value or math.abs(value) == math.huge then
    fail("has no number at " .. where)
  end
  return value
end

local function settings(values, where)
  local found = {}
  for at, setting in ipairs(list(values, where)) do
    local which = finite(setting.which, where)
    if which < 0 or math.tointeger(which) == nil then
      fail("has no port at " .. where)
    end
    found[at] = {which = math.tointeger(which), value = finite(setting.value, where)}
  end
  return found
end

local function conditions(entry, known)
  local id = text(entry.suggestion, "suggestion")
  if not known[id] then
    fail("sets the suggestion " .. id .. ", which it does not offer")
  end
  return {suggestion = id, when = list(entry.when, "when"), unless = list(entry.unless, "unless")}
end

local function control(entry, known)
  local found = conditions(entry, known)
  found.control = text(entry.control, "control")
  found.value = finite(entry.value, "value")
  found.expected = not json.absent(entry.expected) and finite(entry.expected, "expected") or nil
  return found
end

local function insert(entry, known)
  local parts = {}
  for at, part in ipairs(list(entry.parts, "parts")) do
    parts[at] = conditions(part, known)
    parts[at].settings = settings(part.settings, "settings")
  end
  local trigger = not json.absent(entry.sidechain_from) and text(entry.sidechain_from, "sidechain_from") or nil
  local stereo = not json.absent(entry.stereo_uri) and text(entry.stereo_uri, "stereo_uri") or ""
  local missing = not json.absent(entry.if_missing) and text(entry.if_missing, "if_missing") or ""
  return {
    key = text(entry.key, "key"), label = text(entry.label, "label"), uri = text(entry.uri, "uri"), stereo_uri = stereo,
    type = json.absent(entry.type) and "lv2" or text(entry.type, "type"), base = settings(entry.base, "base"), parts = parts,
    sidechain_from = trigger, if_missing = missing,
  }
end

local function strip(entry, known)
  local found = {track = text(entry.track, "track"), name = text(entry.name, "name"), by_name = entry.by_name == true}
  found.controls, found.inserts = {}, {}
  for at, one in ipairs(list(entry.controls, "controls")) do
    found.controls[at] = control(one, known)
  end
  for at, one in ipairs(list(entry.inserts, "inserts")) do
    found.inserts[at] = insert(one, known)
  end
  return found
end

-- The request as plain tables; raises one sentence where it does not fit.
function request.checked(document)
  local found = {id = text(document.id, "id"), session = "", ask = document.ask ~= false, suggestions = {}, skipped = {}, strips = {}}
  found.session = not json.absent(document.session) and text(document.session, "session") or ""
  found.answer_port = not json.absent(document.answer_port) and finite(document.answer_port, "answer_port") or 0
  local known = {}
  for at, one in ipairs(list(document.suggestions, "suggestions")) do
    local id = text(one.id, "suggestions")
    if known[id] then
      fail("offers the suggestion " .. id .. " twice")
    end
    known[id] = true
    found.suggestions[at] = {
      id = id, track = text(one.track, "track"), track_name = text(one.track_name, "track_name"), label = text(one.label, "label"),
      because = text(one.because, "because"), ticked = one.ticked == true,
    }
  end
  for at, one in ipairs(list(document.skipped, "skipped")) do
    found.skipped[at] = {suggestion = text(one.suggestion, "skipped"), reason = text(one.reason, "skipped")}
  end
  for at, one in ipairs(list(document.strips, "strips")) do
    found.strips[at] = strip(one, known)
  end
  return found
end

-- Whether a control or a part is to be written when these suggestions (a set) are going to be applied.
function request.holds(entry, going)
  if not going[entry.suggestion] then
    return false
  end
  for _, other in ipairs(entry.when) do
    if not going[other] then
      return false
    end
  end
  for _, other in ipairs(entry.unless) do
    if going[other] then
      return false
    end
  end
  return true
end

return request
