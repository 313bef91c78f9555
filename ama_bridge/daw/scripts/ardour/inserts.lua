-- AMA's plugins on a strip: made, put before the fader, set, read, taken away.
local ids = include("ardour/ids")

local inserts = {}

local READ_RELATIVE = 1e-4 -- plugins hold 32-bit floats; those with steps answer with the step that they took
local READ_ABSOLUTE = 1e-5

function inserts.differs(a, b)
  return math.abs(a - b) > math.max(READ_ABSOLUTE, READ_RELATIVE * math.max(math.abs(a), math.abs(b)))
end

-- A processor that is on no strip yet, or nil where this Ardour does not have the plugin.
function inserts.made(kind, uri)
  if kind == "lua" then
    return ids.there(ARDOUR.LuaAPI.new_luaproc(Session, uri))
  elseif kind == "lv2" then
    return ids.there(ARDOUR.LuaAPI.new_plugin(Session, uri, ARDOUR.PluginType.LV2, ""))
  end
  return nil
end

-- The place right before the fader (or before another processor), counted as add_processor_by_index counts: shown processors from 0.
local function place_before(route, stop_id)
  local shown = 0
  for _, processor in ipairs(ids.processors(route)) do
    if ids.of(processor) == stop_id then
      return shown
    end
    shown = shown + (processor:display_to_user() and 1 or 0)
  end
  return shown
end

-- true, or false where the strip does not take it. `before` is the id of the processor that it goes in front of; nil means the fader.
function inserts.put(route, processor, before)
  local at = place_before(route, before or ids.of(route:amp()))
  return route:add_processor_by_index(processor, at, nil, true) == 0
end

function inserts.remove(route, processor)
  return route:remove_processor(processor, nil, true) == 0
end

function inserts.get(processor, which)
  local value, results = ARDOUR.LuaAPI.get_processor_param(processor, which, true)
  if results and results[3] == false then
    return nil
  end
  return value
end

-- Whether the plugin took the value; false for a port that is none, an output, or a value out of its range.
function inserts.set(processor, which, value)
  return ARDOUR.LuaAPI.set_processor_param(processor, which, value)
end

-- Whether a processor is on a route.
function inserts.is_on(processor, route)
  local wanted = ids.of(processor)
  for _, other in ipairs(ids.processors(route)) do
    if ids.of(other) == wanted then
      return true
    end
  end
  return false
end

-- What a processor is, whatever its id: the plugin's own id, or the name of a send. Ids alone do not do: when a session was closed without
-- saving, Ardour gives the same ones out again.
function inserts.identity(processor)
  local insert = ids.there(processor:to_insert())
  local plugin = insert and ids.there(insert:plugin(0))
  return plugin and plugin:unique_id() or processor:name()
end

-- Whether a plugin works. Who switches one off in the window sets the plugin's own switch where it has one (a control port, which a script
-- reads as 0 then), and takes the whole processor out where it has none.
function inserts.enabled(processor)
  local insert = ids.there(processor:to_insert())
  return processor:active() and (insert == nil or insert:enabled())
end

-- The strip's plugins as {name, uri, enabled, processor}, AMA's own and the user's.
function inserts.plugins(route)
  local found = {}
  for _, processor in ipairs(ids.processors(route)) do
    local insert = ids.there(processor:to_insert())
    if insert then
      local plugin = ids.there(insert:plugin(0))
      found[#found + 1] = {
        name = processor:display_name(),
        uri = plugin and plugin:unique_id() or "",
        enabled = inserts.enabled(processor),
        processor = processor,
      }
    end
  end
  return found
end

return inserts
