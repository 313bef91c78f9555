-- While Ardour records, AMA leaves the session alone: plugins that come and go interrupt a take, and a bounce does too.
local recording = {}

-- Half a sentence, or nil.
function recording.obstacle()
  return Session:actively_recording() and "Ardour is recording" or nil
end

return recording
