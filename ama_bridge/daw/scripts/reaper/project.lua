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
