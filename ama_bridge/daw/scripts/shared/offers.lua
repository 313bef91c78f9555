-- The part of AMA's request that is the same for every DAW: what is offered, which entries hold for which ticks, what became of it in
-- words. It is checked as far as a mistake could do harm; a request that does not fit raises one sentence.
local json = include("shared/json")
local words = include("shared/words")

local offers = {}

local COLUMNS, NAME_COLUMNS, MOST_LINES = 96, 60, 12

local function fail(what)
  error("request.json " .. what, 0)
end

offers.fail = fail

function offers.list(value, where)
  if json.absent(value) then
    return {}
  elseif type(value) ~= "table" then
    fail("has no list at " .. where)
  end
  return value
end

function offers.text(value, where)
  if type(value) ~= "string" then
    fail("has no text at " .. where)
  end
  return value
end

function offers.finite(value, where)
  if type(value) ~= "number" or value ~= value or math.abs(value) == math.huge then
    fail("has no number at " .. where)
  end
  return value
end

-- The same for what may be absent; `default` then.
function offers.optional(check, value, where, default)
  if json.absent(value) then
    return default
  end
  return check(value, where)
end

-- What every control and every part of an insert has; known: a set of the ids that are offered.
function offers.conditions(entry, known)
  local id = offers.text(entry.suggestion, "suggestion")
  if not known[id] then
    fail("sets the suggestion " .. id .. ", which it does not offer")
  end
  return {suggestion = id, when = offers.list(entry.when, "when"), unless = offers.list(entry.unless, "unless")}
end

-- One value of a strip.
function offers.control(entry, known)
  local found = offers.conditions(entry, known)
  found.control = offers.text(entry.control, "control")
  found.value = offers.finite(entry.value, "value")
  found.expected = offers.optional(offers.finite, entry.expected, "expected")
  return found
end

local function offered(one)
  return {
    id = offers.text(one.id, "suggestions"), track = offers.text(one.track, "track"),
    track_name = offers.text(one.track_name, "track_name"),
    label = offers.text(one.label, "label"), because = offers.text(one.because, "because"), ticked = one.ticked == true,
  }
end

-- The request as plain tables, nulls gone. strip_of(entry, known) makes a strip of the DAW's own kind.
function offers.checked(document, strip_of)
  local found = {
    id = offers.text(document.id, "id"), session = offers.optional(offers.text, document.session, "session", ""),
    plan = offers.optional(offers.text, document.plan, "plan", ""), heard = {},
    ask = document.ask ~= false, answer_port = offers.optional(offers.finite, document.answer_port, "answer_port", 0),
    suggestions = {}, skipped = {}, strips = {},
  }
  for _, track in ipairs(offers.list(document.heard, "heard")) do
    found.heard[offers.text(track, "heard")] = true
  end
  local known = {}
  for at, one in ipairs(offers.list(document.suggestions, "suggestions")) do
    local suggestion = offered(one)
    if known[suggestion.id] then
      fail("offers the suggestion " .. suggestion.id .. " twice")
    end
    known[suggestion.id] = true
    found.suggestions[at] = suggestion
  end
  for at, one in ipairs(offers.list(document.skipped, "skipped")) do
    found.skipped[at] = {suggestion = offers.text(one.suggestion, "skipped"), reason = offers.text(one.reason, "skipped")}
  end
  for at, one in ipairs(offers.list(document.strips, "strips")) do
    found.strips[at] = strip_of(one, known)
  end
  return found
end

-- The request that waits in the mailbox, or nil and a sentence for the user; request is the DAW's own module.
function offers.waiting(box, request)
  local document, why = box:document("request.json", request.SCHEMA)
  if not document then
    return nil, why or "AMA has nothing to apply. Ask AMA for suggestions first: the action AMA Export does."
  end
  local ok, asked = pcall(request.checked, document)
  if not ok then
    return nil, asked .. "."
  end
  return asked
end

-- Whether a control or a part is to be written when these suggestions (a set) are going to be applied.
function offers.holds(entry, going)
  if not going[entry.suggestion] then
    return false
  end
  for _, other in ipairs(entry.when) do
    if not going[other] then
      return false
    end
  end
  for _, other in ipairs(entry.unless) do
    if going[other] then
      return false
    end
  end
  return true
end

-- The ticks as the request has them.
function offers.as_asked(request)
  local ticked = {}
  for _, suggestion in ipairs(request.suggestions) do
    ticked[suggestion.id] = suggestion.ticked or nil
  end
  return ticked
end

local function reasons(request, entries, unless)
  local names, lines = {}, {}
  for _, suggestion in ipairs(request.suggestions) do
    names[suggestion.id] = words.short(suggestion.track_name, NAME_COLUMNS) .. ", " .. suggestion.label
  end
  for _, entry in ipairs(entries) do
    if entry.reason ~= unless then
      lines[#lines + 1] = (words.wrapped(string.format("• %s: %s", names[entry.suggestion] or entry.suggestion, entry.reason), COLUMNS))
    end
  end
  return lines
end

function offers.bulleted(sentences)
  local lines = {}
  for at, sentence in ipairs(sentences) do
    lines[at] = (words.wrapped("• " .. sentence, COLUMNS))
  end
  return lines
end

-- What was done, in words; what was left out for the reason not_ticked is not told.
function offers.summary(request, result, not_ticked)
  local parts = {words.count(#result.applied, "suggestion") .. " applied and read back."}
  local skipped = reasons(request, result.skipped, not_ticked)
  if #skipped > 0 then
    parts[#parts + 1] = "Left out:\n" .. words.listed(skipped, MOST_LINES)
  end
  local conflicting = reasons(request, result.conflicting)
  if #conflicting > 0 then
    parts[#parts + 1] = "Left as you have it:\n" .. words.listed(conflicting, MOST_LINES)
  end
  if #result.notes > 0 then
    parts[#parts + 1] = words.listed(offers.bulleted(result.notes), MOST_LINES)
  end
  if #result.applied + #result.notes > 0 then
    parts[#parts + 1] = "The action AMA Revert takes it back."
  end
  return table.concat(parts, "\n\n")
end

return offers
