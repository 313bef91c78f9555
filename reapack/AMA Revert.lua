-- @description AMA Revert
-- @author AMA
-- @version 0.1.0
-- @about
--   Takes back what AMA Apply set and inserted last, where nobody changed it since, in one undo step.
local modules, loaded = {}, {}
local function include(name)
  if loaded[name] == nil then
    loaded[name] = modules[name]()
  end
  return loaded[name]
end
modules["values"] = function()
return {mailbox = "", command = ""}
end
modules["reaper/script"] = function()
-- How AMA's scripts begin. Pressed again while one runs, it ends and begins anew, without REAPER's question about it; and what its action
-- is called here is noted for AMA.
local actions = include("reaper/actions")
local place = include("reaper/place")

local script = {}

local END_AND_BEGIN_ANEW = 1 | 2 -- of set_action_options

function script.begin(values, title)
  if reaper.set_action_options then -- REAPER 7
    reaper.set_action_options(END_AND_BEGIN_ANEW)
  end
  local given = place.open(values)
  if given then
    actions.note(given.box, title)
  end
end

return script
end
modules["reaper/revert_action"] = function()
-- AMA Revert: takes back the newest plan that AMA applied to this project; again for the one before.
local block = include("reaper/block")
local files = include("shared/files")
local json = include("shared/json")
local mailbox = include("shared/mailbox")
local paths = include("reaper/paths")
local project = include("reaper/project")
local revert = include("reaper/revert_work")
local window = include("reaper/window")
local words = include("shared/words")

local action = {}

local TITLE = "AMA Revert"
local SCHEMA = "ama.revert/1"

-- AMA's wish to take something back; it is taken out of the mailbox, so that the next press is the user's own.
local function wish(box)
  local document = box:document("revert.json", SCHEMA)
  if document then
    box:begun(json.absent(document.id) and "" or document.id, "revert.json")
  end
  return document or {ask = true}
end

local function row(item)
  return string.format("%s, %s: %s", item.name, item.what, item.reason)
end

-- What will happen, with a box for each thing that somebody changed since; done(set of entries that go back all the same), or done(nil).
local function ask(items, done)
  local shown, ready = {}, 0
  for _, item in ipairs(items) do
    ready = ready + (item.state == "ready" and 1 or 0)
    if item.state == "conflict" then
      shown[#shown + 1] = {kind = "tick", text = item.name .. ", " .. item.what, because = item.reason, on = false, entry = item.entry}
    end
  end
  if #shown > 0 then
    table.insert(shown, 1, {kind = "text", text = "Changed since; tick what is to go back all the same:"})
  end
  local function finish(view, forced)
    if not view.closed then
      window.close(view)
      done(forced)
    end
  end
  local function take(view)
    local forced = {}
    for _, one in ipairs(view.rows) do
      if one.kind == "tick" and one.on then
        forced[one.entry] = true
      end
    end
    finish(view, forced)
  end
  window.open({
    title = TITLE, rows = shown, width = 620, height = #shown > 0 and 480 or 170,
    intro = words.count(ready, "change") .. " of AMA's will be taken back, in one undo step.",
    buttons = {{text = "Take back", primary = true, run = take}, {text = "Cancel", run = function(view) finish(view, nil) end}},
    cancel = function(view) finish(view, nil) end,
  })
end

local function summary(report)
  if report.reason ~= "" then
    return report.reason .. "."
  end
  local parts, lines = {words.count(#report.restored, "change") .. " taken back."}, {}
  for at, item in ipairs(report.conflicting) do
    lines[at] = "• " .. row(item)
  end
  if #lines > 0 then
    parts[#parts + 1] = "Left as you have it:\n" .. words.listed(lines, 12)
  end
  if #report.gone > 0 then
    parts[#parts + 1] = "Not there any more: " .. words.count(#report.gone, "change") .. " of AMA's."
  end
  return table.concat(parts, "\n\n")
end

local function answer(box, report, done)
  box:post("revert", report.id, "reverted-" .. files.safe_name(report.id, 120) .. ".json", report)
  if done then
    done(report)
  end
end

local function empty(id, reason)
  return {
    schema = revert.SCHEMA, id = id, restored = json.array(), gone = json.array(), conflicting = json.array(), reason = reason,
  }
end

local function carry_out(box, entry, forced, interactive, done)
  local reason = project.obstacle() -- again: time went by while the window was open
  local ok, report = true, reason and empty(entry.id, reason)
  if not report then
    ok, report = pcall(revert.run, box, entry, forced, revert.tracks())
  end
  report = ok and report or empty(entry.id, "AMA's script stopped: " .. tostring(report))
  answer(box, report, done)
  if interactive then
    window.say(TITLE, summary(report))
  end
end

-- done(report) is called at the end; its `reason` says why nothing was done.
function action.run(values, done)
  block.no_point_of_its_own()
  local box = mailbox.open({folder = paths.mailbox(values), daw = "reaper"})
  local wanted = wish(box)
  local interactive = wanted.ask ~= false
  local id = json.absent(wanted.id) and "" or wanted.id
  local tracks = revert.tracks()
  local entry = revert.newest(box, id, tracks)
  if not entry then
    if interactive then
      window.say(TITLE, "There is nothing of AMA's in this project that could be taken back.")
    end
    return answer(box, empty(id ~= "" and id or "none", "there is nothing to take back in this project"), done)
  end
  local reason = project.obstacle()
  if reason then
    if interactive then
      window.warn(TITLE, reason .. ".")
    end
    return answer(box, empty(entry.id, reason), done)
  elseif not interactive then
    return carry_out(box, entry, {}, false, done)
  end
  ask(revert.items(entry, tracks), function(forced)
    if not forced then
      return answer(box, empty(entry.id, "it was cancelled in REAPER"), done)
    elseif not json.absent(wanted.wish) and box:called_off(wanted.wish) then
      window.warn(TITLE, "AMA does not wait for this any more (it was stopped), so nothing was taken back. Press AMA Revert for it.")
      return answer(box, empty(entry.id, "AMA had called it off before it was answered in REAPER"), done)
    end
    carry_out(box, entry, forced, true, done)
  end)
end

return action
end
modules["reaper/actions"] = function()
-- What AMA's actions are called in this REAPER: AMA starts them by these names, over OSC or the web interface.
--
-- REAPER gives every script a name of its own ("_RS" and forty digits). Each of AMA's scripts notes its own when it runs; of the others it
-- knows what earlier runs noted.
local actions = {}

local FILE, SCHEMA = "actions.json", "ama.actions/1"
local MAIN_SECTION = 0

-- What is known: title -> name.
function actions.known(box)
  local document = box:document(FILE, SCHEMA)
  local here = reaper.GetResourcePath()
  return document and document.resource_path == here and type(document.actions) == "table" and document.actions or {}
end

-- Notes how the running script is called; returns everything that is known then.
function actions.note(box, title)
  local known = actions.known(box)
  local _, _, section, command = reaper.get_action_context()
  local name = section == MAIN_SECTION and command ~= 0 and reaper.ReverseNamedCommandLookup(command) or nil
  if name and known[title] ~= "_" .. name then
    known[title] = "_" .. name
    box:write(FILE, {schema = SCHEMA, resource_path = reaper.GetResourcePath(), actions = known})
  end
  return known
end

return actions
end
modules["reaper/place"] = function()
-- Opens the mailbox that this script is to use, and makes its folder where it is not there yet.
local mailbox = include("shared/mailbox")
local paths = include("reaper/paths")

local place = {}

-- {box, values}: values with the folder that holds. Nil and half a sentence where there is no such folder.
function place.open(values)
  local folder = paths.mailbox(values)
  if folder == "" then
    return nil, "AMA does not know where its mailbox is; AMA Settings sets it"
  end
  reaper.RecursiveCreateDirectory(folder, 0)
  local box = mailbox.open({folder = folder, daw = "reaper"})
  local probe = "heartbeat.json.probe"
  local file = io.open(box:path(probe), "wb")
  if not file then
    return nil, "AMA's mailbox " .. folder .. " cannot be written to; AMA Settings sets another"
  end
  file:close()
  box:drop(probe)
  local filled = {}
  for name, value in pairs(values) do
    filled[name] = value
  end
  filled.mailbox = folder
  return {box = box, values = filled}
end

return place
end
modules["reaper/block"] = function()
-- One step of REAPER's undo around everything that a script changes; it is closed on every path, and the windows stand still meanwhile.
local ids = include("reaper/ids")

local block = {}

local TRACKS_AND_EFFECTS = 1 + 2 -- UNDO_STATE_TRACKCFG (faders, pans, routing) and UNDO_STATE_FX

-- Does the work; `named(ok, result)` is what the Edit menu shows. Returns what pcall returns.
function block.run(work, named)
  reaper.PreventUIRefresh(1)
  reaper.Undo_BeginBlock2(ids.PROJECT)
  local ok, result = pcall(work)
  reaper.Undo_EndBlock2(ids.PROJECT, named(ok, result), TRACKS_AND_EFFECTS)
  reaper.PreventUIRefresh(-1)
  reaper.TrackList_AdjustWindows(false)
  return ok, result
end

-- A script that changes nothing leaves no undo point: REAPER makes one for each script that ends without having deferred anything.
function block.no_point_of_its_own()
  reaper.defer(function() end)
end

return block
end
modules["shared/files"] = function()
-- Reads files, and writes them so that a reader finds the old one or the whole new one. Knows no DAW.
--
-- Where a DAW takes `io` and `os` away from scripts, writable() is false.
local files = {}

function files.writable()
  return io ~= nil and os ~= nil and io.open ~= nil and os.rename ~= nil
end

function files.read(path)
  local file = io and io.open(path, "rb")
  if not file then
    return nil
  end
  local text = file:read("a")
  file:close()
  return text
end

local function written(path, text)
  local file, why = io.open(path, "wb")
  if not file then
    return false, why
  end
  local ok, problem = file:write(text)
  local closed, at_close = file:close()
  if not ok or not closed then
    os.remove(path)
    return false, problem or at_close
  end
  return true
end

-- true, or false and why not.
function files.write(path, text)
  if not files.writable() then
    return false, "scripts may not write files here"
  end
  local part = path .. ".part"
  local ok, why = written(part, text)
  if not ok then
    return false, why
  end
  if os.rename(part, path) then
    return true
  end
  os.remove(path) -- Windows does not rename onto a file that is there
  if os.rename(part, path) then
    return true
  end
  os.remove(part) -- a system that does not rename here at all, as for some names on Windows: then a reader may find half of it for once
  return written(path, text)
end

function files.remove(path)
  return os ~= nil and os.remove ~= nil and os.remove(path) ~= nil
end

-- A name that every file system takes: no separators, no control characters, no dots or spaces at its ends, at most max_bytes long.
function files.safe_name(name, max_bytes)
  local plain = string.gsub(name, '[%c/\\:*?"<>|%%]', "_")
  plain = string.gsub(plain, "^[%s.]+", "")
  if #plain > max_bytes then
    local stop = max_bytes
    while stop > 0 and (string.byte(plain, stop + 1) or 0) >= 0x80 and (string.byte(plain, stop + 1) or 0) <= 0xBF do
      stop = stop - 1
    end
    plain = string.sub(plain, 1, stop)
  end
  plain = string.gsub(plain, "[%s.]+$", "")
  return plain ~= "" and plain or "unnamed"
end

return files
end
modules["shared/json"] = function()
-- JSON (RFC 8259), strict in both directions. Knows no DAW.
--
-- decode(text)        value; raises "JSON: ... at line L, column C" on anything that is not one JSON document
-- encode(value, pad)  text; numbers are written so that they read back exactly; keys are sorted; pad (such as "  ") indents
-- array(t)            marks a table as an array, so that an empty one becomes [] and not {}
-- null                what null becomes; absent(x) is true for nil and for null
--
-- Strings are UTF-8. What is not UTF-8 (a track's name may hold any byte) is written as U+FFFD, so that every reader can read it.
local json = {}

local MAX_DEPTH = 64
local REPLACEMENT = "\u{FFFD}"
local array_mark = {}

json.null = setmetatable({}, {__tostring = function() return "null" end})

function json.absent(value)
  return value == nil or value == json.null
end

function json.array(values)
  return setmetatable(values or {}, array_mark)
end

-- Text -----------------------------------------------------------------------------------------------------------------------------

local function valid(text)
  if utf8.len(text) then
    return text
  end
  local parts, at = {}, 1
  while at <= #text do
    local _, bad = utf8.len(text, at)
    if not bad then
      parts[#parts + 1] = string.sub(text, at)
      break
    end
    parts[#parts + 1] = string.sub(text, at, bad - 1)
    parts[#parts + 1] = REPLACEMENT
    at = bad + 1
  end
  return table.concat(parts)
end

json.valid_utf8 = valid

local ESCAPES = {['"'] = '\\"', ["\\"] = "\\\\", ["\b"] = "\\b", ["\f"] = "\\f", ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t"}

local function escaped(character)
  return ESCAPES[character] or string.format("\\u%04x", string.byte(character))
end

local function quoted(text)
  -- Surrogates (which Lua's utf8 lets pass) are no characters: they are three bytes that begin with ED A0..BF.
  text = string.gsub(valid(text), "\xED[\xA0-\xBF][\x80-\xBF]", REPLACEMENT)
  return '"' .. string.gsub(text, '[%c"\\]', escaped) .. '"'
end

-- Numbers: the shortest of three lengths that reads back exactly. A locale may have put a comma where the point belongs.
local function number(value)
  if math.type(value) == "integer" then
    return string.format("%d", value)
  end
  if value ~= value or value == math.huge or value == -math.huge then
    error("JSON: " .. tostring(value) .. " is no number that JSON can hold", 0)
  end
  for _, form in ipairs({"%.15g", "%.16g", "%.17g"}) do
    local text = string.gsub(string.format(form, value), ",", ".")
    if tonumber(text) == value or form == "%.17g" then
      return string.find(text, "[.e]") and text or text .. ".0"
    end
  end
end

-- Encoding -------------------------------------------------------------------------------------------------------------------------

local encoded

local function wrapped(open, close, items, pad, depth)
  if #items == 0 then
    return open .. close
  elseif not pad then
    return open .. table.concat(items, ",") .. close
  end
  local inner = "\n" .. string.rep(pad, depth + 1)
  return open .. inner .. table.concat(items, "," .. inner) .. "\n" .. string.rep(pad, depth) .. close
end

local function is_array(value)
  return getmetatable(value) == array_mark or value[1] ~= nil
end

local function encoded_array(value, pad, depth)
  local items, count = {}, 0
  for _ in pairs(value) do
    count = count + 1
  end
  for at = 1, count do
    if value[at] == nil then
      error("JSON: an array has a hole at " .. at .. ", or names among its numbers", 0)
    end
    items[at] = encoded(value[at], pad, depth + 1)
  end
  return wrapped("[", "]", items, pad, depth)
end

local function encoded_object(value, pad, depth)
  local keys, items = {}, {}
  for key in pairs(value) do
    if type(key) ~= "string" then
      error("JSON: an object has the key " .. tostring(key) .. ", which is no string", 0)
    end
    keys[#keys + 1] = key
  end
  table.sort(keys)
  for at, key in ipairs(keys) do
    items[at] = quoted(key) .. (pad and ": " or ":") .. encoded(value[key], pad, depth + 1)
  end
  return wrapped("{", "}", items, pad, depth)
end

function encoded(value, pad, depth)
  local kind = type(value)
  if depth > MAX_DEPTH then
    error("JSON: more than " .. MAX_DEPTH .. " levels (a table that holds itself?)", 0)
  elseif value == json.null then
    return "null"
  elseif kind == "string" then
    return quoted(value)
  elseif kind == "number" then
    return number(value)
  elseif kind == "boolean" then
    return tostring(value)
  elseif kind ~= "table" then
    error("JSON: a " .. kind .. " cannot be written", 0)
  elseif is_array(value) then
    return encoded_array(value, pad, depth)
  end
  return encoded_object(value, pad, depth)
end

function json.encode(value, pad)
  return encoded(value, pad, 0)
end

-- Decoding -------------------------------------------------------------------------------------------------------------------------

local function complain(text, at, what)
  local line, start = 1, 1
  for break_at in string.gmatch(string.sub(text, 1, at - 1), "()\n") do
    line, start = line + 1, break_at + 1
  end
  error(string.format("JSON: %s at line %d, column %d", what, line, at - start + 1), 0)
end

local UNESCAPED = {['"'] = '"', ["\\"] = "\\", ["/"] = "/", b = "\b", f = "\f", n = "\n", r = "\r", t = "\t"}

local function hexadecimal(text, at)
  local digits = string.match(text, "^%x%x%x%x", at)
  if not digits then
    complain(text, at, "\\u without four hexadecimal digits")
  end
  return tonumber(digits, 16)
end

-- The character of \uXXXX (or of a pair of them) whose digits begin at `at`, and where it ends. Half a pair becomes U+FFFD.
local function unescaped_unicode(text, at)
  local code = hexadecimal(text, at)
  if code < 0xD800 or code > 0xDFFF then
    return utf8.char(code), at + 4
  end
  if code <= 0xDBFF and string.sub(text, at + 4, at + 5) == "\\u" then
    local low = hexadecimal(text, at + 6)
    if low >= 0xDC00 and low <= 0xDFFF then
      return utf8.char(0x10000 + (code - 0xD800) * 0x400 + (low - 0xDC00)), at + 10
    end
  end
  return REPLACEMENT, at + 4
end

local function string_at(text, at)
  local parts, from = {}, at + 1
  while true do
    local stop = string.find(text, '[%c"\\]', from)
    if not stop then
      complain(text, at, "a string does not end")
    end
    parts[#parts + 1] = string.sub(text, from, stop - 1)
    local character = string.sub(text, stop, stop)
    if character == '"' then
      return table.concat(parts), stop + 1
    elseif character == "\127" then
      parts[#parts + 1], from = character, stop + 1
    elseif character ~= "\\" then
      complain(text, stop, "a control character in a string")
    elseif string.sub(text, stop + 1, stop + 1) == "u" then
      parts[#parts + 1], from = unescaped_unicode(text, stop + 2)
    else
      local plain = UNESCAPED[string.sub(text, stop + 1, stop + 1)]
      if not plain then
        complain(text, stop, "an unknown escape in a string")
      end
      parts[#parts + 1], from = plain, stop + 2
    end
  end
end

local function number_at(text, at)
  local whole = string.match(text, "^-?%d+", at)
  if not whole or string.find(whole, "^-?0%d") then
    complain(text, at, "something that is no value")
  end
  local stop = at + #whole
  local fraction = string.match(text, "^%.%d+", stop) or ""
  local exponent = string.match(text, "^[eE][+-]?%d+", stop + #fraction) or ""
  stop = stop + #fraction + #exponent
  if string.find(text, "^[%w.+-]", stop) then
    complain(text, at, "something that is no number")
  end
  local value = tonumber(whole .. fraction .. exponent)
  if not value or value == math.huge or value == -math.huge then
    complain(text, at, "a number too large to hold")
  end
  return value, stop
end

local value_at

local function after_space(text, at)
  return string.find(text, "[^ \t\r\n]", at) or #text + 1
end

-- Where the next member begins, or where the text goes on behind `closing`, and whether that was the end.
local function behind_value(text, at, closing, what)
  at = after_space(text, at)
  local mark = string.sub(text, at, at)
  if mark == closing then
    return at + 1, true
  elseif mark ~= "," then
    complain(text, at, "neither a comma nor the end of " .. what)
  end
  return after_space(text, at + 1), false
end

local function array_at(text, at, depth)
  local values = json.array({})
  at = after_space(text, at + 1)
  if string.sub(text, at, at) == "]" then
    return values, at + 1
  end
  while true do
    local ended
    values[#values + 1], at = value_at(text, at, depth + 1)
    at, ended = behind_value(text, at, "]", "an array")
    if ended then
      return values, at
    end
  end
end

local function key_at(text, at, object)
  if string.sub(text, at, at) ~= '"' then
    complain(text, at, "no key in quotes")
  end
  local key, stop = string_at(text, at)
  if object[key] ~= nil then
    complain(text, at, "a key that was there before")
  end
  stop = after_space(text, stop)
  if string.sub(text, stop, stop) ~= ":" then
    complain(text, stop, "no colon behind a key")
  end
  return key, after_space(text, stop + 1)
end

local function object_at(text, at, depth)
  local object = {}
  at = after_space(text, at + 1)
  if string.sub(text, at, at) == "}" then
    return object, at + 1
  end
  while true do
    local key, value_from = key_at(text, at, object)
    local ended
    object[key], at = value_at(text, value_from, depth + 1)
    at, ended = behind_value(text, at, "}", "an object")
    if ended then
      return object, at
    end
  end
end

local WORDS = {["true"] = true, ["false"] = false, ["null"] = json.null}

function value_at(text, at, depth)
  local mark = string.sub(text, at, at)
  if depth > MAX_DEPTH then
    complain(text, at, "more than " .. MAX_DEPTH .. " levels")
  elseif mark == '"' then
    return string_at(text, at)
  elseif mark == "{" then
    return object_at(text, at, depth)
  elseif mark == "[" then
    return array_at(text, at, depth)
  end
  local word = string.match(text, "^%a+", at)
  if word and WORDS[word] ~= nil then
    return WORDS[word], at + #word
  end
  return number_at(text, at)
end

function json.decode(text)
  if not utf8.len(text) then
    error("JSON: the text is not UTF-8", 0)
  end
  local value, at = value_at(text, after_space(text, 1), 0)
  at = after_space(text, at)
  if at <= #text then
    complain(text, at, "more than one value")
  end
  return value
end

return json
end
modules["shared/mailbox"] = function()
-- The folder in which AMA and its scripts in a DAW leave each other texts, and the journals of what was applied.
--
--   request.json        what AMA wants applied
--   result-ID.json      what became of it
--   journal-ID.json     what was changed, for AMA Revert
--   journals.json       which journals are not taken back yet, oldest first, for plain Lua cannot look into folders
--   exported.json       where AMA Export wrote, until a service knows
--   revert.json         AMA wants something taken back; reverted-ID.json says what became of that
--   called-off-ID.json  AMA does not wait for what it wanted any more: a dialog that is open does nothing
--
-- Knows no DAW. Where a DAW lets scripts send texts to the service, or takes `io` away from them, it hands in `send` and `read`.
local files = include("shared/files")
local json = include("shared/json")

local mailbox = {}

local INDEX_SCHEMA, EXPORTED_SCHEMA = "ama.journals/1", "ama.exported/1"
local PAD = "  "

local Mailbox = {}
Mailbox.__index = Mailbox

local function keep_silent()
end

-- from: folder, daw (as in the schemas, "ardour"), and where the DAW has them read(path) -> text or nil, send(what, id, text).
function mailbox.open(from)
  return setmetatable({
    folder = from.folder, journal_schema = "ama." .. from.daw .. ".journal/1", read = from.read or files.read,
    send = from.send or keep_silent,
  }, Mailbox)
end

function Mailbox:path(name)
  return self.folder .. "/" .. name
end

-- The text of a file, nil where there is none.
function Mailbox:text(name)
  return self.read(self:path(name))
end

-- A document of the given schema; nil where the file is absent; nil and a sentence where it cannot be used.
function Mailbox:document(name, schema)
  local text = self:text(name)
  if not text or text == "" then
    return nil
  end
  local ok, found = pcall(json.decode, text)
  if not ok then
    return nil, string.format("%s cannot be read (%s).", name, found)
  elseif type(found) ~= "table" or found.schema ~= schema then
    return nil, string.format("%s is of another version of AMA; install AMA's scripts again.", name)
  end
  return found
end

local function text_of(document)
  return json.encode(document, PAD) .. "\n"
end

-- Writes a document: true, or false and why not.
function Mailbox:write(name, document)
  return files.write(self:path(name), text_of(document))
end

-- Writes a document and sends it.
function Mailbox:post(what, id, name, document)
  local text = text_of(document)
  files.write(self:path(name), text)
  self.send(what, id, text)
end

-- Tells AMA that a script has read what it wants, and takes that out of the mailbox: from here on AMA cannot withdraw it.
-- Whether it was still there.
function Mailbox:begun(id, name)
  self.send("begun", id, "")
  return self:drop(name)
end

-- Whether AMA does not want any more what a script has begun with (Ctrl-C, a cancelled job): asked when the user has answered.
function Mailbox:called_off(id)
  return self:text("called-off-" .. files.safe_name(id, 120) .. ".json") ~= nil
end

function Mailbox:drop(name)
  return files.remove(self:path(name))
end

function Mailbox:note_export(id, folder)
  return self:write("exported.json", {schema = EXPORTED_SCHEMA, id = id, folder = folder})
end

local function named(id)
  return "journal-" .. files.safe_name(id, 120) .. ".json"
end

local function index_of(box)
  local index = box:document("journals.json", INDEX_SCHEMA) or {schema = INDEX_SCHEMA}
  index.ids, index.sessions = index.ids or json.array({}), index.sessions or {}
  return index
end

-- The journals that are not taken back yet, oldest first, of sessions for which wanted(path, name) is true. The index tells of which
-- session each is, so that those of others are not even opened. One that cannot be read is passed over.
function Mailbox:journals(wanted)
  local index, found = index_of(self), {}
  for _, id in ipairs(index.ids) do
    local told = index.sessions[id]
    if not told or wanted(told.path, told.name) then
      local journal = self:document(named(id), self.journal_schema)
      if journal and wanted(journal.session_path, journal.session) then
        found[#found + 1] = journal
      end
    end
  end
  return found
end

-- The journal of an id, taken back or not.
function Mailbox:journal(id)
  return self:document(named(id), self.journal_schema)
end

-- The newest of some journals (oldest first), or the one of that id where one is given; nil where there is none.
function mailbox.newest(journals, id)
  for at = #journals, 1, -1 do
    if json.absent(id) or id == "" or journals[at].id == id then
      return journals[at]
    end
  end
  return nil
end

-- An id that no journal has yet.
function Mailbox:free_id(id)
  local candidate, count = id, 1
  while self:text(named(candidate)) do
    count = count + 1
    candidate = id .. "-" .. count
  end
  return candidate
end

local function without(ids, id)
  local rest = json.array({})
  for _, other in ipairs(ids) do
    if other ~= id then
      rest[#rest + 1] = other
    end
  end
  return rest
end

-- Keeps a journal (a later one of the same id replaces it); its path, or "" and why not. Where scripts may not write, AMA is sent each
-- state of it, and keeps the last.
function Mailbox:keep_journal(journal)
  local name = named(journal.id)
  local ok, why = self:write(name, journal)
  if not ok then
    self.send("journal", journal.id, text_of(journal))
    return "", why
  end
  local index = index_of(self)
  index.ids = without(index.ids, journal.id)
  index.sessions[journal.id] = nil
  if not journal.reverted then
    index.ids[#index.ids + 1] = journal.id
    index.sessions[journal.id] = {path = journal.session_path, name = journal.session}
  end
  local listed, problem = self:write("journals.json", index)
  return listed and self:path(name) or "", problem
end

return mailbox
end
modules["reaper/paths"] = function()
-- Where AMA's mailbox lies and how its program is called: as the user has set it in AMA Settings, else as the installation filled it in,
-- else as AMA itself takes them when nobody says anything.
local paths = {}

paths.SECTION = "AMA" -- of REAPER's ExtState
local NAMES = {mailbox = true, command = true, stems = true, devices = true}
local DEFAULTS = {stems = "post_effects", devices = "cockos"}
local ALLOWED = {stems = {raw = true, post_effects = true, post_fader = true}, devices = {cockos = true, ama = true}}

-- "windows", "macos" or "linux".
function paths.system()
  local name = reaper.GetOS()
  if string.find(name, "^Win") then
    return "windows"
  end
  return (string.find(name, "^OSX") or string.find(name, "^macOS")) and "macos" or "linux"
end

local function environment(name)
  local value = os.getenv(name)
  return value and string.find(value, "%S") and value or nil
end

-- The folder in which AMA keeps what it must not forget, as the package platformdirs says; nil where the system does not say.
function paths.state()
  local system, home = paths.system(), environment("HOME")
  if system == "windows" then
    local folder = environment("LOCALAPPDATA")
    return folder and folder .. "\\ama"
  elseif system == "macos" then
    return home and home .. "/Library/Application Support/ama"
  end
  local folder = environment("XDG_STATE_HOME") or home and home .. "/.local/state"
  return folder and folder .. "/ama"
end

-- What the user has set; "" where nothing is set, or for stems and devices the usual.
function paths.setting(name)
  assert(NAMES[name], name)
  local value = reaper.GetExtState(paths.SECTION, name)
  if ALLOWED[name] and not ALLOWED[name][value] then
    return DEFAULTS[name]
  end
  return value
end

-- Keeps a setting, "" forgets it. Line ends cannot be kept.
function paths.set(name, value)
  assert(NAMES[name], name)
  local line = string.gsub(value, "[\r\n]", "")
  if line == "" then
    reaper.DeleteExtState(paths.SECTION, name, true)
  else
    reaper.SetExtState(paths.SECTION, name, line, true)
  end
end

-- The folder of the mailbox, without a separator at its end, and where that is from: "set", "installed" or "usual".
function paths.mailbox(values)
  local set, baked = paths.setting("mailbox"), values.mailbox or ""
  if set ~= "" then
    return (string.gsub(set, "(.)[/\\]+$", "%1")), "set"
  elseif baked ~= "" then
    return baked, "installed"
  end
  local state = paths.state()
  return state and state .. (paths.system() == "windows" and "\\reaper" or "/reaper") or "", "usual"
end

function paths.command(values)
  local set, baked = paths.setting("command"), values.command or ""
  if set ~= "" then
    return set, "set"
  end
  return baked ~= "" and baked or "ama", baked ~= "" and "installed" or "usual"
end

-- Folder for what is of no project that was saved.
function paths.temporary()
  if paths.system() == "windows" then
    return environment("TEMP") or environment("TMP") or "C:\\Windows\\Temp"
  end
  return (string.gsub(environment("TMPDIR") or "/tmp", "(.)/+$", "%1"))
end

-- The folder that a file lies in; "" where the path has none.
function paths.folder_of(path)
  return string.match(path, "^(.*)[/\\][^/\\]*$") or ""
end

return paths
end
modules["reaper/project"] = function()
-- The project in front: its file, its name, and whether AMA may touch it now.
local ids = include("reaper/ids")

local project = {}

local RECORDING = 4 -- bit of GetPlayState

-- A project's name without the ending of its file.
function project.plain(name)
  return (string.gsub(name, "%.[rR][pP][pP]$", ""))
end

function project.name()
  return project.plain(reaper.GetProjectName(ids.PROJECT))
end

-- The path of the project's file; empty where it was never saved.
function project.path()
  local _, path = reaper.EnumProjects(-1)
  return path or ""
end

-- Half a sentence, or nil. While REAPER records, AMA leaves the project alone: effects that come and go interrupt a take.
function project.obstacle()
  return reaper.GetPlayState() & RECORDING ~= 0 and "REAPER is recording" or nil
end

return project
end
modules["reaper/revert_work"] = function()
-- Takes back a plan that is not taken back yet, in one step of REAPER's undo: what AMA set goes back where it is still as AMA left it, what
-- AMA inserted goes. No windows here. What somebody changed since stays, and is told, unless it is forced by name.
local block = include("reaper/block")
local controls = include("reaper/controls")
local ids = include("reaper/ids")
local inserts = include("reaper/inserts")
local journal = include("reaper/journal")
local json = include("shared/json")
local params = include("reaper/params")
local sidechain = include("reaper/sidechain")
local mailbox = include("shared/mailbox")

local revert = {}

local SCHEMA = "ama.taken_back/1"

local function item_of(entry, what, tracks)
  return {what = what, track = entry.track, name = tracks:name(entry.track)}
end

local function same_raw(track, raw)
  for parameter, value in pairs(raw) do
    if reaper.GetMediaTrackInfo_Value(track, parameter) ~= value then
      return false
    end
  end
  return true
end

local function control_item(entry, tracks)
  local item = item_of(entry, controls.label(entry.control), tracks)
  local track = tracks:track(entry.track)
  local control = track and controls.of(track, entry.control)
  if not control then
    item.state = "gone"
    return item
  end
  local name, now = entry.control, control.value(control.raw())
  if not controls.differs(name, now, entry.before) and controls.differs(name, entry.after, entry.before) then
    item.state = "done"
  elseif controls.differs(name, now, entry.after) then
    item.state, item.reason = "conflict", string.format("it was moved since (%s, AMA had set %s)", controls.shown(name, now),
      controls.shown(name, entry.after))
  else
    item.reason = control.held()
    item.state = item.reason and "conflict" or "ready"
  end
  item.undo = function()
    controls.restore(track, entry.raw)
    return same_raw(track, entry.raw)
  end
  return item
end

local BY_HAND = "it was changed by hand since AMA set it"

local function plugin_item(entry, tracks, defaults)
  local item, fx = item_of(entry, entry.label, tracks), journal.effect(entry, tracks)
  if not fx then
    item.state = "gone"
    return item
  end
  item.state = "ready"
  if journal.touched(fx, journal.left(entry.values), defaults[entry.device] or {}) then
    item.state, item.reason = "conflict", BY_HAND
  end
  item.undo = function() return inserts.remove(fx.track, entry.fx) end
  return item
end

-- The effect goes on listening as long as it stays.
local function send_item(entry, tracks)
  local item = item_of(entry, "send to " .. entry.label, tracks)
  local trigger, listener = tracks:track(entry.track), tracks:track(entry.to)
  local at = trigger and listener and sidechain.find(trigger, listener, entry.serves, entry.mode)
  if not at then
    item.state = "gone"
    return item
  end
  item.state = "ready"
  if sidechain.touched(trigger, at, entry.mode) then
    item.state, item.reason = "conflict", BY_HAND
  end
  item.undo = function() return sidechain.disconnect(trigger, listener, entry.serves, entry.mode) end
  return item
end

local function channels_item(entry, tracks)
  local item = item_of(entry, "channels for " .. entry.label, tracks)
  local track = tracks:track(entry.track)
  if not track then
    item.state = "gone"
    return item
  end
  local now = sidechain.channels(track)
  item.state = now == entry.before and "done" or "ready"
  if item.state == "ready" and now ~= entry.after then
    item.state, item.reason = "conflict", string.format("the track has %d channels since", now)
  end
  item.undo = function() return sidechain.set_channels(track, entry.before) end
  -- Another send may have come there; AMA's own is gone when this is asked.
  item.obstacle = function()
    return sidechain.in_use(track) and "something else uses the track's channels 3/4 since" or nil
  end
  return item
end

local INSERTED = {plugin = plugin_item, send = send_item, channels = channels_item}

local function changed_item(entry, tracks)
  local item, fx = item_of(entry, entry.label, tracks), journal.effect(entry, tracks)
  if not fx then
    item.state = "gone"
    return item
  end
  item.state = "ready"
  if journal.touched(fx, journal.leave({}, entry.settings), {}) then
    item.state, item.reason = "conflict", BY_HAND
  end
  item.undo = function() return params.put_back(fx, entry.settings) end
  return item
end

local function add_all(items, list, make)
  for at = #list, 1, -1 do
    local item = make(list[at])
    item.entry = list[at]
    items[#items + 1] = item
  end
end

-- What a journal has to take back, last done first: {what, track, name, state (ready, done, gone, conflict), reason, undo, entry};
-- `follows` of a send or of channels is the item of the effect that they are for.
function revert.items(entry, tracks)
  local items, effects = {}, {}
  add_all(items, entry.controls, function(one) return control_item(one, tracks) end)
  add_all(items, entry.changed, function(one) return changed_item(one, tracks) end)
  add_all(items, entry.inserted, function(one) return INSERTED[one.kind](one, tracks, entry.defaults or {}) end)
  for _, item in ipairs(items) do
    if item.entry.kind == "plugin" then
      effects[item.entry.fx] = item
    end
  end
  for _, item in ipairs(items) do
    item.follows = item.entry.serves and effects[item.entry.serves]
  end
  return items
end

-- The newest journal of this project, or the one of that id; nil where there is none.
function revert.newest(box, id, tracks)
  return mailbox.newest(journal.here(box, tracks), id)
end

local function take_back(item)
  local ok, undone = pcall(item.undo)
  if not ok then
    return "REAPER refused: " .. tostring(undone)
  end
  return not undone and "REAPER did not take it back" or nil
end

-- Why an item stays by what others have changed, nil where it may go.
local function left_alone(item, forced)
  if item.follows and item.follows.state == "conflict" and not forced[item.follows.entry] then
    return item.state ~= "gone" and item.follows.what .. " stays, so this does" or nil
  elseif item.state == "conflict" and not forced[item.entry] then
    return item.reason
  end
  return nil
end

-- Why an item stays when it is its turn, nil where it goes.
local function kept_for(item, forced)
  local reason = left_alone(item, forced)
  if not reason and item.state == "ready" and item.obstacle then
    return item.obstacle()
  end
  return reason
end

-- Leaves in the journal what stays, and beside it what was taken back.
local function close(entry, kept)
  entry.taken, entry.reverted = {}, true
  for _, name in ipairs({"controls", "inserted", "changed"}) do
    local left, taken = json.array(), json.array()
    for _, one in ipairs(entry[name]) do
      table.insert(kept[one] and left or taken, one)
    end
    entry[name], entry.taken[name] = left, taken
  end
end

local function take_all(items, forced, report, kept)
  for _, item in ipairs(items) do
    local line = {what = item.what, track = item.track, name = item.name}
    local reason = kept_for(item, forced)
    if not reason and (item.state == "ready" or item.state == "conflict") then
      reason = take_back(item)
    end
    if reason then
      line.reason, kept[item.entry] = reason, true
      table.insert(report.conflicting, line)
    else
      table.insert(item.state == "gone" and report.gone or report.restored, line)
    end
  end
end

-- Where all stays as it is there is no undo point.
local function anything_to_do(items, forced)
  for _, item in ipairs(items) do
    if (item.state == "ready" or item.state == "conflict") and not left_alone(item, forced) then
      return true
    end
  end
  return false
end

-- Takes a journal back; `forced` is a set of entries that go back although they were changed. Returns the report.
function revert.run(box, entry, forced, tracks)
  local report = {
    schema = SCHEMA, id = entry.id, restored = json.array(), gone = json.array(), conflicting = json.array(), reason = "",
  }
  local kept, items = {}, revert.items(entry, tracks)
  local function work()
    take_all(items, forced, report, kept)
  end
  local ok, trouble = true, nil
  if anything_to_do(items, forced) then
    ok, trouble = block.run(work, function() return "AMA: take back what AMA set" end)
  else
    work()
  end
  if not ok then
    report.reason = "AMA's script stopped: " .. tostring(trouble)
    return report
  end
  close(entry, kept)
  box:keep_journal(entry)
  journal.note_taken(box, entry)
  return report
end

revert.SCHEMA, revert.tracks = SCHEMA, ids.tracks

return revert
end
modules["reaper/window"] = function()
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
end
modules["shared/words"] = function()
-- Text as people read it: lines that are not too long, counts, lists that end. Knows no DAW.
local words = {}

-- Text in lines of at most `columns` characters; also how many lines there are.
function words.wrapped(text, columns)
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
function words.short(text, columns)
  local line = string.gsub(text, "%s+", " ")
  local stop = utf8.offset(line, columns + 1)
  return stop and stop <= #line and string.sub(line, 1, utf8.offset(line, columns) - 1) .. "…" or line
end

-- "1 track", "3 tracks".
function words.count(number, word)
  return string.format("%d %s%s", number, word, number == 1 and "" or "s")
end

-- The first few lines of a list, and how many more there are.
function words.listed(lines, most)
  local shown = table.move(lines, 1, math.min(#lines, most), 1, {})
  if #lines > most then
    shown[#shown + 1] = string.format("... and %d more", #lines - most)
  end
  return table.concat(shown, "\n")
end

return words
end
modules["reaper/ids"] = function()
-- REAPER's tracks and effects by their GUIDs. "master" is the master track; every other id is the text of a GUID, "{8B6F...}".
--
-- Pointers are good for one run of a script: `ids.tracks()` reads them all in one pass, and whoever works on finds them there.
local ids = {}

ids.MASTER = "master"
ids.PROJECT = 0 -- the project in front

local Tracks = {}
Tracks.__index = Tracks

-- The project's tracks as they are now.
function ids.tracks()
  local self = setmetatable({by_guid = {}, guids = {}}, Tracks)
  for at = 0, reaper.CountTracks(ids.PROJECT) - 1 do
    local track = reaper.GetTrack(ids.PROJECT, at)
    if track then
      local guid = reaper.GetTrackGUID(track)
      self.by_guid[guid] = track
      self.guids[#self.guids + 1] = guid
    end
  end
  return self
end

-- The track of an id, or nil.
function Tracks:track(id)
  if id == ids.MASTER then
    self.master = self.master or reaper.GetMasterTrack(ids.PROJECT)
    return self.master
  end
  return self.by_guid[id]
end

-- The ids of the tracks that lie in a folder, one level down.
function Tracks:inside(folder)
  local found, guid = {}, reaper.GetTrackGUID(folder)
  for _, id in ipairs(self.guids) do
    local parent = reaper.GetParentTrack(self.by_guid[id])
    if parent and reaper.GetTrackGUID(parent) == guid then
      found[#found + 1] = id
    end
  end
  return found
end

function Tracks:name(id)
  local track = self:track(id)
  if not track then
    return "a track that is gone"
  elseif id == ids.MASTER then
    return "Master"
  end
  local _, name = reaper.GetTrackName(track)
  return name
end

-- The id of the only track of a name, or nil and why not.
function Tracks:named(name)
  if not self.by_name then
    self.by_name = {}
    for _, guid in ipairs(self.guids) do
      local own = self:name(guid)
      self.by_name[own] = self.by_name[own] and "two" or guid
    end
  end
  local found = self.by_name[name]
  if not found then
    return nil, string.format('there is no track named "%s" in this project', name)
  elseif found == "two" then
    return nil, string.format('more than one track is named "%s"', name)
  end
  return found
end

-- Whether a track is still in the project.
function ids.there(track)
  return reaper.ValidatePtr2(ids.PROJECT, track, "MediaTrack*")
end

-- The place of an effect in its track's chain, or nil where it is not there.
function ids.effect(track, guid)
  for at = 0, reaper.TrackFX_GetCount(track) - 1 do
    if reaper.TrackFX_GetFXGUID(track, at) == guid then
      return at
    end
  end
  return nil
end

return ids
end
modules["reaper/controls"] = function()
-- Fader, pan, polarity and delay of a track, in an engineer's units and in REAPER's own numbers, which are kept for the way back.
--
-- of(track, name)             {label, raw(), value(raw), set(value), held()}, or nil and why there is none
-- restore(track, raw)         puts REAPER's own numbers back
-- differs(name, a, b)         whether what was read is not what was written
-- moved(name, a, b)           whether somebody moved it: so far apart that it is no difference of reading
local ids = include("reaper/ids")

local controls = {}

local FLOOR_DB = -150 -- REAPER shows faders below it as -inf
local READ = {fader_db = 1e-4, pan = 1e-5, polarity = 1e-9, delay_ms = 1e-3}
local MOVED = {fader_db = 0.1, pan = 0.01, polarity = 0.5, delay_ms = 0.01}
local NEW_BALANCE, CLASSIC, STEREO_PAN, DUAL_PAN = 3, 0, 5, 6 -- I_PANMODE
local TRIM_OR_READ = 1 -- automation modes above it write
local BYPASSED, IN_SAMPLES = 1, 2 -- bits of I_PLAY_OFFSET_FLAG

local function decibels(gain)
  return gain > 0 and math.max(FLOOR_DB, 20 * math.log(gain, 10)) or FLOOR_DB
end

-- Whether an envelope works. What cannot be told counts as working.
local function active(envelope)
  local ok, text = false, nil
  if reaper.GetSetEnvelopeInfo_String then -- REAPER 6.24
    ok, text = reaper.GetSetEnvelopeInfo_String(envelope, "ACTIVE", "", false)
  end
  if not ok then
    local _, chunk = reaper.GetEnvelopeStateChunk(envelope, "", false) -- before REAPER 7
    text = string.match(chunk, "ACT (%d)")
  end
  return text ~= "0"
end

local function automated(track, name, word)
  local envelope = reaper.GetTrackEnvelopeByName(track, name)
  if envelope and (active(envelope) or reaper.GetTrackAutomationMode(track) > TRIM_OR_READ) then
    return "its " .. word .. " follows automation"
  end
  return nil
end

-- Half a sentence where an envelope of this name works on a track.
controls.automated = automated

-- A number of the track that stands for itself. written(value) is REAPER's number, value(number) the engineer's.
local function plain(track, parameter, written, value, held)
  return {
    raw = function() return {[parameter] = reaper.GetMediaTrackInfo_Value(track, parameter)} end,
    value = function(raw) return value(raw[parameter]) end,
    set = function(asked) reaper.SetMediaTrackInfo_Value(track, parameter, written(asked)) end,
    held = held,
  }
end

local function same(value)
  return value
end

local function fader(track)
  local function held() return automated(track, "Volume", "fader") end
  return plain(track, "D_VOL", function(db) return 10 ^ (db / 20) end, decibels, held)
end

-- AMA's pan is a balance with unity in the centre. Stereo pan moves the two channels, dual pan has a pan for each: another thing.
local function pan(track)
  local function held()
    local _, _, _, mode = reaper.GetTrackUIPan(track) -- the project's own mode where the track has none
    if mode == DUAL_PAN then
      return "it has a dual pan, one for each channel"
    elseif mode == STEREO_PAN then
      return "its pan mode is stereo pan, which moves both channels"
    elseif mode ~= NEW_BALANCE and mode ~= CLASSIC then
      return string.format("its pan mode (%d) is one that AMA does not know", mode)
    end
    return automated(track, "Pan", "pan")
  end
  return plain(track, "D_PAN", same, same, held)
end

local function polarity(track)
  local function free() return nil end
  return plain(track, "B_PHASE", function(value) return value >= 0.5 and 1 or 0 end, same, free)
end

local function delay_ms(raw)
  local offset, flags = raw.D_PLAY_OFFSET, math.tointeger(raw.I_PLAY_OFFSET_FLAG) or 0
  if flags & BYPASSED ~= 0 then
    return 0
  elseif flags & IN_SAMPLES ~= 0 then
    return 1000 * offset / reaper.GetSetProjectInfo(ids.PROJECT, "PROJECT_SRATE", 0, false)
  end
  return 1000 * offset
end

-- REAPER's "media playback offset".
local function delay(track)
  return {
    raw = function()
      return {
        D_PLAY_OFFSET = reaper.GetMediaTrackInfo_Value(track, "D_PLAY_OFFSET"),
        I_PLAY_OFFSET_FLAG = reaper.GetMediaTrackInfo_Value(track, "I_PLAY_OFFSET_FLAG"),
      }
    end,
    value = delay_ms,
    set = function(asked) controls.restore(track, {D_PLAY_OFFSET = asked / 1000, I_PLAY_OFFSET_FLAG = 0}) end,
    held = function() return nil end,
  }
end

local KINDS = {fader_db = fader, pan = pan, polarity = polarity, delay_ms = delay}
local NAMES = {fader_db = "fader", pan = "pan", polarity = "polarity", delay_ms = "delay"}

function controls.of(track, name)
  local kind = KINDS[name]
  if not kind then
    return nil, "this version knows no control " .. tostring(name)
  end
  return kind(track)
end

function controls.label(name)
  return NAMES[name] or name
end

function controls.restore(track, raw)
  for parameter, value in pairs(raw) do
    reaper.SetMediaTrackInfo_Value(track, parameter, value)
  end
end

function controls.differs(name, a, b)
  return math.abs(a - b) > READ[name]
end

function controls.moved(name, a, b)
  return math.abs(a - b) > MOVED[name]
end

-- "-2.5 dB", "30 % left", "inverted": what a user reads in REAPER.
function controls.shown(name, value)
  if name == "fader_db" then
    return value <= FLOOR_DB and "-inf dB" or string.format("%+.2f dB", value)
  elseif name == "pan" then
    local percent = math.floor(math.abs(value) * 100 + 0.5)
    return percent == 0 and "centre" or string.format("%d %% %s", percent, value < 0 and "left" or "right")
  elseif name == "delay_ms" then
    return string.format("%.2f ms", value)
  end
  return value >= 0.5 and "inverted" or "not inverted"
end

return controls
end
modules["reaper/inserts"] = function()
-- AMA's effects on a track: added behind the user's own, named, found again by their GUID, taken away.
local devices = include("reaper/devices")
local ids = include("reaper/ids")

local inserts = {}

local AT_THE_END, AT = -1, -1000 -- TrackFX_AddByName: a new one at the end, or at the place -1000 - n
local HIDE_WINDOW = 2 -- where "Auto-float newly created FX windows" is on, each would stand on the screen

-- An effect that has just been added; without a GUID it could never be found again, so it goes at once.
local function identified(track, at, device)
  local ok, guid = pcall(reaper.TrackFX_GetFXGUID, track, at)
  if ok and guid and guid ~= "" then
    return {track = track, at = at, guid = guid, device = device}
  end
  reaper.TrackFX_Delete(track, at)
  error(not ok and guid or "an effect without a GUID", 0)
end

-- A new effect {track, at, guid, device}, or nil where REAPER has none of its names. known: what was learned of the device in this run.
function inserts.add(track, device_name, known, place)
  local device = devices.of(device_name)
  for _, name in ipairs(known.name and {known.name} or device.names) do
    local at = reaper.TrackFX_AddByName(track, name, false, place and AT - place or AT_THE_END)
    if at >= 0 then
      known.name = name
      return identified(track, at, device)
    end
  end
  return nil
end

-- The name in the chain, and no window; a REAPER that cannot rename keeps the plugin's own, which does no harm.
function inserts.rename(fx, label)
  reaper.TrackFX_SetNamedConfigParm(fx.track, fx.at, "renamed_name", label)
  reaper.TrackFX_Show(fx.track, fx.at, HIDE_WINDOW)
end

-- Takes an effect away, wherever in the chain it is by now: whether it is gone then.
function inserts.remove(track, guid)
  local at = ids.effect(track, guid)
  return at == nil or reaper.TrackFX_Delete(track, at) and ids.effect(track, guid) == nil
end

-- An effect of the project as it stands, or nil.
function inserts.found(track, guid, device_name)
  local at = ids.effect(track, guid)
  return at and {track = track, at = at, guid = guid, device = devices.of(device_name)} or nil
end

return inserts
end
modules["reaper/journal"] = function()
-- What AMA changed in this project and did not take back: which effects are AMA's, and how AMA left them.
--
-- A journal: id, session, session_path, reverted, and
--   controls  {track, control, before, after, raw}            raw: REAPER's own numbers before, which go back exactly
--   inserted  {kind = "plugin", track, fx, device, key, label, values}
--             values: {param, shown, raw} as it was read (raw where it is known), {param, loose} may be anything
--             {kind = "channels", track, before, after, serves, label}     serves: the fx
--             {kind = "send", track, to, serves, mode, label}              a send from `track` to the track `to`
--   changed   {track, fx, device, key, label, settings}
--             settings: {param, before (raw), after (as it was shown; none where it may be anything), raw (after, where it is known)}
--   defaults  device -> {parameter, as text -> raw value of a new one}
local devices = include("reaper/devices")
local ids = include("reaper/ids")
local inserts = include("reaper/inserts")
local json = include("shared/json")
local params = include("reaper/params")
local project = include("reaper/project")

local journal = {}

journal.SCHEMA = "ama.reaper.journal/1"

-- Whether a journal can be of the open project: its file is the same, or is gone and was called the same (a project that was moved), or
-- there was none yet. `tracks` then decides.
local function may_be_here(path, name)
  local here = project.path()
  if path == "" or path == here then
    return true
  end
  return name == project.name() and not reaper.file_exists(path)
end

-- Whether one of a journal's tracks is in the project, for a journal of a project that had no file: GUIDs are nobody else's.
local function knows(entry, tracks)
  if entry.session_path ~= "" or project.path() == "" then
    return true
  end
  for _, list in ipairs({entry.controls, entry.inserted, entry.changed}) do
    for _, one in ipairs(list) do
      if one.track ~= ids.MASTER and tracks:track(one.track) then
        return true
      end
    end
  end
  return false
end

local INDEX, INDEX_SCHEMA, MOST_TAKEN = "journals.json", "ama.journals/1", 8

local function first_plugin(list)
  for _, one in ipairs(list) do
    if one.kind == "plugin" then
      return one
    end
  end
  return nil
end

-- Notes that a journal was taken back, of which effect one can tell that REAPER's undo took back the taking back, and what it was.
function journal.note_taken(box, entry)
  local plugin = first_plugin(entry.taken.inserted)
  local index = box:document(INDEX, INDEX_SCHEMA)
  if not plugin or not index then
    return
  end
  index.taken = index.taken or json.array()
  table.insert(index.taken, {
    id = entry.id, path = entry.session_path, name = entry.session, track = plugin.track, fx = plugin.fx,
  })
  while #index.taken > MOST_TAKEN do
    table.remove(index.taken, 1)
  end
  box:write(INDEX, index)
end

local function revive(box, id)
  local entry = box:journal(id)
  if not entry or not entry.taken then
    return
  end
  for name, list in pairs(entry.taken) do
    entry[name] = table.move(entry[name], 1, #entry[name], #list + 1, list)
  end
  entry.taken, entry.reverted = nil, false
  box:keep_journal(entry)
end

-- Journals that were taken back and whose effects stand again, for REAPER's undo goes over AMA Revert too.
local function revive_all(box, tracks)
  local index = box:document(INDEX, INDEX_SCHEMA)
  local rest, revived = json.array(), {}
  for _, one in ipairs(index and index.taken or {}) do
    local track = may_be_here(one.path, one.name) and tracks:track(one.track)
    if track and ids.effect(track, one.fx) then
      revived[#revived + 1] = one.id
    else
      rest[#rest + 1] = one
    end
  end
  if #revived > 0 then
    index.taken = rest
    box:write(INDEX, index)
    for _, id in ipairs(revived) do
      revive(box, id)
    end
  end
end

-- The journals of this project that are not taken back yet, oldest first.
function journal.here(box, tracks)
  local found = {}
  revive_all(box, tracks)
  for _, entry in ipairs(box:journals(may_be_here)) do
    if knows(entry, tracks) then
      found[#found + 1] = entry
    end
  end
  return found
end

local function note(left, param, shown, raw)
  left[param] = not json.absent(shown) and {shown = shown, raw = not json.absent(raw) and raw or nil}
end

-- How AMA left an effect: param -> {shown, raw}, false for what may be anything.
function journal.left(values)
  local left = {}
  for _, value in ipairs(values) do
    note(left, value.param, value.shown, value.raw)
  end
  return left
end

function journal.leave(left, settings)
  for _, setting in ipairs(settings) do
    note(left, setting.param, setting.after, setting.raw)
  end
  return left
end

-- AMA's effects that are still there: fx -> {track, at, guid, device (its name), key, label, left, defaults, hears (a track),
-- plan (that set it last), id and idle (as shared/earlier takes them)}.
function journal.standing(journals, tracks)
  local standing = {}
  for _, entry in ipairs(journals) do
    for _, one in ipairs(entry.inserted) do
      local track = one.kind == "plugin" and tracks:track(one.track)
      local at = track and ids.effect(track, one.fx)
      if at then
        standing[one.fx] = {
          track = one.track, at = at, guid = one.fx, device = one.device, key = one.key, label = one.label,
          left = journal.left(one.values), defaults = entry.defaults[one.device] or {}, plan = entry.plan or "", id = one.fx,
          idle = not reaper.TrackFX_GetEnabled(track, at),
        }
      elseif one.kind == "send" and standing[one.serves] then
        standing[one.serves].hears = one.track
      end
    end
    for _, change in ipairs(entry.changed) do
      if standing[change.fx] then
        journal.leave(standing[change.fx].left, change.settings)
        standing[change.fx].plan = entry.plan or ""
      end
    end
  end
  return standing
end

-- Where a value lies at the edge of two texts, either may be shown; and a plugin with steps may tell another raw value than it was given.
-- So a change is one of both.
local function is_left(access, fx, param, left)
  return access.same(access.shown(fx, param), left.shown) or left.raw ~= nil and access.same(access.raw(fx, param), left.raw)
end

-- Whether somebody turned something of an effect since AMA left it. A bypass is no change, one may switch it off to compare.
-- known: raw values by parameter that were read just now, where there are some.
function journal.touched(fx, left, defaults, known)
  local access = params.of(fx.device.kind)
  for param, one in pairs(left) do
    if one and not is_left(access, fx, param, one) then
      return true
    end
  end
  for name, raw in pairs(defaults) do
    local param = math.tointeger(tonumber(name)) or name
    if left[param] == nil and not access.same(known and known[param] or access.raw(fx, param), raw) then
      return true
    end
  end
  return false
end

-- The effect of an entry as it stands now, or nil.
function journal.effect(entry, tracks)
  local track = tracks:track(entry.track)
  return track and devices.of(entry.device) and inserts.found(track, entry.fx, entry.device) or nil
end

return journal
end
modules["reaper/params"] = function()
-- What a plugin can be asked for and told, one way for all that AMA uses. An effect is {track, at, guid}; a parameter is its number, or the
-- name of a setting of REAPER's own ("BANDTYPE0", and "enabled" for the effect's own switch).
--
-- of(kind)    kind "vst": shown() is the text that the plugin shows, raw() the normalised value;
--             kind "js": both are the slider's own number
-- shown(fx, param)     what a user sees: a text or a number; nil where there is nothing
-- raw(fx, param)       what put() takes back exactly
-- put(fx, param, raw)
-- same(a, b)           whether two that were shown, or two raw ones, are alike, also when the project was saved and opened in between
local params = {}

local FINEST = 1e-5 -- of normalised values: plugins keep 32-bit floats, and of some only what comes of them
local FINEST_SLIDER = 5e-4 -- half of the finest step of AMA's sliders; a project keeps few digits

local function setting(fx, name)
  if name == "enabled" then
    return reaper.TrackFX_GetEnabled(fx.track, fx.at) and "1" or "0"
  end
  local ok, text = reaper.TrackFX_GetNamedConfigParm(fx.track, fx.at, name)
  return ok and text or nil
end

-- Its answer says nothing: REAPER answers false for BANDENABLED though it works. So whoever writes reads.
local function put_setting(fx, name, text)
  if name == "enabled" then
    reaper.TrackFX_SetEnabled(fx.track, fx.at, text == "1")
  else
    reaper.TrackFX_SetNamedConfigParm(fx.track, fx.at, name, text)
  end
end

local function same_within(finest)
  return function(a, b)
    if type(a) == "number" and type(b) == "number" then
      return math.abs(a - b) <= finest
    end
    return a == b
  end
end

local function access(shown, raw, put, finest)
  return {
    shown = function(fx, param)
      if type(param) == "string" then
        return setting(fx, param)
      end
      return shown(fx, param)
    end,
    raw = function(fx, param)
      if type(param) == "string" then
        return setting(fx, param)
      end
      return raw(fx, param)
    end,
    put = function(fx, param, value)
      if type(param) == "string" then
        return put_setting(fx, param, value)
      end
      put(fx, param, value)
    end,
    same = same_within(finest),
  }
end

local function text_shown(fx, param)
  local ok, text = reaper.TrackFX_GetFormattedParamValue(fx.track, fx.at, param)
  return ok and text or nil
end

local function normalised(fx, param)
  return reaper.TrackFX_GetParamNormalized(fx.track, fx.at, param)
end

local function put_normalised(fx, param, value)
  reaper.TrackFX_SetParamNormalized(fx.track, fx.at, param, value)
end

local function slider(fx, param)
  return (reaper.TrackFX_GetParam(fx.track, fx.at, param))
end

local function put_slider(fx, param, value)
  reaper.TrackFX_SetParam(fx.track, fx.at, param, value)
end

-- Puts settings back, {param, before (raw)} in their order; what is as it was is not touched. Whether all are then.
local function put_back(kind, fx, settings)
  for _, one in ipairs(settings) do
    if kind.raw(fx, one.param) ~= one.before then
      kind.put(fx, one.param, one.before)
    end
  end
  for _, one in ipairs(settings) do
    if not kind.same(kind.raw(fx, one.param), one.before) then
      return false
    end
  end
  return true
end

local KINDS = {
  vst = access(text_shown, normalised, put_normalised, FINEST),
  js = access(slider, slider, put_slider, FINEST_SLIDER),
}

function params.of(kind)
  return KINDS[kind]
end

function params.put_back(fx, settings)
  return put_back(KINDS[fx.device.kind], fx, settings)
end

-- The names of an effect's parameters: name in small letters -> number, the first one where two have the same; and how many there are.
function params.names(fx)
  local found, count = {}, reaper.TrackFX_GetNumParams(fx.track, fx.at)
  for param = 0, count - 1 do
    local _, name = reaper.TrackFX_GetParamName(fx.track, fx.at, param)
    name = string.lower(string.match(name, "^%-?%s*(.-)%s*$"))
    found[name] = found[name] or param
  end
  return found, count
end

-- Whether turning a parameter changes what one hears for good: not so the switches with which one compares.
local SWITCHES = {bypass = true, delta = true, solo = true}

-- The raw values of all parameters, by number as text (for a journal); without the switches.
function params.all(fx, kind, names, count)
  local found, skipped = {}, {}
  for name in pairs(SWITCHES) do
    if names[name] then
      skipped[names[name]] = true
    end
  end
  for param = 0, count - 1 do
    if not skipped[param] then
      found[tostring(param)] = KINDS[kind].raw(fx, param)
    end
  end
  return found
end

return params
end
modules["reaper/sidechain"] = function()
-- A compressor that listens to another track: a send from there to the channels 3/4 of the compressor's track, which gets four channels.
-- The send carries the compressor's GUID as a mark, for sends have no GUID of their own.

local sidechain = {}

local SENDS = 0 -- the category of GetTrackNumSends
local MARK = "P_EXT:ama"
local PRE_EFFECTS, POST_EFFECTS = 1, 3 -- I_SENDMODE; both before the fader
local NO_MIDI = 31
local THIRD = 2 -- I_DSTCHAN: from channel 3 on, a pair
local ENOUGH = 4
local FIRST_KEY_PIN, KEY_PINS = 2, 2

sidechain.PRE_EFFECTS, sidechain.POST_EFFECTS = PRE_EFFECTS, POST_EFFECTS

-- What a send is set to, whatever a user's own default for new sends is.
local function wanted(mode)
  return {
    {"D_VOL", 1}, {"D_PAN", 0}, {"B_MUTE", 0}, {"B_PHASE", 0}, {"B_MONO", 0}, {"I_SENDMODE", mode}, {"I_SRCCHAN", 0}, {"I_DSTCHAN", THIRD},
    {"I_MIDIFLAGS", NO_MIDI},
  }
end

-- Whether a send is the one that was marked. An older REAPER keeps no marks: there it is one that goes to the same place, set just so.
local function is_marked(trigger, at, listener, mark, mode)
  if reaper.GetSetTrackSendInfo_String then
    local ok, text = reaper.GetSetTrackSendInfo_String(trigger, SENDS, at, MARK, "", false)
    return ok and text == mark
  end
  local to = reaper.GetTrackSendInfo_Value(trigger, SENDS, at, "P_DESTTRACK")
  return type(to) == "userdata" and reaper.GetTrackGUID(to) == reaper.GetTrackGUID(listener) and not sidechain.touched(trigger, at, mode)
end

-- The number of AMA's send from a track to another, or nil.
function sidechain.find(trigger, listener, mark, mode)
  for at = reaper.GetTrackNumSends(trigger, SENDS) - 1, 0, -1 do
    if is_marked(trigger, at, listener, mark, mode) then
      return at
    end
  end
  return nil
end

-- Whether somebody turned something of the send.
function sidechain.touched(trigger, at, mode)
  for _, one in ipairs(wanted(mode)) do
    if reaper.GetTrackSendInfo_Value(trigger, SENDS, at, one[1]) ~= one[2] then
      return true
    end
  end
  return false
end

function sidechain.disconnect(trigger, listener, mark, mode)
  local at = sidechain.find(trigger, listener, mark, mode)
  return at == nil or reaper.RemoveTrackSend(trigger, SENDS, at)
end

-- Sets and marks a new send; whether it reads so.
local function set(trigger, at, listener, mark, mode)
  for _, one in ipairs(wanted(mode)) do
    reaper.SetTrackSendInfo_Value(trigger, SENDS, at, one[1], one[2])
  end
  if reaper.GetSetTrackSendInfo_String then
    reaper.GetSetTrackSendInfo_String(trigger, SENDS, at, MARK, mark, true)
  end
  return sidechain.find(trigger, listener, mark, mode) == at and not sidechain.touched(trigger, at, mode)
end

-- true, or nil and why not; then nothing is left behind.
function sidechain.connect(trigger, listener, mark, mode)
  local at = reaper.CreateTrackSend(trigger, listener)
  if at < 0 then
    return nil, "REAPER made no send from the track that it should listen to"
  end
  local ok, as_asked = pcall(set, trigger, at, listener, mark, mode)
  if ok and as_asked then
    return true
  end
  reaper.RemoveTrackSend(trigger, SENDS, at)
  return nil, "the send to it does not stay as it was set"
end

-- The channels of a track; I_NCHAN is even.
function sidechain.channels(track)
  return math.tointeger(reaper.GetMediaTrackInfo_Value(track, "I_NCHAN"))
end

-- How many a track needs so that a compressor on it can hear another track.
function sidechain.needed(channels)
  return math.max(channels, ENOUGH)
end

function sidechain.set_channels(track, channels)
  reaper.SetMediaTrackInfo_Value(track, "I_NCHAN", channels)
  return sidechain.channels(track) == channels
end

-- Whether something else than AMA's sends comes to a track's channels 3 and up.
function sidechain.in_use(track)
  for at = 0, reaper.GetTrackNumSends(track, -1) - 1 do
    local channel = math.tointeger(reaper.GetTrackSendInfo_Value(track, -1, at, "I_DSTCHAN")) or 0
    if channel & 1023 >= THIRD then
      return true
    end
  end
  return false
end

-- Leads the track's channels 3/4 to the effect's third and fourth input, where REAPER has not done it: whether they are.
function sidechain.open_pins(fx)
  for pin = FIRST_KEY_PIN, FIRST_KEY_PIN + KEY_PINS - 1 do
    if reaper.TrackFX_GetPinMappings(fx.track, fx.at, 0, pin) ~= 1 << pin then
      reaper.TrackFX_SetPinMappings(fx.track, fx.at, 0, pin, 1 << pin, 0)
      if reaper.TrackFX_GetPinMappings(fx.track, fx.at, 0, pin) ~= 1 << pin then
        return false
      end
    end
  end
  return true
end

-- Whether a track's sound goes into another one as into its folder.
function sidechain.is_inside(track, folder)
  local parent = reaper.GetParentTrack(track)
  while parent do
    if reaper.GetTrackGUID(parent) == folder then
      return true
    end
    parent = reaper.GetParentTrack(parent)
  end
  return false
end

-- Where a track's channels 3/4 come from or go to beside AMA's send, in half a sentence; nil where nowhere. A track hands all its channels
-- to its folder, which takes as many as it has: two that have more and follow each other mix what their compressors hear. listens(id):
-- whether a track gets such channels in this plan.
function sidechain.leak(track, tracks, listens)
  local function wide(other, id)
    return other and (listens(id or reaper.GetTrackGUID(other)) or sidechain.channels(other) >= ENOUGH)
  end
  local folder = reaper.GetParentTrack(track)
  if folder and wide(folder) or not folder and wide(tracks:track("master"), "master") then
    return "its channels 3/4 would go on into " .. (folder and "its folder" or "the master") .. ", which has more than two channels"
  elseif reaper.GetMediaTrackInfo_Value(track, "I_FOLDERDEPTH") == 1 then
    for _, id in ipairs(tracks:inside(track)) do
      if wide(tracks:track(id), id) then
        return "a track in this folder has more than two channels, which would be heard too"
      end
    end
  end
  return nil
end

-- Before the trigger's effects where they are AMA's alone, behind them where the user has some: their sound is what was measured.
function sidechain.mode(trigger, ours)
  for at = 0, reaper.TrackFX_GetCount(trigger) - 1 do
    if not ours[reaper.TrackFX_GetFXGUID(trigger, at)] then
      return POST_EFFECTS
    end
  end
  return PRE_EFFECTS
end

return sidechain
end
modules["reaper/window_imgui"] = function()
-- The same windows with ReaImGui, an extension that many have: then they look like the user's others. Without it nothing here is called.
local rows = include("reaper/rows")

local surface = {}

local WIDTH, HEIGHT, FOOT = 640, 560, 44
local context, shown

-- Whether it is there, and new enough: what came last of all that is used here is asked for.
function surface.available()
  return reaper.ImGui_GetVersion ~= nil and reaper.ImGui_CreateContext ~= nil and reaper.ImGui_BeginDisabled ~= nil
    and reaper.ImGui_Key_Enter ~= nil
end

function surface.close()
  context, shown = nil, nil -- ReaImGui lets a context go that nobody uses
end

local DRAW = {}

function DRAW.heading(row, view)
  reaper.ImGui_Spacing(context)
  if row.rows then
    local on, all = rows.count(row.rows)
    if reaper.ImGui_Checkbox(context, string.format("%s (%d of %d)###box", row.text, on, all), rows.state(row) ~= "off") then
      rows.press(row, view)
    end
  else
    reaper.ImGui_Text(context, row.text)
  end
  reaper.ImGui_Separator(context)
end

function DRAW.text(row)
  reaper.ImGui_TextWrapped(context, row.text)
end

local function reason(row)
  if row.because and row.because ~= "" then
    reaper.ImGui_Indent(context)
    reaper.ImGui_BeginDisabled(context)
    DRAW.text({text = row.because})
    reaper.ImGui_EndDisabled(context)
    reaper.ImGui_Unindent(context)
  end
end

function DRAW.tick(row, view)
  if reaper.ImGui_Checkbox(context, row.text .. "###box", row.on) then
    rows.press(row, view)
  end
  reason(row)
end

function DRAW.pick(row, view)
  if reaper.ImGui_RadioButton(context, row.text .. "###ring", row.on) then
    rows.press(row, view)
  end
  reason(row)
end

function DRAW.value(row, view)
  DRAW.text(row)
  if row.action then
    reaper.ImGui_SameLine(context)
    if reaper.ImGui_SmallButton(context, row.action .. "###action") then
      rows.press(row, view)
    end
  end
  reason(row)
end

function DRAW.bar(row)
  DRAW.text(row)
  reaper.ImGui_ProgressBar(context, math.min(math.max(row.share or 0, 0), 1))
end

local function draw_rows(view)
  if view.intro then
    DRAW.text({text = view.intro})
  end
  if view.all_none then
    for _, link in ipairs({{text = "All", on = true}, {text = "None", on = false}}) do
      if reaper.ImGui_SmallButton(context, link.text) then
        rows.set_all(view.rows, link.on)
      end
      reaper.ImGui_SameLine(context)
    end
    reaper.ImGui_NewLine(context)
  end
  if reaper.ImGui_BeginChild(context, "rows", 0, -FOOT) then
    for at, row in ipairs(view.rows) do
      reaper.ImGui_PushID(context, tostring(at))
      DRAW[row.kind](row, view)
      reaper.ImGui_PopID(context)
    end
    reaper.ImGui_EndChild(context)
  end
end

local function key(view, number)
  return reaper.ImGui_IsKeyPressed(context, number) and rows.hears_keys(view)
end

local function draw_buttons(view)
  local pressed
  for at, button in ipairs(view.buttons) do
    if at > 1 then
      reaper.ImGui_SameLine(context)
    end
    local off = not rows.enabled(button, view)
    reaper.ImGui_BeginDisabled(context, off)
    local primary = button.primary and not off and key(view, reaper.ImGui_Key_Enter())
    if reaper.ImGui_Button(context, rows.caption(button, view) .. "###button" .. at) or primary then
      pressed = pressed or button
    end
    reaper.ImGui_EndDisabled(context)
  end
  if view.status then
    reaper.ImGui_SameLine(context)
    reaper.ImGui_Text(context, view.status(view) or "")
  end
  return pressed
end

-- One tick; false when the user has closed the window.
function surface.frame(view)
  context = context or reaper.ImGui_CreateContext("AMA")
  if shown ~= view then
    shown = view
    reaper.ImGui_SetNextWindowSize(context, view.width or WIDTH, view.height or HEIGHT)
  end
  local visible, open = reaper.ImGui_Begin(context, view.title .. "###AMA", true)
  local pressed, escaped
  if visible then
    draw_rows(view)
    if not view.closed then
      pressed = draw_buttons(view)
      escaped = key(view, reaper.ImGui_Key_Escape())
    end
    reaper.ImGui_End(context)
  end
  if pressed and not view.closed then
    pressed.run(view)
  elseif escaped and not view.closed then
    view.cancel(view)
  end
  if not open then
    context = nil
  end
  return open
end

-- ReaImGui draws once a tick and no more: work that leaves it no tick is not seen, and goes on.
function surface.step()
  return true
end

return surface
end
modules["reaper/window_gfx"] = function()
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
end
modules["reaper/rows"] = function()
-- What can be done with the rows of a window (see reaper/layout), whoever draws them.
local rows = {}

local CALM_S = 0.6 -- longer than a word that is being typed

-- Whether a row answers to a click.
function rows.active(row)
  if row.kind == "value" then
    return row.action ~= nil
  end
  return row.kind == "tick" or row.kind == "pick" or (row.kind == "heading" and row.rows ~= nil)
end

-- How many of some rows are ticked, and how many can be.
function rows.count(some)
  local on, all = 0, 0
  for _, row in ipairs(some) do
    if row.kind == "tick" then
      all = all + 1
      on = on + (row.on and 1 or 0)
    end
  end
  return on, all
end

-- "on", "off", or "some" for a heading of which some are ticked.
function rows.state(row)
  if row.kind ~= "heading" then
    return row.on and "on" or "off"
  end
  local on, all = rows.count(row.rows)
  return on == 0 and "off" or on == all and "on" or "some"
end

function rows.set_all(some, on)
  for _, row in ipairs(some) do
    if row.kind == "tick" then
      row.on = on
    end
  end
end

-- A click on a row.
function rows.press(row, view)
  if row.kind == "tick" then
    row.on = not row.on
  elseif row.kind == "heading" then
    rows.set_all(row.rows, rows.state(row) ~= "on")
  elseif row.kind == "pick" then
    for _, other in ipairs(view.rows) do
      if other.kind == "pick" and other.group == row.group then
        other.on = other == row
      end
    end
  elseif row.kind == "value" then
    row.run(view)
  end
end

-- Whether keys are for this window already. One that comes up by itself must not take what the user was typing elsewhere.
function rows.hears_keys(view)
  return not view.unasked or reaper.time_precise() - view.opened_s >= CALM_S
end

-- What stands on a button, and whether it can be pressed.
function rows.caption(button, view)
  return type(button.text) == "function" and button.text(view) or button.text
end

function rows.enabled(button, view)
  return not button.enabled or button.enabled(view)
end

return rows
end
modules["reaper/devices"] = function()
-- The plugins that AMA inserts, by the names of a request.
--
-- A device is {kind ("vst" or "js"), title, names (as TrackFX_AddByName takes them), learn, write, hear}:
--   learn(known, fx, fresh)                 looks at an effect, once a run; nil and why where it is not the plugin that AMA knows
--   write(known, fx, step, fresh)           sets all parts of a step: a list of what was set, see `devices/written`
--   hear(known, fx)                         only of compressors: lets the detector listen to the channels 3/4: true, or false and why not
-- `known` is what was learned in this run, a table that the device fills.
local jsfx = include("reaper/devices/jsfx")
local reacomp = include("reaper/devices/reacomp")
local reaeq = include("reaper/devices/reaeq")
local realimit = include("reaper/devices/realimit")

local devices = {}

local ALL = {reaeq = reaeq, reacomp = reacomp, realimit = realimit, ama_eq = jsfx.eq, ama_compressor = jsfx.compressor,
  ama_gate = jsfx.gate}

function devices.of(name)
  return ALL[name]
end

return devices
end
modules["reaper/window_draw"] = function()
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
end
modules["reaper/paint"] = function()
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
end
modules["reaper/window_place"] = function()
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
end
modules["reaper/devices/jsfx"] = function()
-- AMA's own JSFX, "AMA EQ", "AMA Compressor" and "AMA Gate": sliders in an engineer's units, found by their names.
local params = include("reaper/params")
local stop = include("reaper/stop")

local jsfx = {}

local js = params.of("js")
local FINE, FINER = 0.01, 0.001 -- the sliders' steps
local SHAPES = {bell = 1, low_shelf = 2, high_shelf = 3, high_pass = 4, low_pass = 5}
local OFF = 0 -- of a band's shape
local BY_Q = 6 -- of a band's slope: 12 dB an octave, the height of its corner by Q; the others are Butterworth's, by dB an octave
local SLOPES = {[6] = 0, [12] = 1, [18] = 2, [24] = 3, [36] = 4, [48] = 5}
local BANDS = 8
local BUTTERWORTH = math.sqrt(0.5)

local function learn(needs, title, known, fx, fresh)
  if not known.names then
    known.names, known.count = params.names(fx)
    for _, name in ipairs(needs) do
      if not known.names[name] then
        known.missing = string.format('%s here is another version: it has no slider "%s". Run "ama install reaper" again', title, name)
      end
    end
  end
  if fresh and not known.defaults then
    known.defaults = params.all(fx, "js", known.names, known.count)
  end
  if known.missing then
    return nil, known.missing
  end
  return true
end

local function write_slider(known, fx, slider, given)
  local param = known.names[slider]
  local _, lowest, highest = reaper.TrackFX_GetParam(fx.track, fx.at, param)
  if given.asked < lowest - given.step or given.asked > highest + given.step then
    stop.skip({given.suggestion}, string.format("%s goes from %g to %g, %g was asked", given.what, lowest, highest, given.asked))
  end
  js.put(fx, param, given.asked)
  return {
    suggestion = given.suggestion, what = given.what, asked = given.asked, param = param,
    read = function(shown) return {value = shown, resolution = given.step} end,
    repair = function() js.put(fx, param, given.asked) return true end,
  }
end

-- A choice that is no figure of a suggestion.
local function write_choice(known, fx, slider, value, suggestions)
  local param = known.names[slider]
  js.put(fx, param, value)
  local shown = js.shown(fx, param)
  if not js.same(shown, value) then
    stop.conflict(suggestions, string.format('the slider "%s" reads %s where %g was set', slider, tostring(shown), value))
  end
  return {param = param, shown = shown}
end

local function write_band(known, fx, number, band, part, label, written)
  local function note(slider, what, asked, step)
    written[#written + 1] = write_slider(known, fx, number .. " " .. slider,
      {suggestion = part.suggestion, what = string.format("%s %d %s", label, number, what), asked = asked, step = step})
  end
  written[#written + 1] = write_choice(known, fx, number .. " shape", SHAPES[band.shape], {part.suggestion})
  written[#written + 1] = write_choice(known, fx, number .. " slope", SLOPES[band.slope_db_per_oct] or BY_Q, {part.suggestion})
  note("frequency (hz)", "freq_hz", band.freq_hz, FINE)
  note("q", "q", band.q or BUTTERWORTH, FINER)
  note("gain (db)", "gain_db", band.gain_db, FINE)
end

local function write_eq(known, fx, step, fresh)
  local written, number = {}, 0
  for _, part in ipairs(step.parts) do
    for _, band in ipairs(part.bands) do
      number = number + 1
      if number > BANDS then
        stop.skip({part.suggestion}, string.format("AMA EQ has %d bands, more were asked", BANDS))
      end
      write_band(known, fx, number, band, part, step.insert.label, written)
    end
  end
  for rest = number + 1, BANDS do
    local shape = known.names[rest .. " shape"]
    local is_off = fresh and known.defaults[tostring(shape)] == OFF or js.shown(fx, shape) == OFF
    if not is_off then
      written[#written + 1] = write_choice(known, fx, rest .. " shape", OFF, {step.parts[1].suggestion})
    end
  end
  return written
end

local function eq_needs()
  local needs = {}
  for band = 1, BANDS do
    for _, slider in ipairs({"shape", "frequency (hz)", "gain (db)", "q", "slope"}) do
      needs[#needs + 1] = band .. " " .. slider
    end
  end
  return needs
end

local SIDECHAIN = "side-chain from inputs 3/4"
local VALUES = {
  threshold_db = {slider = "threshold (db)", step = FINE},
  ratio = {slider = "ratio", step = FINER},
  attack_ms = {slider = "attack (ms)", step = FINE},
  release_ms = {slider = "release (ms)", step = FINE},
  knee_db = {slider = "knee (db)", step = FINE},
  makeup_db = {slider = "make-up (db)", step = FINE},
}

local GATE = {threshold_db = VALUES.threshold_db, ratio = VALUES.ratio, attack_ms = VALUES.attack_ms, release_ms = VALUES.release_ms}

-- Writes figures that have a slider each.
local function writes(title, values)
  return function(known, fx, step)
    local written = {}
    for _, part in ipairs(step.parts) do
      for _, given in ipairs(part.values) do
        local value = values[given.name]
        if not value then
          stop.skip({part.suggestion}, title .. " has nothing that is " .. given.name)
        end
        written[#written + 1] = write_slider(known, fx, value.slider,
          {suggestion = part.suggestion, what = step.insert.label .. " " .. given.name, asked = given.value, step = value.step})
      end
    end
    return written
  end
end

local function hear(known, fx)
  local param = known.names[SIDECHAIN]
  js.put(fx, param, 1)
  local shown = js.shown(fx, param)
  if not js.same(shown, 1) then
    return nil, "the side-chain switch of AMA Compressor does not stay on"
  end
  return {param = param, shown = shown}
end

local function device(title, names, needs, write)
  return {
    kind = "js", title = title, names = names, write = write,
    learn = function(known, fx, fresh) return learn(needs, title, known, fx, fresh) end,
  }
end

local function sliders_of(values, ...)
  local needs = {...}
  for _, value in pairs(values) do
    needs[#needs + 1] = value.slider
  end
  return needs
end

-- Where "ama install reaper" puts them, then by what they call themselves, wherever they lie.
jsfx.eq = device("AMA EQ", {"JS:AMA/ama_eq.jsfx", "JS: AMA EQ"}, eq_needs(), write_eq)
jsfx.compressor = device("AMA Compressor", {"JS:AMA/ama_compressor.jsfx", "JS: AMA Compressor"}, sliders_of(VALUES, SIDECHAIN),
  writes("AMA Compressor", VALUES))
jsfx.compressor.hear = hear
jsfx.gate = device("AMA Gate", {"JS:AMA/ama_gate.jsfx", "JS: AMA Gate"}, sliders_of(GATE), writes("AMA Gate", GATE))

return jsfx
end
modules["reaper/devices/reacomp"] = function()
-- ReaComp. Names of parameters as REAPER 7.79 has them; curves as other projects read them back, each checked anew by what it shows.
-- Its output "Wet" is the make-up gain. How it sounds is not verified: its detector's law is closed.
local named = include("reaper/devices/named")

local function amplitude(db)
  return 10 ^ (db / 20) / 2 -- 0 dB in the middle, +6 dB at the top
end

local TRIES = {} -- where the choices of the detector may lie: close together at the bottom, or spread over the range
for at = 0, 16 do
  TRIES[#TRIES + 1] = at / 1084
end
for at = 1, 32 do
  TRIES[#TRIES + 1] = at / 32
end

return named.device({
  title = "ReaComp",
  names = {"VST: ReaComp (Cockos)", "ReaComp"},
  values = {
    threshold_db = {names = {"threshold", "thresh"}, unit = "db", guess = amplitude},
    ratio = {names = {"ratio"}, unit = "ratio", guess = function(ratio) return (ratio - 1) / 99 end},
    attack_ms = {names = {"attack"}, unit = "ms", guess = function(ms) return ms / 500 end},
    release_ms = {names = {"release"}, unit = "ms", guess = function(ms) return ms / 5000 end},
    knee_db = {names = {"knee", "knee size"}, unit = "db", guess = function(db) return db / 24 end},
    makeup_db = {names = {"wet", "output mix: wet"}, unit = "db", guess = amplitude},
    rms_ms = {names = {"rms size", "rms"}, unit = "ms", guess = function(ms) return ms / 1000 end},
  },
  needs = {"threshold_db", "ratio", "attack_ms", "release_ms", "knee_db", "makeup_db", "rms_ms"},
  base = {
    {names = {"dry"}, raw = 0},
    {names = {"pre-comp"}, raw = 0},
    {names = {"auto make up gain", "auto make-up gain", "auto makeup gain"}, raw = 0},
    {names = {"auto release"}, raw = 0},
  },
  detector = {names = {"signin", "detector input"}, tries = TRIES},
})
end
modules["reaper/devices/reaeq"] = function()
-- ReaEQ: five bands, retyped as needed. Frequencies in Hz, widths in octaves. In which unit TrackFX_SetEQParam takes a gain is told one way
-- and another, so it is tried once a run on AMA's own new plugin; and whatever does not read back as asked is searched by what ReaEQ shows.
-- Set and read back; how ReaEQ's bells and shelves sound is not verified.
local bands = include("reaper/devices/reaeq_bands")
local display = include("reaper/display")
local named = include("reaper/devices/named")
local params = include("reaper/params")
local stop = include("reaper/stop")

local vst = params.of("vst")
local UNITS = {[bands.FREQ] = "hz", [bands.GAIN] = "db", [bands.WIDTH] = "oct"}
local WORDS = {[bands.FREQ] = "freq_hz", [bands.GAIN] = "gain_db", [bands.WIDTH] = "bandwidth_oct"}
local NO_GAIN = {high_pass = true, low_pass = true}
local TRIED = 2 -- 2 dB where a gain is decibels, +6.02 dB where it is an amplitude
local BUTTERWORTH = math.sqrt(0.5)
local NOT_REAEQ = "what REAPER calls ReaEQ does not answer as an equalizer here"

-- A bell's width in octaves between its points of half the gain, from its Q.
local function octaves(q)
  local x = 1 / (2 * q)
  return 2 * math.log(x + math.sqrt(x * x + 1)) / math.log(2)
end

-- "linear", "db", or "unknown".
local function gain_unit(fx, layout)
  for _, slot in ipairs(layout.slots) do
    if slot.type == bands.SHAPES.bell.type then
      local param, index = slot.params[bands.GAIN], bands.index(layout, slot)
      local before = vst.raw(fx, param)
      reaper.TrackFX_SetEQParam(fx.track, fx.at, slot.type, index, bands.GAIN, TRIED, false)
      local text = vst.shown(fx, param)
      local shown = text and display.read(text, "db")
      vst.put(fx, param, before)
      if shown and math.abs(shown.value - 20 * math.log(TRIED, 10)) <= shown.resolution then
        return "linear"
      end
      return shown and math.abs(shown.value - TRIED) <= shown.resolution and "db" or "unknown"
    end
  end
  return nil
end

local function learn(known, fx, fresh)
  known.curves, known.strange = known.curves or {}, known.strange or {}
  if not known.names then
    known.names, known.count = params.names(fx)
  end
  if fresh and not known.layout then
    known.layout = bands.layout(fx)
    if known.layout then
      known.defaults = params.all(fx, "vst", known.names, known.count)
      for _, slot in ipairs(known.layout.numbered and known.layout.slots or {}) do
        known.defaults[bands.type_name(slot.number)] = slot.code
        known.defaults[bands.switch_name(slot.number)] = slot.switch
      end
      known.unit = gain_unit(fx, known.layout)
    end
  end
  if fresh and not known.layout then
    return nil, NOT_REAEQ
  end
  return true
end

local function all_bands(step)
  local found = {}
  for _, part in ipairs(step.parts) do
    for _, band in ipairs(part.bands) do
      found[#found + 1] = {band = band, suggestion = part.suggestion}
    end
  end
  return found
end

-- Gives each band a place: one of its type where there is one, else first those that would have to be switched off.
local function take(wanted, layout)
  local free, rest = {}, {}
  for _, slot in ipairs(layout.slots) do
    free[slot] = true
  end
  local function fill(one, fits)
    for _, slot in ipairs(layout.slots) do
      if free[slot] and not one.slot and fits(slot) then
        one.slot, free[slot] = slot, nil
      end
    end
  end
  for _, one in ipairs(wanted) do
    fill(one, function(slot) return slot.type == bands.SHAPES[one.band.shape].type end)
    rest[#rest + 1] = not one.slot and one or nil
  end
  for _, one in ipairs(rest) do
    fill(one, function(slot) return slot.on and not slot.flat end)
    fill(one, function() return true end)
    if not one.slot then
      stop.skip({one.suggestion}, string.format("ReaEQ has %d bands, more were asked", #layout.slots))
    end
  end
  return free
end

local function prepare(fx, layout, one, written)
  local slot, shape = one.slot, one.band.shape
  if slot.type ~= bands.SHAPES[shape].type then
    local code, why = bands.retype(fx, layout, slot, shape)
    if not code then
      stop.skip({one.suggestion}, why)
    end
    bands.read_switch(fx, slot)
    written[#written + 1] = {param = bands.type_name(slot.number), shown = code}
  end
end

local function switch_on(fx, layout, one, written)
  local slot = one.slot
  if not slot.on and not bands.switch(fx, layout, slot, true) then
    stop.conflict({one.suggestion}, string.format("band %d of ReaEQ stays off", slot.number + 1))
  end
  if layout.numbered then
    written[#written + 1] = {param = bands.switch_name(slot.number), shown = slot.switch}
  end
end

local function put_found(known, fx, slot, kind, asked)
  local curve = slot.type .. ":" .. kind
  local normalised, why = named.found_by_showing(known, fx, curve, UNITS[kind], slot.params[kind], asked)
  if not normalised then
    return nil, string.format("ReaEQ does not reach %g for %s: %s", asked, WORDS[kind], why)
  end
  vst.put(fx, slot.params[kind], normalised)
  return true
end

local function put(known, fx, layout, slot, kind, asked)
  local value = asked
  if known.strange[kind] then
    return put_found(known, fx, slot, kind, asked)
  elseif kind == bands.GAIN and known.unit == "linear" then
    value = 10 ^ (asked / 20)
  end
  reaper.TrackFX_SetEQParam(fx.track, fx.at, slot.type, bands.index(layout, slot), kind, value, false)
end

-- A figure of a band, and how to find it by what ReaEQ shows when it does not read back.
local function write_figure(known, fx, layout, one, kind, asked, label)
  local slot = one.slot
  put(known, fx, layout, slot, kind, asked)
  if known.strange[kind] == nil then -- once a run, before all are set so
    known.strange[kind] = not named.is_shown(fx, slot.params[kind], UNITS[kind], asked)
    put(known, fx, layout, slot, kind, asked)
  end
  return {
    suggestion = one.suggestion, what = string.format("%s %d %s", label, slot.number + 1, WORDS[kind]), asked = asked,
    param = slot.params[kind],
    read = function(shown) return display.read(shown, UNITS[kind]) end,
    repair = function() return put_found(known, fx, slot, kind, asked) end,
  }
end

local function write_band(known, fx, layout, one, label, written)
  local band = one.band
  local width = band.bandwidth_oct or octaves(band.q or BUTTERWORTH)
  written[#written + 1] = write_figure(known, fx, layout, one, bands.FREQ, band.freq_hz, label)
  written[#written + 1] = write_figure(known, fx, layout, one, bands.WIDTH, width, label)
  if NO_GAIN[band.shape] then
    written[#written + 1] = {param = one.slot.params[bands.GAIN], loose = true}
  else
    written[#written + 1] = write_figure(known, fx, layout, one, bands.GAIN, band.gain_db, label)
  end
end

-- A band that nobody asked for does nothing: it is off, or a bell of 0 dB where that cannot be read back.
local function silence(known, fx, layout, slot, suggestions, written)
  if not slot.on or slot.flat then
    return
  elseif bands.switch(fx, layout, slot, false) then
    if layout.numbered then
      written[#written + 1] = {param = bands.switch_name(slot.number), shown = slot.switch}
    end
    return
  end
  local code, why = bands.retype(fx, layout, slot, bands.BELL)
  if not code then
    stop.skip(suggestions, why)
  end
  put(known, fx, layout, slot, bands.GAIN, 0)
  local text = vst.shown(fx, slot.params[bands.GAIN])
  local shown = text and display.read(text, "db")
  if not shown or not display.matches(shown, 0) then
    stop.skip(suggestions, string.format("band %d of ReaEQ can be neither switched off nor set to 0 dB", slot.number + 1))
  end
  written[#written + 1] = {param = bands.type_name(slot.number), shown = code}
  written[#written + 1] = {param = slot.params[bands.GAIN], shown = text}
end

local function suggestions_of(wanted)
  local found = {}
  for at, one in ipairs(wanted) do
    found[at] = one.suggestion
  end
  return found
end

local function write(known, fx, step, fresh)
  local wanted, written = all_bands(step), {}
  local layout = fresh and bands.copy(known.layout) or fx.layout
  if not layout then
    stop.skip(suggestions_of(wanted), NOT_REAEQ)
  end
  known.unit = known.unit or gain_unit(fx, layout)
  if known.unit == "unknown" then
    known.strange[bands.GAIN] = true
  end
  local free = take(wanted, layout)
  for _, one in ipairs(wanted) do
    prepare(fx, layout, one, written)
  end
  for _, slot in ipairs(layout.slots) do
    if free[slot] then
      silence(known, fx, layout, slot, suggestions_of(wanted), written)
    end
  end
  for _, one in ipairs(wanted) do
    switch_on(fx, layout, one, written)
    write_band(known, fx, layout, one, step.insert.label, written)
  end
  return written
end

-- What a second plan may change of a ReaEQ that stands, in the order in which it can be put back: types, figures, switches. Its layout is
-- kept for `write`.
local function settings(fx)
  local types, figures, switches = {}, {}, {}
  local layout = bands.layout(fx)
  fx.layout = layout
  for _, slot in ipairs(layout and layout.slots or {}) do
    types[#types + 1] = layout.numbered and bands.type_name(slot.number) or nil
    switches[#switches + 1] = layout.numbered and bands.switch_name(slot.number) or nil
    for kind = bands.FREQ, bands.WIDTH do
      figures[#figures + 1] = slot.params[kind]
    end
  end
  table.move(figures, 1, #figures, #types + 1, types)
  return table.move(switches, 1, #switches, #types + 1, types)
end

local function hear()
  return nil, "ReaEQ listens to nothing"
end

return {
  kind = "vst", title = "ReaEQ", names = {"VST: ReaEQ (Cockos)", "ReaEQ"}, learn = learn, write = write, settings = settings, hear = hear,
}
end
modules["reaper/devices/realimit"] = function()
-- ReaLimit, for the master. Its threshold is what is raised to the ceiling: the limiter's gain is their difference.
local named = include("reaper/devices/named")

return named.device({
  title = "ReaLimit",
  names = {"VST: ReaLimit (Cockos)", "ReaLimit"},
  values = {
    threshold_db = {names = {"threshold", "thresh"}, unit = "db", guess = function(db) return (db + 60) / 72 end},
    ceiling_db = {names = {"ceiling", "brickwall ceiling"}, unit = "db"},
    release_ms = {names = {"release"}, unit = "ms"},
  },
  needs = {"threshold_db", "ceiling_db", "release_ms"},
  base = {},
})
end
modules["reaper/layout"] = function()
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
end
modules["reaper/stop"] = function()
-- How a step says that its suggestions cannot go on: it raises, and whoever runs the steps catches. Anything else that is raised is
-- trouble of the script, or REAPER's no.
local stop = {}

function stop.skip(suggestions, reason)
  error({suggestions = suggestions, how = "skip", reason = reason}, 0)
end

function stop.conflict(suggestions, reason)
  error({suggestions = suggestions, how = "conflict", reason = reason}, 0)
end

return stop
end
modules["reaper/devices/named"] = function()
-- A plugin of Cockos whose parameters are found by their names, and set in an engineer's units: a first guess by a known curve, then what
-- the plugin itself shows decides, and a search on it where the guess was wrong.
--
-- What `write` returns, of every device, is a list of what was set on the effect:
--   {suggestion, what, asked, param, read(shown) -> {value, resolution} or nil, repair() -> true, or nil and why, raw (where it is known)}
--   {param, shown}     what is no figure of a suggestion (a band's type, a switch): it was read back when it was set
local bisect = include("reaper/bisect")
local display = include("reaper/display")
local params = include("reaper/params")
local stop = include("reaper/stop")

local named = {}

local vst = params.of("vst")

-- The number of the first parameter that has one of these names.
local function find(known, names)
  for _, name in ipairs(names) do
    if known.names[name] then
      return known.names[name]
    end
  end
  return nil
end

local function learn(spec, known, fx, fresh)
  if not known.names then
    local names, count = params.names(fx)
    known.names, known.count, known.curves, known.found = names, count, {}, {}
    known.unsure, known.tried = {}, {}
    known.missing = nil
    for _, name in ipairs(spec.needs) do
      if not find(known, spec.values[name].names) then
        known.missing = string.format('%s has no parameter named "%s" here', spec.title, spec.values[name].names[1])
      end
    end
  end
  if fresh and not known.defaults then
    known.defaults = params.all(fx, "vst", known.names, known.count)
  end
  if known.missing then
    return nil, known.missing
  end
  return true
end

-- What a parameter would show at a normalised value; where a plugin tells only what it is set to, it is set.
local function shows(fx, param)
  return function(normalised)
    local ok, text = reaper.TrackFX_FormatParamValueNormalized(fx.track, fx.at, param, normalised, "")
    if ok and text ~= "" then
      return text
    end
    vst.put(fx, param, normalised)
    return vst.shown(fx, param) or ""
  end
end

-- The normalised value at which a parameter shows a number, or nil and why there is none. kind names its curve: parameters of the same kind
-- share what was learned of it.
function named.found_by_showing(known, fx, kind, unit, param, asked)
  local curve = known.curves[kind] or bisect.curve(unit)
  known.curves[kind] = curve
  return curve:find(asked, shows(fx, param))
end

-- Whether a parameter shows a number now.
function named.is_shown(fx, param, unit, asked)
  local text = vst.shown(fx, param)
  local shown = text and display.read(text, unit)
  return shown ~= nil and display.matches(shown, asked)
end

local function first_try(known, fx, name, value, param, asked)
  local key = name .. " " .. asked
  if not known.found[key] and value.guess and not known.unsure[name] then
    return math.max(0, math.min(1, value.guess(asked)))
  elseif not known.found[key] then
    local found, why = named.found_by_showing(known, fx, name, value.unit, param, asked)
    if not found then
      return nil, why
    end
    known.found[key] = found
  end
  return known.found[key]
end

local function write_value(spec, known, fx, part, given, label)
  local value = spec.values[given.name]
  local param = value and find(known, value.names)
  local what = label .. " " .. given.name
  if not param then
    stop.skip({part.suggestion}, string.format("%s has nothing that is %s", spec.title, given.name))
  end
  local one = {
    suggestion = part.suggestion, what = what, asked = given.value, param = param,
    read = function(shown) return display.read(shown, value.unit) end,
  }
  local function put()
    local normalised, why = first_try(known, fx, given.name, value, param, given.value)
    if not normalised then
      return nil, string.format("%s does not reach %g for %s: %s", spec.title, given.value, value.names[1], why)
    end
    vst.put(fx, param, normalised)
    one.raw = normalised
    return true
  end
  local function put_first()
    local ok, why = put()
    if ok and not known.tried[given.name] then -- once a run: whether the curve is right, before all are set by it
      known.tried[given.name] = true
      if not named.is_shown(fx, param, value.unit, given.value) then
        known.unsure[given.name] = true
        return put()
      end
    end
    return ok, why
  end
  function one.repair()
    known.unsure[given.name] = true
    return put()
  end
  local ok, why = put_first()
  if not ok then
    stop.skip({part.suggestion}, why)
  end
  return one
end

-- A switch, or what must not be as a user's own default preset has it.
local function write_base(spec, known, fx, written)
  for _, one in ipairs(spec.base) do
    local param = find(known, one.names)
    if param and not vst.same(known.defaults[tostring(param)], one.raw) then
      vst.put(fx, param, one.raw)
      written[#written + 1] = {param = param, shown = vst.shown(fx, param), raw = one.raw}
    end
  end
end

local function write(spec, known, fx, step, fresh)
  local written = {}
  if fresh then
    write_base(spec, known, fx, written)
  end
  for _, part in ipairs(step.parts) do
    for _, given in ipairs(part.values) do
      written[#written + 1] = write_value(spec, known, fx, part, given, step.insert.label)
    end
  end
  return written
end

-- The setting of a detector that shows as an input of its own, both channels of it before one of them.
local function auxiliary(spec, known, fx, param)
  local show, one_channel = shows(fx, param), nil
  for _, normalised in ipairs(spec.detector.tries) do
    local text = string.lower(show(normalised))
    if string.find(text, "aux", 1, true) then
      if string.find(text, "l%s*%+%s*r") or string.find(text, "3%s*[+/]%s*4") then
        return normalised
      end
      one_channel = one_channel or normalised
    end
  end
  return one_channel or known.nothing
end

local function hear(spec, known, fx)
  local param = spec.detector and find(known, spec.detector.names)
  if not param then
    return nil, spec.title .. " has no choice of what its detector hears here"
  end
  known.detector = known.detector or auxiliary(spec, known, fx, param)
  if not known.detector then
    return nil, spec.title .. " does not tell which setting of its detector is the auxiliary input"
  end
  vst.put(fx, param, known.detector)
  local shown = vst.shown(fx, param)
  if not shown or not string.find(string.lower(shown), "aux", 1, true) then
    return nil, string.format("the detector of %s shows %s where the auxiliary input was set", spec.title, tostring(shown))
  end
  return {param = param, shown = shown}
end

-- spec: title, names (for TrackFX_AddByName), values (name -> {names, unit, guess}), needs (which of them must be there), base, detector.
function named.device(spec)
  return {
    kind = "vst", title = spec.title, names = spec.names,
    learn = function(known, fx, fresh) return learn(spec, known, fx, fresh) end,
    write = function(known, fx, step, fresh) return write(spec, known, fx, step, fresh) end,
    hear = function(known, fx) return hear(spec, known, fx) end,
  }
end

return named
end
modules["reaper/devices/reaeq_bands"] = function()
-- The bands of a ReaEQ: which there are, of which type, which are on. ReaEQ numbers a band twice: TrackFX_SetEQParam means "the nth band of
-- this type" and counts types one way, the settings BANDTYPE<n> and BANDENABLED<n> mean the nth band and count types another way. The
-- two are compared before anything is retyped.
--
-- AMA stays within the bands that are there: whether more could be added by a script is not known.
local display = include("reaper/display")
local params = include("reaper/params")

local bands = {}

local vst = params.of("vst")
local NOTHING_SET = 1e-9

bands.FREQ, bands.GAIN, bands.WIDTH = 0, 1, 2 -- paramtype of TrackFX_SetEQParam
bands.BELL = "bell"
bands.SHAPES = { -- type as TrackFX_SetEQParam counts, code as BANDTYPE<n> does
  bell = {type = 2, code = "8"}, low_shelf = {type = 1, code = "0"}, high_shelf = {type = 4, code = "1"},
  high_pass = {type = 0, code = "4"}, low_pass = {type = 5, code = "3"},
}
local CODES = { -- type -> the codes that mean it
  [0] = {["4"] = true}, [1] = {["0"] = true}, [2] = {["8"] = true, ["9"] = true, ["2"] = true}, [3] = {["6"] = true},
  [4] = {["1"] = true}, [5] = {["3"] = true}, [6] = {["7"] = true}, [7] = {["10"] = true},
}
local WITH_GAIN = {[1] = true, [2] = true, [4] = true}

-- Codes come as text, "8" or "8.0" or "8.00000".
local function same_code(text, codes)
  local number = tonumber(text)
  return number ~= nil and codes[string.format("%d", math.floor(number + 0.5))] == true
end

function bands.type_name(number)
  return "BANDTYPE" .. number
end

function bands.switch_name(number)
  return "BANDENABLED" .. number
end

local function slots_of(fx)
  local slots, by_band = {}, {}
  for param = 0, reaper.TrackFX_GetNumParams(fx.track, fx.at) - 1 do
    local ok, band_type, index, param_type = reaper.TrackFX_GetEQParam(fx.track, fx.at, param)
    if ok and band_type >= 0 then
      local name = band_type .. ":" .. index
      if not by_band[name] then
        by_band[name] = {number = #slots, type = band_type, params = {}}
        slots[#slots + 1] = by_band[name]
      end
      by_band[name].params[param_type] = param
    end
  end
  return slots
end

-- Whether there are bands, each with a frequency, a gain and a width.
local function complete(slots)
  for _, slot in ipairs(slots) do
    if not (slot.params[bands.FREQ] and slot.params[bands.GAIN] and slot.params[bands.WIDTH]) then
      return false
    end
  end
  return #slots > 0
end

local function is_flat(fx, slot)
  local text = WITH_GAIN[slot.type] and vst.shown(fx, slot.params[bands.GAIN])
  local shown = text and display.read(text, "db")
  return shown ~= nil and shown ~= false and math.abs(shown.value) <= NOTHING_SET
end

-- Whether a band's switch, a text, says that it is on; without a switch it is.
local function is_on(switch)
  return switch == nil or tonumber(switch) ~= 0
end

-- {slots = {{number, type, params = {[paramtype] = number}, code, switch, on, flat}}, numbered}: `numbered` where both ways of counting
-- agree.
-- nil where the effect is no ReaEQ.
function bands.layout(fx)
  local layout = {slots = slots_of(fx), numbered = true}
  if not complete(layout.slots) then
    return nil
  end
  for _, slot in ipairs(layout.slots) do
    local code, switch = vst.shown(fx, bands.type_name(slot.number)), vst.shown(fx, bands.switch_name(slot.number))
    layout.numbered = layout.numbered and code ~= nil and switch ~= nil and same_code(code, CODES[slot.type])
    slot.code, slot.switch, slot.on, slot.flat = code, switch, is_on(switch), is_flat(fx, slot)
  end
  return layout
end

-- The same again, to be changed.
function bands.copy(layout)
  local made = {slots = {}, numbered = layout.numbered}
  for at, slot in ipairs(layout.slots) do
    made.slots[at] = {}
    for name, value in pairs(slot) do
      made.slots[at][name] = value
    end
  end
  return made
end

-- Which of the bands of its type a band is, as TrackFX_SetEQParam counts.
function bands.index(layout, slot)
  local index = 0
  for _, other in ipairs(layout.slots) do
    if other == slot then
      return index
    end
    index = index + (other.type == slot.type and 1 or 0)
  end
end

-- Makes a band another type: what was read of it, or nil and why not.
function bands.retype(fx, layout, slot, shape)
  if not layout.numbered then
    return nil, "this REAPER does not tell the types of ReaEQ's bands, so none becomes a " .. shape
  end
  local name, wanted = bands.type_name(slot.number), bands.SHAPES[shape]
  vst.put(fx, name, wanted.code)
  local code = vst.shown(fx, name)
  if not code or not same_code(code, CODES[wanted.type]) then
    return nil, string.format("band %d of ReaEQ did not become a %s", slot.number + 1, shape)
  end
  slot.type, slot.flat = wanted.type, false
  return code
end

-- Reads whether a band is on, of one that has a switch.
function bands.read_switch(fx, slot)
  slot.switch = vst.shown(fx, bands.switch_name(slot.number))
  slot.on = is_on(slot.switch)
end

-- Switches a band on or off: true where it is read back so. REAPER has two switches for it; the first answers false though it works.
function bands.switch(fx, layout, slot, on)
  if layout.numbered then
    vst.put(fx, bands.switch_name(slot.number), on and "1" or "0")
    bands.read_switch(fx, slot)
    if slot.switch and slot.on == on then
      return true
    end
  end
  local index = bands.index(layout, slot)
  reaper.TrackFX_SetEQBandEnabled(fx.track, fx.at, slot.type, index, on)
  slot.on = reaper.TrackFX_GetEQBandEnabled(fx.track, fx.at, slot.type, index)
  slot.switch = layout.numbered and vst.shown(fx, bands.switch_name(slot.number)) or nil
  return slot.on == on
end

return bands
end
modules["reaper/display"] = function()
-- What a plugin shows for a parameter, as a number in the unit that is wanted, and how fine it shows it.
--
-- read(text, unit)          {value, resolution}; nil where there is no number. unit: "db", "hz", "ms", "oct", "ratio"
-- matches(shown, asked)     whether a value that is shown is the one that was asked, as far as the display tells
local display = {}

local SPACES = {"\u{202F}", "\u{00A0}", "\u{2009}"}
local SCALES = { -- by the letters behind the number; whatever else stands there means 1
  hz = {k = 1000, khz = 1000},
  ms = {s = 1000, sec = 1000, us = 0.001},
  db = {}, oct = {}, ratio = {},
}
local SLACK = 1 + 1e-6 -- of the arithmetic: 12.3 - 12.2 is a little more than 0.1

local function plain(text)
  for _, space in ipairs(SPACES) do
    text = string.gsub(text, space, " ")
  end
  text = string.gsub(text, "\u{2212}", "-") -- the minus sign of typesetting
  return string.lower(text)
end

-- "12,5" is 12.5 where a locale says so; "1,200" with three digits and no point is a thousand two hundred.
local function pointed(digits)
  if string.find(digits, ",", 1, true) then
    if string.find(digits, "^%d+,%d%d%d$") or string.find(digits, ".", 1, true) then
      return (string.gsub(digits, ",", ""))
    end
    return (string.gsub(digits, ",", "."))
  end
  return digits
end

function display.read(text, unit)
  local line = plain(text)
  local sign, digits, letters = string.match(line, "([+-]?)%s*(%d[%d.,]*)%s*(%a*)")
  local infinite = string.match(line, "([+-]?)%s*inf")
  if infinite then
    return {value = infinite == "-" and -math.huge or math.huge, resolution = 0}
  elseif not digits then
    return nil
  end
  digits = string.gsub(pointed(digits), "%.$", "")
  local value = tonumber(digits)
  if not value then
    return nil
  end
  local scale = SCALES[unit][letters] or 1
  local decimals = #(string.match(digits, "%.(%d+)$") or "")
  return {value = (sign == "-" and -value or value) * scale, resolution = 10 ^ -decimals * scale}
end

function display.matches(shown, asked)
  return math.abs(shown.value - asked) <= shown.resolution * SLACK
end

-- Whether no value can be shown nearer: half a step of the display.
function display.is_nearest(shown, asked)
  return math.abs(shown.value - asked) <= shown.resolution * SLACK / 2
end

-- A number that JSON can hold.
function display.finite(value)
  return math.max(-150, math.min(value, 1e9)) -- REAPER shows faders below -150 dB as -inf
end

return display
end
modules["reaper/bisect"] = function()
-- Which normalised value (0..1) of a parameter shows a wanted number. REAPER tells for any normalised value what a plugin of Cockos would
-- show, without setting it; what was asked once is kept, so that a second search begins in a narrow bracket.
--
-- bisect.curve(unit)               an empty curve
-- curve:find(target, format)       normalised value, or nil and why not; format(normalised) is the text shown
local display = include("reaper/display")

local bisect = {}

local MOST_STEPS = 40
local NARROWEST = 1e-9 -- of a bracket; parameters are 32-bit floats

local Curve = {}
Curve.__index = Curve

function bisect.curve(unit)
  return setmetatable({unit = unit, samples = {}}, Curve)
end

-- The sample at a normalised value: {at, value, resolution}, kept in order of `at`; nil where no number is shown.
local function sample(self, at, format)
  local place = 1
  while self.samples[place] and self.samples[place].at < at do
    place = place + 1
  end
  local known = self.samples[place]
  if known and known.at == at then
    return known
  end
  local shown = display.read(format(at), self.unit)
  if not shown then
    return nil
  end
  shown.at = at
  table.insert(self.samples, place, shown)
  return shown
end

-- The two neighbouring samples with the target between them.
local function bracket(self, target, rising)
  for place = 1, #self.samples - 1 do
    local low, high = self.samples[place], self.samples[place + 1]
    if not rising then
      low, high = high, low
    end
    if low.value <= target and target <= high.value then
      return low, high
    end
  end
  return nil
end

-- Where the straight line between two samples has the target; the middle where it cannot be told.
local function between(low, high, target)
  local span = high.value - low.value
  if span > 0 and span < math.huge then
    local share = (target - low.value) / span
    if share > 0.02 and share < 0.98 then
      return low.at + share * (high.at - low.at)
    end
  end
  return (low.at + high.at) / 2
end

local function nearest(samples, target)
  local best
  for _, one in ipairs(samples) do
    if not best or math.abs(one.value - target) < math.abs(best.value - target) then
      best = one
    end
  end
  return best
end

local function search(self, target, rising, format)
  local width = 1
  for step = 1, MOST_STEPS do
    local low, high = bracket(self, target, rising)
    if not low then
      return
    end
    local now = math.abs(high.at - low.at)
    local slow = step % 3 == 0 and now > width / 4
    local at = slow and (low.at + high.at) / 2 or between(low, high, target)
    width = step % 3 == 0 and now or width
    local found = sample(self, at, format)
    if not found or now < NARROWEST or display.is_nearest(found, target) then
      return
    end
  end
end

function Curve:find(target, format)
  local first, last = sample(self, 0, format), sample(self, 1, format)
  if not first or not last then
    return nil, "it does not show its values as numbers"
  end
  search(self, target, first.value <= last.value, format)
  local best = nearest(self.samples, target)
  if not display.matches(best, target) then
    return nil, string.format("it goes from %g to %g", first.value, last.value)
  end
  return best.at
end

return bisect
end
local values = include("values")

include("reaper/script").begin(values, "AMA Revert")
include("reaper/revert_action").run(values)
