-- Which normalised value (0..1) of a parameter shows a wanted number. REAPER tells for any normalised value what a plugin of Cockos would
-- show, without setting it; what was asked once is kept, so that a second search begins in a narrow bracket.
--
-- bisect.curve(unit)               an empty curve
-- curve:find(target, format)       normalised value, or nil and why not; format(normalised) is the text shown
local display = include("reaper/display")

local bisect = {}

local MOST_STEPS = 40
local NARROWEST = 1e-9 -- of a bracket; parameters are 32-bit floats

local Curve = {}
Curve.__index = Curve

function bisect.curve(unit)
  return setmetatable({unit = unit, samples = {}}, Curve)
end

-- The sample at a normalised value: {at, value, resolution}, kept in order of `at`; nil where no number is shown.
local function sample(self, at, format)
  local place = 1
  while self.samples[place] and self.samples[place].at < at do
    place = place + 1
  end
  local known = self.samples[place]
  if known and known.at == at then
    return known
  end
  local shown = display.read(format(at), self.unit)
  if not shown then
    return nil
  end
  shown.at = at
  table.insert(self.samples, place, shown)
  return shown
end

-- The two neighbouring samples with the target between them.
local function bracket(self, target, rising)
  for place = 1, #self.samples - 1 do
    local low, high = self.samples[place], self.samples[place + 1]
    if not rising then
      low, high = high, low
    end
    if low.value <= target and target <= high.value then
      return low, high
    end
  end
  return nil
end

-- Where the straight line between two samples has the target; the middle where it cannot be told.
local function between(low, high, target)
  local span = high.value - low.value
  if span > 0 and span < math.huge then
    local share = (target - low.value) / span
    if share > 0.02 and share < 0.98 then
      return low.at + share * (high.at - low.at)
    end
  end
  return (low.at + high.at) / 2
end

local function nearest(samples, target)
  local best
  for _, one in ipairs(samples) do
    if not best or math.abs(one.value - target) < math.abs(best.value - target) then
      best = one
    end
  end
  return best
end

local function search(self, target, rising, format)
  local width = 1
  for step = 1, MOST_STEPS do
    local low, high = bracket(self, target, rising)
    if not low then
      return
    end
    local now = math.abs(high.at - low.at)
    local slow = step % 3 == 0 and now > width / 4
    local at = slow and (low.at + high.at) / 2 or between(low, high, target)
    width = step % 3 == 0 and now or width
    local found = sample(self, at, format)
    if not found or now < NARROWEST or display.is_nearest(found, target) then
      return
    end
  end
end

function Curve:find(target, format)
  local first, last = sample(self, 0, format), sample(self, 1, format)
  if not first or not last then
    return nil, "it does not show its values as numbers"
  end
  search(self, target, first.value <= last.value, format)
  local best = nearest(self.samples, target)
  if not display.matches(best, target) then
    return nil, string.format("it goes from %g to %g", first.value, last.value)
  end
  return best.at
end

return bisect
