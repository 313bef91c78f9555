-- AMA's request as apply needs it, in Ardour's terms: strips with controls and plugins.
local json = include("shared/json")
local offers = include("shared/offers")

local request = {}

request.SCHEMA = "ama.ardour/1"
request.NOT_TICKED = "not ticked in Ardour"

local function settings(values, where)
  local found = {}
  for at, setting in ipairs(offers.list(values, where)) do
    local which = offers.finite(setting.which, where)
    if which < 0 or math.tointeger(which) == nil then
      offers.fail("has no port at " .. where)
    end
    found[at] = {which = math.tointeger(which), value = offers.finite(setting.value, where)}
  end
  return found
end

local function insert(entry, known)
  local parts = {}
  for at, part in ipairs(offers.list(entry.parts, "parts")) do
    parts[at] = offers.conditions(part, known)
    parts[at].settings = settings(part.settings, "settings")
  end
  return {
    key = offers.text(entry.key, "key"), label = offers.text(entry.label, "label"), uri = offers.text(entry.uri, "uri"),
    stereo_uri = offers.optional(offers.text, entry.stereo_uri, "stereo_uri", ""),
    type = offers.optional(offers.text, entry.type, "type", "lv2"), base = settings(entry.base, "base"), parts = parts,
    sidechain_from = offers.optional(offers.text, entry.sidechain_from, "sidechain_from"),
    if_missing = offers.optional(offers.text, entry.if_missing, "if_missing", ""),
  }
end

local function strip(entry, known)
  local found = {track = offers.text(entry.track, "track"), name = offers.text(entry.name, "name"), by_name = entry.by_name == true}
  found.controls, found.inserts = {}, {}
  found.level = not json.absent(entry.level) and insert(entry.level, known) or nil
  for at, one in ipairs(offers.list(entry.controls, "controls")) do
    found.controls[at] = offers.control(one, known)
  end
  for at, one in ipairs(offers.list(entry.inserts, "inserts")) do
    found.inserts[at] = insert(one, known)
  end
  return found
end

-- The request as plain tables; raises one sentence where it does not fit.
function request.checked(document)
  return offers.checked(document, strip)
end

return request
