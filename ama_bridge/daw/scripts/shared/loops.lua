-- Who listens to whom, so that no side-chain closes a loop, which no DAW can run: heard[a][b] where b hears a. Knows no DAW.
local loops = {}

function loops.note(heard, trigger, listener)
  heard[trigger] = heard[trigger] or {}
  heard[trigger][listener] = true
end

-- Whether sound of `from` comes to `to` over such sends.
function loops.reaches(heard, from, to, seen)
  seen = seen or {}
  if from == to then
    return true
  elseif seen[from] then
    return false
  end
  seen[from] = true
  for next_one in pairs(heard[from] or {}) do
    if loops.reaches(heard, next_one, to, seen) then
      return true
    end
  end
  return false
end

return loops
