-- Draws a window with `gfx` as reaper/window_place has arranged it.
local layout = include("reaper/layout")
local paint = include("reaper/paint")
local place = include("reaper/window_place")
local rows = include("reaper/rows")

local draw = {}

local TONES = {dim = "dim", warn = "warn"}

local function lines_of(kind, lines, x, y, name)
  for _, line in ipairs(lines) do
    if line ~= "" then
      paint.text(kind, line, x, y, name)
    end
    y = y + paint.line_height(kind)
  end
  return y
end

local MARKS = {}

function MARKS.tick(row, x, y, hovered)
  paint.tick(x, y, paint.px(layout.BOX), rows.state(row), hovered)
end

function MARKS.heading(row, x, y, hovered)
  if row.rows then
    MARKS.tick(row, x, y, hovered)
  end
end

function MARKS.pick(row, x, y, hovered)
  paint.ring(x, y, paint.px(layout.BOX), row.on, hovered)
end

local function change(one, x, y, width, hovered)
  local h = paint.line_height("small") + paint.px(8)
  local left, top = x + width - one.button - paint.px(layout.INSET), y + (one.height - h) // 2
  paint.rounded(left, top, one.button, h, hovered and "button_hover" or "button")
  paint.centred("small", one.row.action, left, top, one.button, h, "text")
end

local function bar(one, x, y, width)
  local top = y + one.height - paint.px(2 * layout.PADDING) - one.bar
  paint.rounded(x, top, width, one.bar, "button")
  local share = math.min(math.max(one.row.share or 0, 0), 1)
  if share > 0 then
    paint.rounded(x, top, math.max(one.bar, math.floor(width * share)), one.bar, "accent")
  end
end

local function row_at(one, look, hovered, focused)
  local row, x, y = one.row, paint.px(layout.EDGE), place.row_top(look, one)
  local width = gfx.w - 2 * x - paint.px(place.SCROLLBAR)
  if one.panel then
    paint.box(x, y, width, one.height - 1, hovered and "hover" or "panel")
  end
  local top = y + one.above
  if MARKS[row.kind] then
    local middle = (paint.line_height(one.title_kind) - paint.px(layout.BOX)) // 2
    MARKS[row.kind](row, x + paint.px(layout.INSET), top + middle - paint.px(1), hovered)
  end
  local faded = row.kind == "tick" and not row.on
  local tone = TONES[row.tone]
  local after = lines_of(one.title_kind, one.title, x + one.x, top, tone or faded and "dim" or "text")
  lines_of("small", one.reason or {}, x + one.x, after, tone or faded and "faint" or "dim")
  if row.kind == "value" and row.action then
    change(one, x, y, width, hovered)
  elseif row.kind == "bar" then
    bar(one, x, y, width)
  end
  if focused then
    paint.outline(x, y, width, one.height - 1, "accent")
  end
end

local function head(view, look, mouse)
  if look.top == 0 then
    return
  end
  paint.box(0, 0, gfx.w, look.top, "bar")
  lines_of("small", look.intro, paint.px(layout.EDGE), paint.px(layout.INSET), TONES[view.tone] or "dim")
  for _, link in ipairs(look.links) do
    local hovered = place.inside(mouse.x, mouse.y, link)
    paint.centred("small", link.text, link.x, link.y, link.w, link.h, hovered and "accent_hover" or "accent")
  end
end

local function button(one, hovered, focused)
  local primary = one.button.primary
  local fill = hovered and "button_hover" or "button"
  if primary and one.on then
    fill = hovered and "accent_hover" or "accent"
  end
  paint.rounded(one.x, one.y, one.w, one.h, fill)
  local name = not one.on and "faint" or primary and "on_accent" or "text"
  paint.centred(primary and "bold" or "text", one.text, one.x, one.y, one.w, one.h, name)
  if focused then
    local out = paint.px(3)
    paint.outline(one.x - out, one.y - out, one.w + 2 * out, one.h + 2 * out, "accent")
  end
end

local function foot(view, look, mouse)
  if #look.buttons == 0 then
    return
  end
  paint.box(0, look.bottom, gfx.w, gfx.h - look.bottom, "bar")
  for at, one in ipairs(look.buttons) do
    button(one, one.on and place.inside(mouse.x, mouse.y, one), look.on_buttons and look.focus == at)
  end
  local status = view.status and view.status(view) or ""
  if status ~= "" then
    local y = look.bottom + paint.px(layout.INSET) + (paint.px(place.BUTTON) - paint.line_height("small")) // 2
    paint.text("small", status, paint.px(layout.EDGE), y, "dim")
  end
end

-- The rows first: head and foot then cover what of them is scrolled away.
function draw.window(view, look, mouse)
  paint.box(0, 0, gfx.w, gfx.h, "ground")
  local hovered = place.below(look, mouse.x, mouse.y) or {}
  for at, one in ipairs(look.places) do
    local top = place.row_top(look, one)
    if top + one.height > look.top and top < look.bottom then
      row_at(one, look, hovered.row == one.row, look.focus == at and not look.on_buttons)
    end
  end
  if look.most > 0 then
    local y, h = place.thumb(look)
    paint.rounded(gfx.w - paint.px(layout.EDGE - 4), y, paint.px(place.SCROLLBAR - 2), h, hovered.bar and "faint" or "line")
  end
  head(view, look, mouse)
  foot(view, look, mouse)
  gfx.update()
end

return draw
