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

return talk
