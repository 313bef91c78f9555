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
