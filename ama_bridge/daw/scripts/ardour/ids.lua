-- Ardour's objects by their ids. "master" is the master bus; every other id is the decimal text of a PBD::ID.
local ids = {}

ids.MASTER = "master"

function ids.of(object)
  return object:to_stateful():id():to_s()
end

local function is_id(text)
  return type(text) == "string" and #text <= 19 and string.find(text, "^%d+$") ~= nil
end

-- What a call gave, or nil for Ardour's own nil.
local function there(object)
  if object == nil or object:isnil() then
    return nil
  end
  return object
end

ids.there = there

function ids.route(id)
  if id == ids.MASTER then
    return there(Session:master_out())
  end
  return is_id(id) and there(Session:route_by_id(PBD.ID(id))) or nil
end

function ids.route_named(name)
  return there(Session:route_by_name(name))
end

function ids.processor(id)
  return is_id(id) and there(Session:processor_by_id(PBD.ID(id))) or nil
end

-- All processors of a route in their order, those too that Ardour does not show.
function ids.processors(route)
  local found = {}
  while true do
    local processor = there(route:nth_processor(#found))
    if not processor then
      return found
    end
    found[#found + 1] = processor
  end
end

return ids
