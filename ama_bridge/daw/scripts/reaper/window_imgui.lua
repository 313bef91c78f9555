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
