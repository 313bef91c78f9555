-- Colours, fonts and shapes of AMA's windows, drawn with `gfx`. Sizes are in units of a plain screen; scale() says how many pixels one has.
local paint = {}

local COLOURS = {
  ground = {0x1d, 0x20, 0x25}, bar = {0x15, 0x18, 0x1c}, panel = {0x26, 0x2a, 0x31}, hover = {0x30, 0x36, 0x3f}, line = {0x3a, 0x41, 0x4b},
  text = {0xe8, 0xea, 0xed}, dim = {0xa3, 0xac, 0xb8}, faint = {0x82, 0x8c, 0x99},
  accent = {0x4c, 0xb5, 0xa6}, accent_hover = {0x63, 0xcb, 0xbc},
  on_accent = {0x0d, 0x1b, 0x1a},
  warn = {0xe8, 0xb5, 0x5b}, button = {0x34, 0x3a, 0x44}, button_hover = {0x41, 0x49, 0x55},
}
local BOLD = 98 -- gfx.setfont takes flags as the number of a letter: b
local FONTS = {
  text = {index = 1, size = 15}, bold = {index = 2, size = 15, flags = BOLD}, small = {index = 3, size = 13},
}

local scale, heights, widths = 0, {}, {}

local function face()
  local system = reaper.GetOS()
  if string.find(system, "^Win") then
    return "Segoe UI"
  end
  return (string.find(system, "^OSX") or string.find(system, "^macOS")) and "Helvetica Neue" or "Arial"
end

-- Takes over the screen's scale; true where it is another one than before, for then every width is another too.
function paint.prepare()
  local now = math.max(1, gfx.ext_retina or 1)
  if now == scale then
    return false
  end
  scale, heights, widths = now, {}, {}
  for kind, font in pairs(FONTS) do
    gfx.setfont(font.index, face(), math.floor(font.size * scale + 0.5), font.flags or 0)
    heights[kind], widths[kind] = gfx.texth, {}
  end
  return true
end

-- The window is gone: fonts are set anew in the next one.
function paint.forget()
  scale = 0
end

function paint.px(units)
  return math.floor(units * scale + 0.5)
end

function paint.line_height(kind)
  return math.floor(heights[kind] * 1.3 + 0.5)
end

-- The width of a text in pixels; each is measured once.
function paint.width(kind, text)
  local known = widths[kind][text]
  if not known then
    gfx.setfont(FONTS[kind].index)
    known = gfx.measurestr(text)
    widths[kind][text] = known
  end
  return known
end

local function colour(name)
  local parts = COLOURS[name]
  gfx.set(parts[1] / 255, parts[2] / 255, parts[3] / 255, 1)
end

function paint.box(x, y, w, h, name)
  colour(name)
  gfx.rect(x, y, w, h, 1)
end

-- A filled box with round corners.
function paint.rounded(x, y, w, h, name)
  local r = math.min(paint.px(4), (w - 1) // 2, (h - 1) // 2)
  colour(name)
  gfx.rect(x + r, y, w - 2 * r, h, 1)
  gfx.rect(x, y + r, w, h - 2 * r, 1)
  for _, corner in ipairs({{x + r, y + r}, {x + w - r - 1, y + r}, {x + r, y + h - r - 1}, {x + w - r - 1, y + h - r - 1}}) do
    gfx.circle(corner[1], corner[2], r, 1, 1)
  end
end

function paint.outline(x, y, w, h, name)
  colour(name)
  gfx.roundrect(x, y, w - 1, h - 1, paint.px(4), 1)
end

function paint.text(kind, text, x, y, name)
  gfx.setfont(FONTS[kind].index)
  colour(name)
  gfx.x, gfx.y = x, y
  gfx.drawstr(text)
end

-- In the middle of a box.
function paint.centred(kind, text, x, y, w, h, name)
  paint.text(kind, text, x + (w - paint.width(kind, text)) // 2, y + (h - heights[kind]) // 2, name)
end

-- A box to tick: on, off, or "some" for a group.
function paint.tick(x, y, size, state, hovered)
  if state == "off" then
    paint.rounded(x, y, size, size, hovered and "button_hover" or "button")
    paint.outline(x, y, size, size, hovered and "dim" or "faint")
    return
  end
  paint.rounded(x, y, size, size, hovered and "accent_hover" or "accent")
  colour("on_accent")
  local unit = size / 16
  local function stroke(x1, y1, x2, y2)
    for shift = 0, math.max(1, math.floor(1.6 * unit)) do
      gfx.line(x + x1 * unit, y + y1 * unit + shift, x + x2 * unit, y + y2 * unit + shift, 1)
    end
  end
  if state == "some" then
    stroke(4, 7, 12, 7)
  else
    stroke(3.5, 7.5, 6.5, 10.5)
    stroke(6.5, 10.5, 12.5, 4.5)
  end
end

-- One of several: a ring, filled where it is chosen.
function paint.ring(x, y, size, chosen, hovered)
  local r = size // 2
  colour(chosen and (hovered and "accent_hover" or "accent") or hovered and "dim" or "faint")
  gfx.circle(x + r, y + r, r, 1, 1)
  colour("panel")
  gfx.circle(x + r, y + r, r - math.max(1, paint.px(2)), 1, 1)
  if chosen then
    colour(hovered and "accent_hover" or "accent")
    gfx.circle(x + r, y + r, math.max(2, r - paint.px(4)), 1, 1)
  end
end

return paint
