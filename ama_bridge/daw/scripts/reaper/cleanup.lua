-- What has to be put back, whatever happens: on the usual way, behind an error, and when the user ends the script in the middle.
local cleanup = {}

local Cleanup = {}
Cleanup.__index = Cleanup

function cleanup.new()
  local self = setmetatable({steps = {}}, Cleanup)
  reaper.atexit(function() self:run() end)
  return self
end

-- step() puts one thing back. It may raise: then it is tried once more, and the others all the same.
function Cleanup:add(step)
  table.insert(self.steps, step)
end

-- Newest first. What could not be put back stays for the end of the script; returns what was raised of it.
function Cleanup:run()
  local steps, left, troubles = self.steps, {}, {}
  self.steps = {}
  for at = #steps, 1, -1 do
    local ok, trouble = pcall(steps[at])
    if not ok then
      ok, trouble = pcall(steps[at])
    end
    if not ok then
      table.insert(left, 1, steps[at])
      troubles[#troubles + 1] = tostring(trouble)
    end
  end
  self.steps = left
  return troubles
end

return cleanup
