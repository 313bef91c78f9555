-- @description AMA Settings
-- @author AMA
-- @version 0.1.0
-- @about
--   Where AMA's mailbox is, how AMA is started, what is exported and whose effects are set; and whether AMA runs.
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
modules["reaper/settings_action"] = function()
-- AMA Settings: where AMA's mailbox is, how its program is called, what is exported, whose effects are set; and whether AMA is there.
local actions = include("reaper/actions")
local place = include("reaper/place")
local paths = include("reaper/paths")
local service = include("reaper/service")
local window = include("reaper/window")
local words = include("shared/words")

local action = {}

local TITLE = "AMA Settings"
local LOOK_S = 1.0 -- seconds between looks at whether AMA runs
local SOURCES = {set = "set here", installed = "as it was installed", usual = "the usual one"}
local STEMS = {
  {key = "post_effects", text = "After the effects, before the fader"}, {key = "raw", text = "As recorded, without effects"},
  {key = "post_fader", text = "After fader and pan"},
}
local DEVICES = {
  {key = "cockos", text = "ReaEQ and ReaComp", because = "REAPER's own. Set and read back; how they sound is theirs. A gate is AMA Gate."},
  {
    key = "ama", text = "AMA EQ, AMA Compressor, AMA Gate",
    because = "JSFX with the filters, the compressor and the gate that AMA's audition has.",
  },
}

-- Asks for one line; nil where the user cancelled. A comma in it is no separator.
local function asked(caption, value)
  local ok, answer = reaper.GetUserInputs(TITLE, 1, caption .. ",extrawidth=320,separator=\n", value)
  return ok and string.gsub(answer, "^%s*(.-)%s*$", "%1") or nil
end

local function changes(name, caption, value, rebuild)
  return function(view)
    local answer = asked(caption, value)
    if answer then
      paths.set(name, answer)
      rebuild(view)
    end
  end
end

local function alive_row(values)
  local given, why = place.open(values)
  if not given then
    return {kind = "value", text = "AMA cannot be reached", because = why .. ".", tone = "warn"}
  end
  local pid = service.alive(given.box)
  if pid then
    return {kind = "value", text = "AMA runs", because = string.format("Its service is process %d.", pid)}
  end
  return {
    kind = "value", text = "AMA does not run", because = "Started by AMA Export when it is needed, or by hand: " .. service.command(values),
    action = "Start", run = function() service.start(values) end,
  }
end

local function actions_row(values)
  local given = place.open(values)
  local count = 0
  for _ in pairs(given and actions.known(given.box) or {}) do
    count = count + 1
  end
  return {
    kind = "value", text = words.count(count, "action") .. " of AMA's known here",
    because = "AMA can start AMA Apply over OSC or the web interface once it was run by hand.",
  }
end

local function picks(found, name, choices)
  local now = paths.setting(name)
  for _, one in ipairs(choices) do
    found[#found + 1] = {
      kind = "pick", group = name, key = one.key, text = one.text, because = one.because, on = one.key == now,
    }
  end
end

local function rows_of(values, rebuild)
  local mailbox, from = paths.mailbox(values)
  local command, called = paths.command(values)
  local found = {
    {kind = "heading", text = "AMA"},
    alive_row(values),
    {
      kind = "value", text = "Mailbox: " .. mailbox, because = "The folder that AMA and these scripts share (" .. SOURCES[from] .. ").",
      action = "Change", run = changes("mailbox", "Folder (empty: the usual)", mailbox, rebuild),
    },
    {
      kind = "value", text = "Command: " .. command, because = "How AMA's program is started (" .. SOURCES[called] .. ").",
      action = "Change", run = changes("command", "Command (empty: the usual)", command, rebuild),
    },
    actions_row(values),
    {kind = "heading", text = "AMA Export takes the sound"},
  }
  picks(found, "stems", STEMS)
  found[#found + 1] = {kind = "heading", text = "AMA Apply sets"}
  picks(found, "devices", DEVICES)
  return found
end

local function save(view)
  for _, row in ipairs(view.rows) do
    if row.kind == "pick" and row.on and paths.setting(row.group) ~= row.key then
      paths.set(row.group, row.key)
    end
  end
end

function action.run(values)
  local next_look = 0
  local function rebuild(view)
    save(view)
    view.rows = rows_of(values, rebuild)
    window.changed(view)
  end
  local function finish(view)
    save(view)
    window.close(view)
  end
  return window.open({
    title = TITLE, rows = rows_of(values, rebuild), width = 620, height = 640, cancel = finish,
    buttons = {{text = "Close", primary = true, run = finish}},
    each_tick = function(view)
      local now = reaper.time_precise()
      if now >= next_look then
        next_look = now + LOOK_S
        save(view)
        view.rows[2] = alive_row(values)
        window.changed(view)
      end
    end,
  })
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
modules["reaper/service"] = function()
-- AMA's service as seen from REAPER: whether it runs, what it says of its work, and starting it.
local json = include("shared/json")
local paths = include("reaper/paths")

local service = {}

local OLD_S = 10 -- seconds after which service.json is of a service that has ended
local NO_WAIT, NO_WAIT_MINIMISED = -1, -2 -- of ExecProcess

-- Its process id, or nil where none has been heard of lately.
function service.alive(box)
  local document = box:document("service.json", "ama.service/1")
  if not document or type(document.time_s) ~= "number" or os.time() - document.time_s > OLD_S then
    return nil
  end
  return document.pid or 0
end

-- What it says of an export or a request: share, stage, error; nil where it says nothing of that.
function service.status(box, id)
  local document = box:document("status.json", "ama.status/1")
  if not document or document.id ~= id then
    return nil
  end
  local function text(value)
    return not json.absent(value) and type(value) == "string" and value or ""
  end
  return {share = tonumber(document.share) or 0, stage = text(document.stage), error = text(document.error)}
end

-- A program's name with blanks in it; what has quotes already is a whole beginning of a command line ("/x y/python" -m ama_bridge).
local function quoted(text)
  return string.find(text, " ") and not string.find(text, '"') and '"' .. text .. '"' or text
end

-- The command line: "ama serve", with the state folder that the mailbox is in.
function service.command(values)
  local mailbox = paths.mailbox(values)
  local state = string.match(mailbox, "^(.+)[/\\]reaper$")
  local line = quoted((paths.command(values))) .. " serve"
  return state and not string.find(state, '"') and line .. ' --state "' .. state .. '"' or line
end

-- Starts it without waiting; false where REAPER could not.
function service.start(values)
  local wait = paths.system() == "windows" and NO_WAIT_MINIMISED or NO_WAIT
  local ok, answer = pcall(reaper.ExecProcess, service.command(values), wait)
  return ok and answer ~= nil
end

return service
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
local values = include("values")

include("reaper/script").begin(values, "AMA Settings")
include("reaper/settings_action").run(values)
