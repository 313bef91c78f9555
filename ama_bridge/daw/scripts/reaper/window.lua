-- What AMA's scripts say and ask in REAPER. Nothing blocks: windows are drawn by `reaper.defer`, and what the user chose goes to `done`.
--
--   ask(asked, done)             the offers of a request, by track, with a box each; done(set of ids), or done(nil) when cancelled
--   say(title, text, done)       a text; warn(title, text, done) one that matters
--   choose(title, items, done)   one of {key, text, because}, some of them in groups; done({group = key}) or done(nil)
--   progress(title)              step(fraction, text) -> false when the user stopped it; done()
--   open(view) changed(view) close(view)   any window (see reaper/layout for its rows)
--
-- A script has one window. What is opened while another is open stands before it until it is closed. With ReaImGui installed that draws.
local imgui = include("reaper/window_imgui")
local plain = include("reaper/window_gfx")
local rows = include("reaper/rows")
local words = include("shared/words")

local window = {}

local NAME_COLUMNS = 60
local stack, surface, ticking = {}, nil, false

local function drawn_by()
  surface = surface or (imgui.available() and imgui or plain)
  return surface
end

-- The user has closed the window: everything in it is cancelled. What that opens comes in a new one.
local function closed_by_user()
  local open = stack
  stack = {}
  for at = #open, 1, -1 do
    if not open[at].closed then
      open[at].cancel(open[at])
    end
  end
end

local function tick()
  local view = stack[#stack]
  if not view then
    ticking = false
    drawn_by().close()
    return
  end
  if view.each_tick then
    view.each_tick(view)
  end
  if not view.closed and not drawn_by().frame(view) then
    closed_by_user()
  end
  reaper.defer(tick)
end

-- view: title, rows, buttons, cancel(view) (escape, or the window is closed), and where wanted intro, tone, status(view), all_none, width,
-- height, each_tick(view), unasked (it may come up while the user types elsewhere).
function window.open(view)
  view.revision, view.closed, view.opened_s = 0, false, reaper.time_precise()
  stack[#stack + 1] = view
  if not ticking then
    ticking = true
    reaper.defer(tick)
  end
  return view
end

-- Its rows, texts or buttons are others now.
function window.changed(view)
  view.revision = view.revision + 1
end

function window.close(view)
  view.closed = true
  for at = #stack, 1, -1 do
    if stack[at] == view then
      table.remove(stack, at)
    end
  end
end

-- Closes a window and tells what came of it, once.
local function answering(done)
  return function(view, ...)
    if not view.closed then
      window.close(view)
      if done then
        done(...)
      end
    end
  end
end

local function message(title, text, done, tone)
  local answer = answering(done)
  local lines = 0
  for _ in string.gmatch(text, "\n") do
    lines = lines + 1
  end
  return window.open({
    title = title, rows = {{kind = "text", text = text, tone = tone}}, width = 560, height = math.min(560, 170 + 20 * lines + #text // 3),
    buttons = {{text = "Close", primary = true, run = answer}}, cancel = answer,
  })
end

function window.say(title, text, done)
  return message(title, text, done)
end

function window.warn(title, text, done)
  return message(title, text, done, "warn")
end

-- The rows of offers: those of a track stand together, where its first one stands.
local function offer_rows(suggestions)
  local groups, by_track = {}, {}
  for _, suggestion in ipairs(suggestions) do
    local group = by_track[suggestion.track]
    if not group then
      group = {heading = {kind = "heading", text = words.short(suggestion.track_name, NAME_COLUMNS), rows = {}}}
      by_track[suggestion.track] = group
      groups[#groups + 1] = group
    end
    table.insert(group.heading.rows, {
      kind = "tick", text = suggestion.label, because = suggestion.because, on = suggestion.ticked, id = suggestion.id,
    })
  end
  local found = {}
  for _, group in ipairs(groups) do
    found[#found + 1] = group.heading
    table.move(group.heading.rows, 1, #group.heading.rows, #found + 1, found)
  end
  return found
end

local function left_out(asked)
  local count = #(asked.skipped or {})
  return count > 0 and words.count(count, "suggestion") .. " more cannot be done in REAPER; the receipt says why. " or ""
end

function window.ask(asked, done)
  local answer = answering(done)
  local function apply(view)
    local ticked = {}
    for _, row in ipairs(view.rows) do
      if row.kind == "tick" and row.on then
        ticked[row.id] = true
      end
    end
    answer(view, ticked)
  end
  local function text(view)
    return string.format("Apply %d of %d", rows.count(view.rows))
  end
  return window.open({
    title = "AMA Apply", rows = offer_rows(asked.suggestions), all_none = true, unasked = true, width = 720, height = 640,
    intro = "Tick what AMA may set. Every value is read back. " .. left_out(asked) .. "One undo step, or AMA Revert, takes it back.",
    buttons = {
      {text = text, primary = true, run = apply, enabled = function(view) return (rows.count(view.rows)) > 0 end},
      {text = "Cancel", run = function(view) answer(view, nil) end},
    },
    cancel = function(view) answer(view, nil) end,
  })
end

-- items: {key, text, because, on} and {heading}; group is "" where an item names none. options: intro, button.
function window.choose(title, items, done, options)
  local answer, found = answering(done), {}
  for at, item in ipairs(items) do
    if item.heading then
      found[at] = {kind = "heading", text = item.heading}
    elseif item.note then
      found[at] = {kind = "text", text = item.note, tone = item.tone or "dim"}
    else
      found[at] = {kind = "pick", text = item.text, because = item.because, on = item.on == true, group = item.group or "", key = item.key}
    end
  end
  local function chosen(view)
    local keys = {}
    for _, row in ipairs(view.rows) do
      if row.kind == "pick" and row.on then
        keys[row.group] = row.key
      end
    end
    answer(view, keys)
  end
  local given = options or {}
  return window.open({
    title = title, rows = found, intro = given.intro, width = 560, height = given.height or 480,
    buttons = {
      {text = given.button or "OK", primary = true, run = chosen},
      {text = "Cancel", run = function(view) answer(view, nil) end},
    },
    cancel = function(view) answer(view, nil) end,
  })
end

-- Work that goes on while the window is open: it is drawn at every step, also where no tick comes in between.
function window.progress(title)
  local bar = {kind = "bar", text = "", share = 0}
  local stopped = false
  local function stop(view)
    stopped = true
    view.buttons[1].text = "Stopping ..."
    window.changed(view)
  end
  local view = window.open({
    title = title, rows = {bar}, width = 520, height = 150, buttons = {{text = "Stop", run = stop}}, cancel = function() stopped = true end,
  })
  return {
    step = function(fraction, text)
      bar.share, bar.text = fraction, text or ""
      window.changed(view)
      if not stopped and stack[#stack] == view and not drawn_by().step(view) then
        stopped = true
      end
      return not stopped
    end,
    done = function() window.close(view) end, -- the next tick closes the script's window, if nothing else is in it by then
  }
end

return window
