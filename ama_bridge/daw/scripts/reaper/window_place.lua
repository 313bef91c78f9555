-- Where everything of a window stands that is drawn with `gfx`: head, rows that scroll, buttons; and what is below the mouse.
--
-- look: of each view, where it is scrolled to, what has the keyboard, and what arrange() found.
local layout = include("reaper/layout")
local paint = include("reaper/paint")
local rows = include("reaper/rows")

local place = {}

place.BUTTON, place.SCROLLBAR = 30, 8 -- height of a button, width of the scroll bar, in units
local NARROWEST, GAP, LINKS = 90, 10, 40 -- of a button; between two; height of a head with links alone
local THUMB = 24 -- the shortest piece that a scroll bar shows

local function place_buttons(view, look, y)
  local x = gfx.w - paint.px(layout.EDGE)
  look.buttons = {}
  for at, button in ipairs(view.buttons) do
    local text = rows.caption(button, view)
    local w = math.max(paint.px(NARROWEST), paint.width(button.primary and "bold" or "text", text) + paint.px(2 * layout.INSET))
    x = x - w
    look.buttons[at] = {x = x, y = y, w = w, h = paint.px(place.BUTTON), text = text, button = button, on = rows.enabled(button, view)}
    x = x - paint.px(GAP)
  end
end

-- "All" and "None" at the right of the head; the width that they take.
local function place_links(view, look)
  look.links = {}
  if not view.all_none then
    return 0
  end
  local right = gfx.w - paint.px(layout.EDGE)
  local x, h = right, paint.line_height("small") + paint.px(4)
  for _, link in ipairs({{text = "None", on = false}, {text = "All", on = true}}) do
    local w = paint.width("small", link.text) + paint.px(GAP)
    x = x - w
    table.insert(look.links, {x = x, y = paint.px(layout.INSET) - paint.px(2), w = w, h = h, text = link.text, on = link.on})
  end
  return right - x
end

function place.arrange(view, look)
  local edge, inset = paint.px(layout.EDGE), paint.px(layout.INSET)
  local width = gfx.w - 2 * edge
  local taken = place_links(view, look)
  local intro = view.intro or ""
  look.intro = intro ~= "" and layout.wrap("small", intro, math.max(width - taken - edge, width // 3)) or {}
  look.top = #look.intro > 0 and #look.intro * paint.line_height("small") + 2 * inset or view.all_none and paint.px(LINKS) or 0
  look.bottom = gfx.h - (#view.buttons > 0 and paint.px(place.BUTTON) + 2 * inset or 0)
  place_buttons(view, look, look.bottom + inset)
  look.places, look.height = layout.of(view.rows, width - paint.px(place.SCROLLBAR))
  look.room = math.max(look.bottom - look.top - 2 * inset, 1)
  look.most = math.max(0, look.height - look.room)
  look.scroll = math.min(math.max(look.scroll, 0), look.most)
end

function place.row_top(look, one)
  return look.top + paint.px(layout.INSET) + one.y - look.scroll
end

-- Scrolls until a row is seen.
function place.show(look, one)
  local top = place.row_top(look, one)
  local from, to = look.top + paint.px(layout.INSET), look.bottom - paint.px(layout.INSET)
  if top < from then
    look.scroll = look.scroll - (from - top)
  elseif top + one.height > to then
    look.scroll = look.scroll + (top + one.height - to)
  end
end

-- The piece of the scroll bar: y and height.
function place.thumb(look)
  local h = math.max(paint.px(THUMB), look.room * look.room // look.height)
  return math.floor(look.top + paint.px(layout.INSET) + (look.room - h) * look.scroll / look.most), h
end

-- Scrolls so that the piece's middle is at y.
function place.drag(look, y)
  local _, h = place.thumb(look)
  local share = (y - look.top - paint.px(layout.INSET) - h / 2) / math.max(look.room - h, 1)
  look.scroll = math.floor(math.min(math.max(share, 0), 1) * look.most)
end

function place.inside(x, y, box)
  return x >= box.x and x < box.x + box.w and y >= box.y and y < box.y + box.h
end

local function row_below(look, x, y)
  for _, one in ipairs(look.places) do
    local top = place.row_top(look, one)
    if y >= top and y < top + one.height and x >= paint.px(layout.EDGE) and x < gfx.w - paint.px(layout.EDGE) then
      return rows.active(one.row) and {row = one.row} or nil
    end
  end
  return nil
end

-- What can be pressed at a point: {button =}, {link =, on =}, {row =}, {bar = true} or nil.
function place.below(look, x, y)
  for _, one in ipairs(look.buttons) do
    if place.inside(x, y, one) then
      return one.on and {button = one.button} or nil
    end
  end
  for _, link in ipairs(look.links) do
    if place.inside(x, y, link) then
      return {link = link.text, on = link.on}
    end
  end
  if y < look.top or y >= look.bottom then
    return nil
  elseif look.most > 0 and x >= gfx.w - paint.px(layout.EDGE) then
    return {bar = true}
  end
  return row_below(look, x, y)
end

function place.same(a, b)
  return a ~= nil and b ~= nil and a.button == b.button and a.link == b.link and a.row == b.row and a.bar == b.bar
end

return place
