-- What a fader has no range for stands in a plugin of AMA's behind all others, AMA Level. Fader and level together are the fader that AMA
-- hears, expects and sets.
local ids = include("ardour/ids")
local inserts = include("ardour/inserts")
local earlier = include("shared/earlier")

local level = {}

level.KEY = "fader" -- of AMA's plugin in requests and journals
level.WHICH = 16 -- a-eq's gain of all bands, dB

local LEAST_DB = 0.005

-- What AMA Level adds to a track's fader as it stands now, dB; 0 where there is none or it is off.
function level.standing_db(standing, track)
  local one = earlier.find(standing, track, level.KEY)
  local processor = one and ids.processor(one.id)
  return processor and inserts.enabled(processor) and inserts.get(processor, level.WHICH) or 0
end

-- By how much a gain (linear) is beyond what a control reaches, dB.
function level.beyond_db(control, value)
  if value <= control.upper then
    return 0
  end
  local beyond_db = control.upper > 0 and 20 * math.log(value / control.upper, 10) or math.huge
  return beyond_db > LEAST_DB and beyond_db or 0
end

return level
