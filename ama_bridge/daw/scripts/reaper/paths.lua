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
