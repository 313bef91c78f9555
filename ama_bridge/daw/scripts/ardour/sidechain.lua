-- A plugin that listens to another track: a send on that track, before its fader and before AMA's own plugins there, into a side-chain
-- input on the plugin. What Ardour's window calls "External Send" and "Add Side-Chain".
local ids = include("ardour/ids")
local loops = include("shared/loops")

local sidechain = {}

local SETTLE_CYCLES, SETTLE_MS, SETTLE_US = 3, 500, 100000

-- Ardour numbers sends and names their ports by the number. A number is free as soon as Lua lets go of a send, its port a moment later;
-- a new send that gets the number in between fails. So what is not used any more goes first, and Ardour gets the time to clear it away.
function sidechain.settle()
  collectgarbage()
  collectgarbage()
  ARDOUR.LuaAPI.wait_for_process_callback(SETTLE_CYCLES, SETTLE_MS)
  ARDOUR.LuaAPI.usleep(SETTLE_US)
end

-- Who listens to whom already.
function sidechain.listening(standing)
  local heard = {}
  for _, one in pairs(standing) do
    if one.kind == "send" then
      loops.note(heard, one.track, one.to)
    end
  end
  return heard
end

-- The send, or nil and why not; nothing is left behind then.
function sidechain.connect(route, processor, trigger, before)
  local insert = processor:to_insert()
  if not insert:has_sidechain() and not route:add_sidechain(processor) then
    return nil, "Ardour gave the plugin no side-chain input"
  end
  local input = ids.there(insert:sidechain_input())
  local ports = input and input:n_ports():n_audio() or 0
  if ports == 0 then
    return nil, "its side-chain input takes no audio"
  end
  local send = ids.there(ARDOUR.LuaAPI.new_send(Session, trigger, before or trigger:amp()))
  if not send then
    return nil, "Ardour made no send on " .. trigger:name()
  end
  local output = ids.there(send:to_ioprocessor():output())
  local count = output and output:n_ports():n_audio() or 0
  for at = 0, count - 1 do
    if output:nth(at):connect(input:nth(math.min(at, ports - 1)):name()) ~= 0 then
      trigger:remove_processor(send, nil, true)
      return nil, "the send could not be connected"
    end
  end
  if count == 0 then
    trigger:remove_processor(send, nil, true)
    return nil, trigger:name() .. " gives no audio there"
  end
  -- Several channels meet in one input there: their mean, not their sum.
  if count > ports then
    send:to_send():gain_control():set_value(ports / count, PBD.GroupControlDisposition.NoGroup)
  end
  return send
end

return sidechain
