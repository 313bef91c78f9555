-- The preview of AMA Apply: a tick box for each suggestion, by track, with its reason. Long lists come in pages, for Ardour's dialogs
-- do not scroll.
local talk = include("ardour/talk")
local words = include("shared/words")

local preview = {}

local COLUMNS = 96 -- characters in a line
local INDENT = string.rep(" ", 8) -- reasons stand below the text of the box
local PAGE, ROW, LINE = 560, 11, 14 -- pixels of a page, between rows, of a line, as Ardour 7.3 draws them

local NAME_COLUMNS = 60

local function heading(title)
  return {type = "heading", title = talk.markup(title), align = "left", col = 0, colspan = 2}
end

local function label(title)
  return {type = "label", title = title, align = "left", col = 0, colspan = 2}
end

-- The rows of one suggestion, and their height in pixels.
local function suggestion_rows(suggestion, at)
  local reason, lines = words.wrapped(suggestion.because, COLUMNS)
  local title, title_lines = words.wrapped(suggestion.label, COLUMNS)
  return {
    {type = "checkbox", key = "s" .. at, title = title, default = suggestion.ticked, col = 0, colspan = 2},
    label(INDENT .. string.gsub(reason, "\n", "\n" .. INDENT)),
  }, 2 * ROW + (lines + title_lines) * LINE
end

-- Pages of rows. Suggestions stay in their order; those of a track stand together where its first one stands.
function preview.pages(suggestions)
  local tracks, by_track = {}, {}
  for at, suggestion in ipairs(suggestions) do
    if not by_track[suggestion.track] then
      by_track[suggestion.track] = {}
      tracks[#tracks + 1] = suggestion.track
    end
    table.insert(by_track[suggestion.track], at)
  end
  local pages, page, used = {}, {}, 0
  for _, track in ipairs(tracks) do
    local name, headed = words.short(suggestions[by_track[track][1]].track_name, NAME_COLUMNS), nil
    for _, at in ipairs(by_track[track]) do
      local rows, height = suggestion_rows(suggestions[at], at)
      if used > 0 and used + height + ROW + LINE > PAGE then
        pages[#pages + 1], page, used, headed = page, {}, 0, nil
      end
      if not headed then
        headed = headed == nil and used == 0 and by_track[track][1] ~= at and name .. " (continued)" or name
        page[#page + 1] = heading(headed)
        used = used + ROW + LINE
      end
      table.move(rows, 1, #rows, #page + 1, page)
      used = used + height
    end
  end
  if #page > 0 then
    pages[#pages + 1] = page
  end
  return pages
end

local INTRODUCTION = "Tick what AMA may set. Every value is read back. Ctrl+Z does not take it back, the action AMA Revert does."

-- A set of ids, or nil where the user cancelled.
function preview.ask(request)
  local ticked, pages = {}, preview.pages(request.suggestions)
  for number, rows in ipairs(pages) do
    table.insert(rows, 1, label(INTRODUCTION))
    local title = "AMA Apply: " .. words.count(#request.suggestions, "suggestion")
    if #pages > 1 then
      title = string.format("%s, page %d of %d", title, number, #pages)
    end
    local answer = talk.ask(title, rows)
    if not answer then
      return nil
    end
    for key, on in pairs(answer) do
      local at = math.tointeger(tonumber(string.match(key, "^s(%d+)$")))
      if at and on then
        ticked[request.suggestions[at].id] = true
      end
    end
  end
  return ticked
end

return preview
