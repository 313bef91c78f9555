-- A window drawn with REAPER's `gfx`: opens it, hears mouse, wheel and keyboard.
--
-- It is drawn anew only when something has changed, so an open window costs a few reads a tick.
local draw = include("reaper/window_draw")
local paint = include("reaper/paint")
local place = include("reaper/window_place")
local rows = include("reaper/rows")

local surface = {}

local KEYS = {
  [30064] = "up", [1685026670] = "down", [1885828464] = "page_up", [1885824110] = "page_down", [1752132965] = "home", [6647396] = "end_",
  [1818584692] = "left", [1919379572] = "right", [27] = "escape", [13] = "enter", [32] = "space", [9] = "tab",
}
local MOST_KEYS = 16 -- in one tick
local NOTCH = 120 -- gfx.mouse_wheel counts so many for one
local STEP = 60 -- units that a notch or an arrow scrolls
local WIDTH, HEIGHT = 640, 560
local SMALL = 0.75 -- of the width that was wanted: less came out too small

local opened, shown = false, nil
local looks = setmetatable({}, {__mode = "k"})
local mouse = {x = -1, y = -1, down = false}
local asked = {w = 0, h = 0, in_pixels = false} -- the size that the window was opened with; what gfx.init takes it for

-- Opening and closing -------------------------------------------------------------------------------------------------------------

-- No title: the size alone.
local function resize()
  if asked.in_pixels then
    gfx.init("", paint.px(asked.w), paint.px(asked.h))
  else
    gfx.init("", asked.w, asked.h)
  end
end

-- On a screen of high resolution gfx.init counts in pixels on some systems and in the screen's units on others. A window that came out too
-- small tells.
local function fit()
  if not asked.in_pixels and gfx.w < SMALL * paint.px(asked.w) and gfx.w <= asked.w then
    asked.in_pixels = true
    resize()
  end
end

local function centre(w, h)
  local left, top, right, bottom = reaper.my_getViewport(0, 0, 0, 0, 0, 0, 0, 0, true)
  return math.max(left, (left + right - w) // 2), math.max(math.min(top, bottom), (top + bottom - h) // 2)
end

-- Another view in the open window: it grows where that needs more room, and never gets smaller than the user has it.
local function change(view, w, h)
  gfx.init(view.title)
  if w > asked.w or h > asked.h then
    asked.w, asked.h = math.max(w, asked.w), math.max(h, asked.h)
    resize()
  end
end

local function open(view)
  local w, h = view.width or WIDTH, view.height or HEIGHT
  if opened then
    return change(view, w, h)
  end
  local x, y = centre(w, h)
  gfx.ext_retina = 1
  gfx.init(view.title, w, h, 0, x, y)
  opened, mouse.down, asked.w, asked.h, asked.in_pixels = true, false, w, h, false
  paint.forget()
end

function surface.close()
  if opened then
    opened, shown = false, nil
    gfx.quit()
  end
end

-- Input ---------------------------------------------------------------------------------------------------------------------------

-- The keys pressed since the last tick; nil when the window was closed.
local function keys()
  local found = {}
  for _ = 1, MOST_KEYS do
    local key = gfx.getchar()
    if key < 0 then
      return nil
    elseif key == 0 then
      break
    end
    found[#found + 1] = KEYS[key] or key
  end
  return found
end

-- Moves the keyboard by rows that can be pressed; where there are no more it scrolls.
local function move(look, by)
  if look.on_buttons then
    look.on_buttons, look.focus = false, nil
  end
  local at = look.focus or (by > 0 and 0 or #look.places + 1)
  repeat
    at = at + by
  until not look.places[at] or rows.active(look.places[at].row)
  if look.places[at] then
    look.focus = at
    place.show(look, look.places[at])
  else
    look.scroll = look.scroll + by * paint.px(STEP)
  end
end

local function aside(look, by)
  if look.on_buttons then
    look.focus = math.min(math.max(look.focus + by, 1), #look.buttons)
  end
end

local function tab(look)
  if not look.on_buttons then
    look.on_buttons, look.focus = true, 1
  elseif look.focus < #look.buttons then
    look.focus = look.focus + 1
  else
    look.on_buttons, look.focus = false, nil
  end
end

local function press(view, target)
  if not target then
    return
  elseif target.button then
    target.button.run(view)
  elseif target.link then
    rows.set_all(view.rows, target.on)
  elseif target.row then
    rows.press(target.row, view)
  end
end

-- What space or enter would press, as something that the mouse presses.
local function focused(look)
  local one = look.focus and (look.on_buttons and look.buttons or look.places)[look.focus]
  if not one then
    return nil
  elseif look.on_buttons then
    return one.on and {button = one.button} or nil
  end
  return {row = one.row}
end

local function primary(look)
  for _, one in ipairs(look.buttons) do
    if one.button.primary and one.on then
      return {button = one.button}
    end
  end
  return nil
end

local DO = {
  up = function(_, look) move(look, -1) end,
  down = function(_, look) move(look, 1) end,
  left = function(_, look) aside(look, 1) end, -- buttons stand from right to left
  right = function(_, look) aside(look, -1) end,
  page_up = function(_, look) look.scroll = look.scroll - look.room end,
  page_down = function(_, look) look.scroll = look.scroll + look.room end,
  home = function(_, look) look.scroll = 0 end,
  end_ = function(_, look) look.scroll = look.most end,
  tab = function(_, look) tab(look) end,
  escape = function(view) view.cancel(view) end,
  space = function(view, look) press(view, focused(look)) end,
  enter = function(view, look) press(view, look.on_buttons and focused(look) or primary(look)) end,
}

-- A press counts when the button is let go where it went down.
local function click(view, look)
  local down = gfx.mouse_cap & 1 == 1
  local target = place.below(look, mouse.x, mouse.y)
  if down and not mouse.down then
    look.held = target
  end
  if down and look.held and look.held.bar then
    place.drag(look, mouse.y)
  end
  local released, held = mouse.down and not down, look.held
  mouse.down = down
  if released then
    look.held = nil
    if place.same(held, target) then
      press(view, target)
    end
  end
end

local function heard(view, look, pressed)
  if gfx.mouse_wheel ~= 0 then
    look.scroll = math.floor(look.scroll - gfx.mouse_wheel / NOTCH * paint.px(STEP))
    gfx.mouse_wheel = 0
  end
  for _, key in ipairs(pressed) do
    if DO[key] and not view.closed then
      DO[key](view, look)
    end
  end
  if not view.closed then
    click(view, look)
  end
end

local function look_of(view)
  looks[view] = looks[view] or {scroll = 0}
  return looks[view]
end

-- One tick of a window; false when the user has closed it. What is pressed in it may close the view.
function surface.frame(view)
  local look = look_of(view)
  if not opened or shown ~= view then
    open(view)
    shown, look.revision = view, nil
  end
  local pressed = keys()
  if not pressed then
    opened, shown = false, nil
    return false
  end
  if #pressed > 0 and not rows.hears_keys(view) then
    pressed = {}
  end
  local moved = mouse.x ~= gfx.mouse_x or mouse.y ~= gfx.mouse_y
  mouse.x, mouse.y = gfx.mouse_x, gfx.mouse_y
  local scaled = paint.prepare()
  if scaled then
    fit()
  end
  local anew = scaled or look.revision ~= view.revision or look.w ~= gfx.w or look.h ~= gfx.h
  if anew then
    look.revision, look.w, look.h = view.revision, gfx.w, gfx.h
    place.arrange(view, look)
  end
  local busy = #pressed > 0 or gfx.mouse_wheel ~= 0 or (gfx.mouse_cap & 1 == 1) ~= mouse.down or look.held ~= nil
  if busy then
    heard(view, look, pressed)
  end
  if (anew or busy or moved) and not view.closed then
    if busy then
      place.arrange(view, look)
    end
    draw.window(view, look, mouse)
  end
  return true
end

-- The same for work that leaves no tick in between.
surface.step = surface.frame

return surface
