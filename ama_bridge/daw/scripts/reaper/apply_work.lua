-- Applies a request to the open project: survey, journal, then the changes inside one step of REAPER's undo, each read back. Windows are
-- the action's.
--
-- All or nothing for each suggestion: when one fails in the middle, everything of this run is undone, that suggestion is left out, and the
-- rest begins anew. So nothing is ever half done, and values that hold only without it are found again.
local block = include("reaper/block")
local changes = include("reaper/changes")
local earlier = include("shared/earlier")
local fates_module = include("shared/fates")
local ids = include("reaper/ids")
local journal = include("reaper/journal")
local json = include("shared/json")
local project = include("reaper/project")
local request = include("reaper/request")
local survey = include("reaper/survey")
local words = include("shared/words")

local apply = {}

-- The tables of what was learned, by device: each is made when it is asked for.
local function learned()
  return setmetatable({}, {__index = function(known, device)
    known[device] = {}
    return known[device]
  end})
end

-- Looks at the project anew: pointers do not outlive what is deleted.
local function look(seen, journals)
  seen.tracks = ids.tracks()
  seen.standing = journal.standing(journals, seen.tracks)
end

local function defaults_of(run, known)
  local defaults = {}
  for _, one in ipairs(run.inserted) do
    if one.kind == "plugin" then
      defaults[one.device] = known[one.device].defaults
    end
  end
  return defaults
end

local function journal_of(asked, box)
  return {
    schema = journal.SCHEMA, id = box:free_id(asked.id), plan = asked.plan, session = project.name(), session_path = project.path(),
    controls = json.array(), inserted = json.array(), changed = json.array(), defaults = {}, reverted = false,
  }
end

-- Before anything changes, the journal tells what the controls are and what they are going to be; effects get GUIDs when they are there.
local function plan(entry, steps)
  for _, step in ipairs(steps) do
    if step.kind == "control" then
      local before = step.control.value(step.before)
      table.insert(entry.controls, {
        track = step.id, control = step.entry.control, before = before, after = step.entry.value, raw = step.before,
      })
    end
  end
end

-- Does all steps, also behind one that fails: what is wrong with several is known after one run. Returns {step, trouble} for each.
local function try(run, steps)
  local troubles = {}
  local function note(step, ok, trouble)
    troubles[#troubles + 1] = not ok and {step = step, trouble = trouble} or nil
  end
  for at, step in ipairs(steps) do
    run.later = table.move(steps, at + 1, #steps, 1, {})
    note(step, pcall(changes.make, run, step))
  end
  for _, record in ipairs(#troubles == 0 and run.written or {}) do
    note(changes.step_of(record), pcall(changes.read_back, run, record))
  end
  return troubles
end

-- What stopped a run ends its suggestions. Trouble that nobody foresaw ends those of the step at which it came: its track may be gone.
local function stopped(fates, step, trouble)
  if type(trouble) == "table" then
    for _, id in ipairs(trouble.suggestions) do
      fates[trouble.how](fates, id, trouble.reason)
    end
    return
  end
  local there = ids.there(step.track)
  for _, id in ipairs(changes.suggestions(step)) do
    fates:skip(id, there and "REAPER refused: " .. tostring(trouble) or "its track was deleted meanwhile")
  end
end

-- Runs until all that still goes on stands; the run, or nil where nothing is left.
local function until_it_stands(asked, fates, seen, steps, journals)
  while fates:any_going() do
    local run = changes.new_run(seen)
    local troubles = try(run, steps)
    if #troubles == 0 then
      return run
    end
    changes.undo(run)
    local before = fates:count()
    for _, one in ipairs(troubles) do
      stopped(fates, one.step, one.trouble)
    end
    if fates:count() == before then -- so that this comes to an end, whatever happens
      fates:skip_all("AMA's script stopped: " .. tostring(troubles[1].trouble))
    end
    look(seen, journals)
    steps = survey.steps(asked, fates, seen)
  end
  return nil
end

local function named(fates)
  return function(ok, run)
    return ok and run and "AMA: apply " .. words.count(fates:count(), "suggestion") or "AMA: nothing applied"
  end
end

local function nothing(asked, fates)
  return fates:result(asked.id, {}, "")
end

-- Takes a planned journal back out: nothing of it was done.
local function forget(box, entry)
  entry.controls, entry.inserted, entry.changed, entry.reverted = json.array(), json.array(), json.array(), true
  box:keep_journal(entry)
end

-- Adds to a request what is to become of AMA's effects of earlier plans.
function apply.offer_earlier(asked, box)
  local tracks = ids.tracks()
  local standing = journal.standing(journal.here(box, tracks), tracks)
  earlier.offer(asked, standing, function(track) return tracks:name(track) end)
end

-- Applies the ticked suggestions (a set of ids). Returns the result document; keeps the journal in the box.
function apply.run(asked, ticked, box)
  local fates = fates_module.of(asked, ticked, request.NOT_TICKED)
  local seen, tracks = {known = learned()}, ids.tracks()
  local journals = journal.here(box, tracks)
  seen.tracks, seen.standing = tracks, journal.standing(journals, tracks)
  fates.notes = earlier.left_standing(asked, seen.standing, ticked, function(track) return tracks:name(track) end)
  local steps = survey.steps(asked, fates, seen)
  if not fates:any_going() then
    return nothing(asked, fates)
  end
  local entry = journal_of(asked, box)
  plan(entry, steps)
  local path, why = box:keep_journal(entry)
  if path == "" then
    fates:skip_all("the journal cannot be written: " .. tostring(why))
    return nothing(asked, fates)
  end
  local ok, run = block.run(function() return until_it_stands(asked, fates, seen, steps, journals) end, named(fates))
  if not ok or not run then
    forget(box, entry)
    fates:skip_all("AMA's script stopped: " .. tostring(run))
    return nothing(asked, fates)
  end
  entry.controls, entry.inserted, entry.changed, entry.defaults = run.controls, run.inserted, run.changed, defaults_of(run, seen.known)
  path = box:keep_journal(entry)
  return fates:result(asked.id, run.values, path)
end

return apply
