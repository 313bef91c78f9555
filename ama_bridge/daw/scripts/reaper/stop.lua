-- How a step says that its suggestions cannot go on: it raises, and whoever runs the steps catches. Anything else that is raised is
-- trouble of the script, or REAPER's no.
local stop = {}

function stop.skip(suggestions, reason)
  error({suggestions = suggestions, how = "skip", reason = reason}, 0)
end

function stop.conflict(suggestions, reason)
  error({suggestions = suggestions, how = "conflict", reason = reason}, 0)
end

return stop
