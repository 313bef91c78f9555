-- Where the rows of a window stand: texts are broken into lines by their width, and every row gets its top and its height.
--
-- A row is one of
--   {kind = "heading", text}                  a line above others; with rows = {...} (ticks) it has a box for all of them
--   {kind = "text", text, tone}               tone: nil, "dim" or "warn"; empty lines part paragraphs
--   {kind = "tick", text, because, on}        a box to tick
--   {kind = "pick", text, because, on, group} one of several
--   {kind = "value", text, because, action, run}  something that stands, and a button that changes it
--   {kind = "bar", text, share}               how far work is
local paint = include("reaper/paint")

local layout = {}

local BOX, GAP, EDGE, INSET = 16, 10, 16, 12 -- a tick box, between it and its text, around everything, inside a panel
local PADDING, BETWEEN = 8, 12 -- above and below a row's text, above a heading

layout.BOX, layout.EDGE, layout.INSET, layout.PADDING = BOX, EDGE, INSET, PADDING

-- The longest beginning of a word that fits, at least one character, and what is left.
local function broken(kind, word, width)
  local low, high = 1, utf8.len(word) or #word
  local function head(count)
    local stop = utf8.len(word) and utf8.offset(word, count + 1) or count + 1
    return string.sub(word, 1, stop - 1), string.sub(word, stop)
  end
  while low < high do
    local middle = (low + high + 1) // 2
    if paint.width(kind, (head(middle))) <= width then
      low = middle
    else
      high = middle - 1
    end
  end
  return head(low)
end

local function wrap_paragraph(kind, text, width, lines)
  local space, line, used = paint.width(kind, " "), nil, 0
  for word in string.gmatch(text, "%S+") do
    local wide = paint.width(kind, word)
    if line and used + space + wide > width then
      lines[#lines + 1], line = line, nil
    end
    while not line and wide > width do
      local head, rest = broken(kind, word, width)
      if rest == "" then
        break
      end
      lines[#lines + 1], word, wide = head, rest, paint.width(kind, rest)
    end
    line, used = line and line .. " " .. word or word, line and used + space + wide or wide
  end
  lines[#lines + 1] = line or ""
end

-- A text in lines that are no wider than `width` pixels; its own line ends stay.
function layout.wrap(kind, text, width)
  local lines = {}
  for paragraph in string.gmatch(text .. "\n", "([^\n]*)\n") do
    wrap_paragraph(kind, paragraph, width, lines)
  end
  return lines
end

local function at_box(width)
  return paint.px(INSET + BOX + GAP), width - paint.px(2 * INSET + BOX + GAP)
end

local KINDS = {}

function KINDS.heading(row, width)
  local x, room = 0, width
  if row.rows then
    x, room = at_box(width)
  end
  local lines = layout.wrap("bold", row.text, room)
  return {x = x, title = lines, title_kind = "bold", before = paint.px(BETWEEN), above = 0,
    height = #lines * paint.line_height("bold") + paint.px(PADDING)}
end

function KINDS.text(row, width)
  local lines = layout.wrap("text", row.text, width)
  return {x = 0, title = lines, title_kind = "text", before = 0, above = 0,
    height = #lines * paint.line_height("text") + paint.px(PADDING)}
end

local function with_reason(row, x, width)
  local title = layout.wrap("text", row.text, width)
  local reason = row.because and row.because ~= "" and layout.wrap("small", row.because, width) or {}
  return {
    x = x, title = title, title_kind = "text", reason = reason, before = 0, above = paint.px(PADDING), panel = true,
    height = #title * paint.line_height("text") + #reason * paint.line_height("small") + 2 * paint.px(PADDING),
  }
end

function KINDS.tick(row, width)
  local x, room = at_box(width)
  return with_reason(row, x, room)
end

KINDS.pick = KINDS.tick

function KINDS.value(row, width)
  local button = row.action and paint.width("small", row.action) + paint.px(2 * INSET) or 0
  local found = with_reason(row, paint.px(INSET), width - button - paint.px(3 * INSET))
  found.button = button
  return found
end

function KINDS.bar(row, width)
  local lines = layout.wrap("text", row.text, width)
  return {
    x = 0, title = lines, title_kind = "text", before = 0, above = 0, bar = paint.px(8),
    height = #lines * paint.line_height("text") + paint.px(8 + 3 * PADDING),
  }
end

-- Every row with y, height and its lines, and the height of all.
function layout.of(rows, width)
  local placed, y = {}, 0
  for at, row in ipairs(rows) do
    local place = KINDS[row.kind](row, width)
    place.row = row
    place.y = y + (at > 1 and place.before or 0)
    y = place.y + place.height
    placed[at] = place
  end
  return placed, y
end

return layout
