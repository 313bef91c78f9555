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
