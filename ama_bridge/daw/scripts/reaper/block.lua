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
