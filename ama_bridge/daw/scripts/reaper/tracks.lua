-- The project's tracks as AMA Export tells them: what has a stem, and what is left out for which reason.
local controls = include("reaper/controls")
local ids = include("reaper/ids")
local json = include("shared/json")
local project = include("reaper/project")

local tracks = {}

local FOLDER = 1 -- I_FOLDERDEPTH of a folder's own track; a negative number closes folders
local RECEIVES = -1 -- a category of sends
local HEAD = 16384 -- bytes of a project's file in which its own settings stand

local function value(track, key)
  return reaper.GetMediaTrackInfo_Value(track, key)
end

local function name_of(track)
  local _, name = reaper.GetTrackName(track)
  return name
end

-- Every track in REAPER's order with what its folders mean for it.
local function all()
  local found, folders = {}, {}
  for at = 0, reaper.CountTracks(ids.PROJECT) - 1 do
    local track = reaper.GetTrack(ids.PROJECT, at)
    local parent = folders[#folders]
    local depth = math.tointeger(value(track, "I_FOLDERDEPTH")) or 0
    local one = {
      track = track, id = reaper.GetTrackGUID(track), name = name_of(track), folder = depth >= FOLDER,
      group = parent and parent.name or "", muted = value(track, "B_MUTE") ~= 0 or (parent ~= nil and parent.muted),
      soloed = value(track, "I_SOLO") ~= 0 or value(track, "B_SOLO_DEFEAT") ~= 0 or (parent ~= nil and parent.soloed),
    }
    found[#found + 1] = one
    if one.folder then
      folders[#folders + 1] = one
    end
    for _ = depth, -1 do
      folders[#folders] = nil
    end
  end
  return found
end

-- What lies on a track between two times: "audio", "midi" (nothing else), or nil; and whether anything lies on it at all.
local function content(track, start_s, stop_s)
  local found, any = nil, false
  for at = 0, reaper.CountTrackMediaItems(track) - 1 do
    local item = reaper.GetTrackMediaItem(track, at)
    local from = reaper.GetMediaItemInfo_Value(item, "D_POSITION")
    local to = from + reaper.GetMediaItemInfo_Value(item, "D_LENGTH")
    local take = reaper.GetActiveTake(item)
    if take and reaper.GetMediaItemInfo_Value(item, "B_MUTE") == 0 then
      any = true
      if from < stop_s and to > start_s then
        found = (found == "audio" or not reaper.TakeIsMIDI(take)) and "audio" or "midi"
      end
    end
  end
  return found, any
end

-- First start and last end of all items, in seconds; nil where there are none.
function tracks.extent()
  local start_s, stop_s
  for _, one in ipairs(all()) do
    for at = 0, reaper.CountTrackMediaItems(one.track) - 1 do
      local item = reaper.GetTrackMediaItem(one.track, at)
      local from = reaper.GetMediaItemInfo_Value(item, "D_POSITION")
      local to = from + reaper.GetMediaItemInfo_Value(item, "D_LENGTH")
      start_s, stop_s = math.min(start_s or from, from), math.max(stop_s or to, to)
    end
  end
  return start_s, stop_s
end

local function folder_reason(one)
  local shown = controls.shown("fader_db", tracks.fader_db(one.track))
  return string.format("it is a folder: its tracks are exported, without its own fader (%s) and effects", shown)
end

-- Why a track has no stem, or nil.
local function obstacle(one, options, any_solo)
  local raw = options.bounced == "raw"
  if one.folder then
    return folder_reason(one)
  elseif one.muted and not raw then
    return "it is muted, and REAPER renders no sound of it"
  elseif any_solo and not one.soloed then
    return "other tracks are soloed, and it is not"
  end
  local found, any = content(one.track, options.start_s, options.stop_s)
  if not found and any then
    return "nothing is on it in the time that is exported"
  elseif not found and reaper.GetTrackNumSends(one.track, RECEIVES) > 0 then
    return "it is a bus: it has only what other tracks send to it"
  elseif not found then
    return "nothing is on it"
  elseif found == "midi" and raw then
    return "it has MIDI alone, and its instrument is an effect"
  elseif found == "midi" and reaper.TrackFX_GetCount(one.track) == 0 then
    return "it has MIDI alone, and no instrument of its own"
  end
  return nil
end

local function plugins(track, standing)
  local found = json.array()
  for at = 0, reaper.TrackFX_GetCount(track) - 1 do
    if not standing[reaper.TrackFX_GetFXGUID(track, at)] then
      local _, name = reaper.TrackFX_GetFXName(track, at)
      local known, ident = reaper.TrackFX_GetNamedConfigParm(track, at, "fx_ident")
      found[#found + 1] = {
        name = name, uri = known and ident or "",
        enabled = reaper.TrackFX_GetEnabled(track, at) and not reaper.TrackFX_GetOffline(track, at) and value(track, "I_FXEN") ~= 0,
      }
    end
  end
  return found
end

-- What follows automation, and not the hand: "fader", "pan".
local function automated(track)
  local found = json.array()
  for _, name in ipairs({"fader", "pan"}) do
    if controls.automated(track, name == "pan" and "Pan" or "Volume", name) then
      found[#found + 1] = name
    end
  end
  return found
end

function tracks.fader_db(track)
  local fader = controls.of(track, "fader_db")
  return fader.value(fader.raw())
end

-- The project's own pan law, a gain, as its file says; nil where it has none yet.
local function project_law()
  local file = io.open(project.path(), "rb")
  local head = file and file:read(HEAD) or ""
  if file then
    file:close()
  end
  return tonumber(string.match(head, "\n%s*PANLAW ([%d.]+)"))
end

-- In dB; null where nobody says.
local function pan_law_db(track, usual)
  local law = value(track, "D_PANLAW")
  law = law >= 0 and law or usual
  return law and law > 0 and 20 * math.log(law, 10) or json.null
end

local function described(one, options)
  local pan, delay = controls.of(one.track, "pan"), controls.of(one.track, "delay_ms")
  local _, _, _, mode = reaper.GetTrackUIPan(one.track)
  return {
    id = one.id, name = one.name, fader_db = tracks.fader_db(one.track), pan = pan.value(pan.raw()), pan_mode = mode,
    pan_law_db = pan_law_db(one.track, options.law), pan_width = value(one.track, "D_WIDTH"), muted = one.muted, group = one.group,
    inverted = value(one.track, "B_PHASE") ~= 0, delay_ms = delay.value(delay.raw()), automated = automated(one.track),
    plugins = plugins(one.track, options.standing),
  }
end

-- {found = {{track, told (as session.json has it)}}, left_out = {{name, reason}}}. options: bounced, start_s, stop_s; standing: AMA's own
-- effects, which are not told.
function tracks.survey(options, standing)
  local any_solo, known = reaper.AnyTrackSolo(ids.PROJECT), {standing = standing, law = project_law()}
  local found, left_out = {}, json.array()
  for _, one in ipairs(all()) do
    local reason = obstacle(one, options, any_solo)
    if reason then
      left_out[#left_out + 1] = {name = one.name, reason = reason}
    else
      found[#found + 1] = {track = one.track, told = described(one, known)}
    end
  end
  return {found = found, left_out = left_out}
end

return tracks
