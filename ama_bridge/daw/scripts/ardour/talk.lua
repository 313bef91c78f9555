-- What AMA's scripts say and ask in Ardour's window. Where there is no window (ardour-lua), everything keeps silent.
local talk = {}

function talk.available()
  return LuaDialog ~= nil
end

local function message(title, text, kind)
  if talk.available() then
    LuaDialog.Message(title, text, kind, LuaDialog.ButtonType.Close):run()
  end
end

function talk.say(title, text)
  message(title, text, talk.available() and LuaDialog.MessageType.Info)
end

function talk.warn(title, text)
  message(title, text, talk.available() and LuaDialog.MessageType.Warning)
end

-- Headings are Pango markup; everything else in a dialog is plain text.
function talk.markup(text)
  return (string.gsub(text, "[&<>]", {["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;"}))
end

-- Text in lines of at most `columns` characters; Ardour's labels do not wrap, and a long one makes the dialog wider than the screen.
function talk.wrapped(text, columns)
  local lines, line = {}, ""
  for word in string.gmatch(text, "%S+") do
    local length = (utf8.len(line) or #line) + (utf8.len(word) or #word) + 1
    if line ~= "" and length > columns then
      lines[#lines + 1], line = line, word
    else
      line = line == "" and word or line .. " " .. word
    end
  end
  if line ~= "" then
    lines[#lines + 1] = line
  end
  return table.concat(lines, "\n"), math.max(#lines, 1)
end

-- A text on one line of at most `columns` characters.
function talk.short(text, columns)
  local line = string.gsub(text, "%s+", " ")
  local stop = utf8.offset(line, columns + 1)
  return stop and stop <= #line and string.sub(line, 1, utf8.offset(line, columns) - 1) .. "…" or line
end

-- The answers by key, or nil where the user cancelled.
function talk.ask(title, rows)
  return LuaDialog.Dialog(title, rows):run()
end

local SILENT = {step = function() return true end, done = function() end}

-- step(fraction, text) is false when the user stopped; done() closes the window.
function talk.progress(title)
  if not talk.available() or not LuaDialog.ProgressWindow then
    return SILENT
  end
  local window = LuaDialog.ProgressWindow(title, true)
  return {
    step = function(fraction, text)
      window:progress(fraction, text)
      return not window:canceled()
    end,
    done = function() window:done() end,
  }
end

-- "1 track", "3 tracks".
function talk.count(number, word)
  return string.format("%d %s%s", number, word, number == 1 and "" or "s")
end

-- The first few lines of a list, and how many more there are.
function talk.listed(lines, most)
  local shown = table.move(lines, 1, math.min(#lines, most), 1, {})
  if #lines > most then
    shown[#shown + 1] = string.format("... and %d more", #lines - most)
  end
  return table.concat(shown, "\n")
end

return talk
