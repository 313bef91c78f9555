-- What becomes of each suggestion: it goes on, or it was skipped or is in conflict for a reason. Each stands in just one list at the end.
local earlier = include("shared/earlier")
local json = include("shared/json")

local fates = {}

local Fates = {}
Fates.__index = Fates

-- ticked: a set of ids; not_ticked: the reason of the others. What is of an earlier plan ends as a note, for it is no
-- suggestion of this one.
function fates.of(request, ticked, not_ticked)
  local self = setmetatable({order = {}, going = {}, stopped = {}, earlier = {}, notes = {}, before = request.skipped}, Fates)
  for at, suggestion in ipairs(request.suggestions) do
    self.order[at], self.earlier[suggestion.id] = suggestion.id, suggestion.earlier and suggestion
    if ticked[suggestion.id] then
      self.going[suggestion.id] = true
    else
      self.stopped[suggestion.id] = {list = "skipped", reason = not_ticked}
    end
  end
  return self
end

local function stop(self, id, list, reason)
  if self.going[id] then
    self.going[id] = nil
    self.stopped[id] = {list = list, reason = reason}
  end
end

function Fates:skip(id, reason)
  stop(self, id, "skipped", reason)
end

function Fates:conflict(id, reason)
  stop(self, id, "conflicting", reason)
end

function Fates:skip_all(reason)
  for _, id in ipairs(self.order) do
    self:skip(id, reason)
  end
end

function Fates:any_going()
  return next(self.going) ~= nil
end

-- How many still go on: it only ever falls, so whoever repeats until it stands still comes to an end.
function Fates:count()
  local count = 0
  for _ in pairs(self.going) do
    count = count + 1
  end
  return count
end

-- The steps of a survey. A suggestion that stops changes what holds for the others, so the survey begins anew until none stops: begin()
-- starts a round, of_strip(strip, steps) adds what a strip asks for, of_earlier(suggestion) returns the step for an effect of an earlier
-- plan, or nil.
function Fates:settled(asked, begin, of_strip, of_earlier)
  while true do
    local steps, before = {}, self:count()
    begin()
    for _, strip in ipairs(asked.strips) do
      of_strip(strip, steps)
    end
    for _, suggestion in ipairs(asked.suggestions) do
      if suggestion.earlier and self.going[suggestion.id] then
        steps[#steps + 1] = of_earlier(suggestion)
      end
    end
    if self:count() == before then
      return steps
    end
  end
end

-- values: id -> list of {what, asked, read}.
function Fates:result(id, values, journal_path)
  local lists = {applied = json.array(), skipped = json.array(), conflicting = json.array()}
  local notes = json.array(self.notes)
  for _, one in ipairs(self.before) do
    table.insert(lists.skipped, {suggestion = one.suggestion, reason = one.reason})
  end
  for _, suggestion in ipairs(self.order) do
    local stopped = self.stopped[suggestion]
    if self.earlier[suggestion] then
      table.insert(notes, earlier.told(self.earlier[suggestion], stopped and stopped.reason))
    elseif stopped then
      table.insert(lists[stopped.list], {suggestion = suggestion, reason = stopped.reason})
    else
      table.insert(lists.applied, {suggestion = suggestion, values = json.array(values[suggestion] or {})})
    end
  end
  return {
    schema = "ama.result/1", id = id, applied = lists.applied, skipped = lists.skipped, conflicting = lists.conflicting,
    notes = notes, journal = journal_path,
  }
end

return fates
