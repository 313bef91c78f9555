-- AMA's effects of earlier plans. A plan is made for the sound without them: those that it sets are set anew, and the others are offered to
-- do nothing from now on, each with a box of its own.
--
-- standing: id -> {id, track, key, label, plan (that set it last), idle (whether it does nothing), ...}, without what is no effect.
local earlier = {}

local function sorted(standing, asked)
  local found = {}
  for _, one in pairs(standing) do
    if asked.heard[one.track] and one.plan ~= asked.plan and not one.idle then
      found[#found + 1] = one
    end
  end
  table.sort(found, function(a, b) return a.id < b.id end)
  return found
end

-- AMA's effect for a key on a track, nil where there is none.
function earlier.find(standing, track, key)
  for _, one in pairs(standing) do
    if one.track == track and one.key == key then
      return one
    end
  end
  return nil
end

-- The entries of the request for the same effect, nil where it has none.
local function parts_for(asked, one)
  for _, strip in ipairs(asked.strips) do
    for _, insert in ipairs(strip.track == one.track and strip.inserts or {}) do
      if insert.key == one.key then
        return insert.parts
      end
    end
  end
  return nil
end

-- Adds a row for each effect that the request does not set. name_of(track) is what the user calls a track.
function earlier.offer(asked, standing, name_of)
  for _, one in ipairs(sorted(standing, asked)) do
    if not parts_for(asked, one) then
      asked.suggestions[#asked.suggestions + 1] = {
        id = "earlier:" .. one.id, track = one.track, track_name = name_of(one.track), ticked = true, earlier = one,
        label = one.label .. " of an earlier plan does nothing from now on", because = "This plan was made without it.",
      }
    end
  end
end

-- Sentences on the effects that the request would set, if the user had not left the box empty.
function earlier.left_standing(asked, standing, ticked, name_of)
  local notes = {}
  for _, one in ipairs(sorted(standing, asked)) do
    local parts, set = parts_for(asked, one), false
    for _, part in ipairs(parts or {}) do
      set = set or ticked[part.suggestion]
    end
    if parts and not set then
      notes[#notes + 1] = string.format("%s of an earlier plan on %s works as before: nothing was ticked that sets it.", one.label,
        name_of(one.track))
    end
  end
  return notes
end

-- What became of a row, as a sentence; reason is why it was not done, nil where it was.
function earlier.told(suggestion, reason)
  local what = string.format("%s of an earlier plan on %s ", suggestion.earlier.label, suggestion.track_name)
  return what .. (reason and "works as before: " .. reason .. "." or "does nothing from now on.")
end

return earlier
