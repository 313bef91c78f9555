-- What a plugin shows for a parameter, as a number in the unit that is wanted, and how fine it shows it.
--
-- read(text, unit)          {value, resolution}; nil where there is no number. unit: "db", "hz", "ms", "oct", "ratio"
-- matches(shown, asked)     whether a value that is shown is the one that was asked, as far as the display tells
local display = {}

local SPACES = {"\u{202F}", "\u{00A0}", "\u{2009}"}
local SCALES = { -- by the letters behind the number; whatever else stands there means 1
  hz = {k = 1000, khz = 1000},
  ms = {s = 1000, sec = 1000, us = 0.001},
  db = {}, oct = {}, ratio = {},
}
local SLACK = 1 + 1e-6 -- of the arithmetic: 12.3 - 12.2 is a little more than 0.1

local function plain(text)
  for _, space in ipairs(SPACES) do
    text = string.gsub(text, space, " ")
  end
  text = string.gsub(text, "\u{2212}", "-") -- the minus sign of typesetting
  return string.lower(text)
end

-- "12,5" is 12.5 where a locale says so; "1,200" with three digits and no point is a thousand two hundred.
local function pointed(digits)
  if string.find(digits, ",", 1, true) then
    if string.find(digits, "^%d+,%d%d%d$") or string.find(digits, ".", 1, true) then
      return (string.gsub(digits, ",", ""))
    end
    return (string.gsub(digits, ",", "."))
  end
  return digits
end

function display.read(text, unit)
  local line = plain(text)
  local sign, digits, letters = string.match(line, "([+-]?)%s*(%d[%d.,]*)%s*(%a*)")
  local infinite = string.match(line, "([+-]?)%s*inf")
  if infinite then
    return {value = infinite == "-" and -math.huge or math.huge, resolution = 0}
  elseif not digits then
    return nil
  end
  digits = string.gsub(pointed(digits), "%.$", "")
  local value = tonumber(digits)
  if not value then
    return nil
  end
  local scale = SCALES[unit][letters] or 1
  local decimals = #(string.match(digits, "%.(%d+)$") or "")
  return {value = (sign == "-" and -value or value) * scale, resolution = 10 ^ -decimals * scale}
end

function display.matches(shown, asked)
  return math.abs(shown.value - asked) <= shown.resolution * SLACK
end

-- Whether no value can be shown nearer: half a step of the display.
function display.is_nearest(shown, asked)
  return math.abs(shown.value - asked) <= shown.resolution * SLACK / 2
end

-- A number that JSON can hold.
function display.finite(value)
  return math.max(-150, math.min(value, 1e9)) -- REAPER shows faders below -150 dB as -inf
end

return display
