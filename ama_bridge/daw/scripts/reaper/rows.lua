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
