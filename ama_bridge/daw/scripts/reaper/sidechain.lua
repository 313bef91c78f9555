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
