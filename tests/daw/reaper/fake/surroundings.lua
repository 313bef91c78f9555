-- What a script in REAPER finds around it: Lua's own libraries, reaper, gfx. Nothing else: a global that is not there is an error, and so
-- is making one.
local find, fault, mistake, inward, clock, environment, variables, writable, windows = ...
local error, rawset, setmetatable, tostring, type = error, rawset, setmetatable, tostring, type
local open, lines, rename, remove, date, floor = io.open, io.lines, os.rename, os.remove, os.date, math.floor
local load_file, do_file = loadfile, dofile

local function answered(ok, ...)
  if ok then
    return ...
  end
  error((...), 3)
end

local function closure(does)
  return function(...)
    return answered(does(...))
  end
end

local function library(prefix)
  return function(known, name)
    local found, does, why = find(prefix .. tostring(name))
    if why then
      error(why, 2)
    end
    if not found then
      return nil
    end
    local made = closure(does)
    rawset(known, name, made)
    return made
  end
end

local no_writing = function(_, name) error("a script writes to reaper." .. tostring(name), 2) end
local functions = setmetatable({}, {__index = library("gfx.")})

reaper = setmetatable({}, {__index = library(""), __newindex = no_writing})
gfx = setmetatable({}, {
  __index = function(_, name)
    local value = variables[name]
    if value ~= nil then
      return value
    end
    return functions[name]
  end,
  __newindex = function(_, name, value)
    if not writable[name] or type(value) ~= "number" then
      mistake("gfx." .. tostring(name) .. " is set to " .. tostring(value))
      error("gfx." .. tostring(name) .. " cannot be set", 2)
    end
    variables[name] = value
  end,
})

io.open = function(path, mode)
  local failed, why = fault("io.open", path, mode)
  if failed then
    return nil, why, 5
  end
  return open(inward(path), mode)
end
io.lines = function(path, ...) return lines(path and inward(path), ...) end
io.popen = function(command) mistake("io.popen blocks REAPER: " .. tostring(command)) error("io.popen", 2) end
os.execute = function(command) mistake("os.execute blocks REAPER: " .. tostring(command)) error("os.execute", 2) end
os.exit = function() mistake("os.exit ends REAPER") error("os.exit", 2) end
os.tmpname = nil
os.rename = function(from, to)
  local failed, why = fault("os.rename", from, to)
  if failed then
    return nil, why, 5
  end
  if windows then
    local standing = open(inward(to), "rb")
    if standing then
      standing:close()
      return nil, to .. ": File exists", 17
    end
  end
  return rename(inward(from), inward(to))
end
os.remove = function(path)
  local failed, why = fault("os.remove", path)
  if failed then
    return nil, why, 5
  end
  return remove(inward(path))
end
local calendar = os.time
os.time = function(fields)
  if fields then
    return calendar(fields)
  end
  return floor(clock())
end
os.date = function(format, time) return date(format, time or floor(clock())) end
os.getenv = function(name) return environment[name] end
loadfile = function(path, ...) return load_file(inward(path), ...) end
dofile = function(path) return do_file(inward(path)) end
if windows then
  package.config = "\\" .. package.config:sub(2)
end
print, python = nil, nil

setmetatable(_G, {
  __index = function(_, name) error("the global " .. tostring(name) .. " is not there", 2) end,
  __newindex = function(_, name)
    mistake("a global is made: " .. tostring(name))
    error("a global is made: " .. tostring(name), 2)
  end,
})
