-- What AMA's actions are called in this REAPER: AMA starts them by these names, over OSC or the web interface.
--
-- REAPER gives every script a name of its own ("_RS" and forty digits). Each of AMA's scripts notes its own when it runs; of the others it
-- knows what earlier runs noted.
local actions = {}

local FILE, SCHEMA = "actions.json", "ama.actions/1"
local MAIN_SECTION = 0

-- What is known: title -> name.
function actions.known(box)
  local document = box:document(FILE, SCHEMA)
  local here = reaper.GetResourcePath()
  return document and document.resource_path == here and type(document.actions) == "table" and document.actions or {}
end

-- Notes how the running script is called; returns everything that is known then.
function actions.note(box, title)
  local known = actions.known(box)
  local _, _, section, command = reaper.get_action_context()
  local name = section == MAIN_SECTION and command ~= 0 and reaper.ReverseNamedCommandLookup(command) or nil
  if name and known[title] ~= "_" .. name then
    known[title] = "_" .. name
    box:write(FILE, {schema = SCHEMA, resource_path = reaper.GetResourcePath(), actions = known})
  end
  return known
end

return actions
