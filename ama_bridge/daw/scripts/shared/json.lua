-- JSON (RFC 8259), strict in both directions. Knows no DAW.
--
-- decode(text)        value; raises "JSON: ... at line L, column C" on anything that is not one JSON document
-- encode(value, pad)  text; numbers are written so that they read back exactly; keys are sorted; pad (such as "  ") indents
-- array(t)            marks a table as an array, so that an empty one becomes [] and not {}
-- null                what null becomes; absent(x) is true for nil and for null
--
-- Strings are UTF-8. What is not UTF-8 (a track's name may hold any byte) is written as U+FFFD, so that every reader can read it.
local json = {}

local MAX_DEPTH = 64
local REPLACEMENT = "\u{FFFD}"
local array_mark = {}

json.null = setmetatable({}, {__tostring = function() return "null" end})

function json.absent(value)
  return value == nil or value == json.null
end

function json.array(values)
  return setmetatable(values or {}, array_mark)
end

-- Text -----------------------------------------------------------------------------------------------------------------------------

local function valid(text)
  if utf8.len(text) then
    return text
  end
  local parts, at = {}, 1
  while at <= #text do
    local _, bad = utf8.len(text, at)
    if not bad then
      parts[#parts + 1] = string.sub(text, at)
      break
    end
    parts[#parts + 1] = string.sub(text, at, bad - 1)
    parts[#parts + 1] = REPLACEMENT
    at = bad + 1
  end
  return table.concat(parts)
end

json.valid_utf8 = valid

local ESCAPES = {['"'] = '\\"', ["\\"] = "\\\\", ["\b"] = "\\b", ["\f"] = "\\f", ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t"}

local function escaped(character)
  return ESCAPES[character] or string.format("\\u%04x", string.byte(character))
end

local function quoted(text)
  -- Surrogates (which Lua's utf8 lets pass) are no characters: they are three bytes that begin with ED A0..BF.
  text = string.gsub(valid(text), "\xED[\xA0-\xBF][\x80-\xBF]", REPLACEMENT)
  return '"' .. string.gsub(text, '[%c"\\]', escaped) .. '"'
end

-- Numbers: the shortest of three lengths that reads back exactly. A locale may have put a comma where the point belongs.
local function number(value)
  if math.type(value) == "integer" then
    return string.format("%d", value)
  end
  if value ~= value or value == math.huge or value == -math.huge then
    error("JSON: " .. tostring(value) .. " is no number that JSON can hold", 0)
  end
  for _, form in ipairs({"%.15g", "%.16g", "%.17g"}) do
    local text = string.gsub(string.format(form, value), ",", ".")
    if tonumber(text) == value or form == "%.17g" then
      return string.find(text, "[.e]") and text or text .. ".0"
    end
  end
end

-- Encoding -------------------------------------------------------------------------------------------------------------------------

local encoded

local function wrapped(open, close, items, pad, depth)
  if #items == 0 then
    return open .. close
  elseif not pad then
    return open .. table.concat(items, ",") .. close
  end
  local inner = "\n" .. string.rep(pad, depth + 1)
  return open .. inner .. table.concat(items, "," .. inner) .. "\n" .. string.rep(pad, depth) .. close
end

local function is_array(value)
  return getmetatable(value) == array_mark or value[1] ~= nil
end

local function encoded_array(value, pad, depth)
  local items, count = {}, 0
  for _ in pairs(value) do
    count = count + 1
  end
  for at = 1, count do
    if value[at] == nil then
      error("JSON: an array has a hole at " .. at .. ", or names among its numbers", 0)
    end
    items[at] = encoded(value[at], pad, depth + 1)
  end
  return wrapped("[", "]", items, pad, depth)
end

local function encoded_object(value, pad, depth)
  local keys, items = {}, {}
  for key in pairs(value) do
    if type(key) ~= "string" then
      error("JSON: an object has the key " .. tostring(key) .. ", which is no string", 0)
    end
    keys[#keys + 1] = key
  end
  table.sort(keys)
  for at, key in ipairs(keys) do
    items[at] = quoted(key) .. (pad and ": " or ":") .. encoded(value[key], pad, depth + 1)
  end
  return wrapped("{", "}", items, pad, depth)
end

function encoded(value, pad, depth)
  local kind = type(value)
  if depth > MAX_DEPTH then
    error("JSON: more than " .. MAX_DEPTH .. " levels (a table that holds itself?)", 0)
  elseif value == json.null then
    return "null"
  elseif kind == "string" then
    return quoted(value)
  elseif kind == "number" then
    return number(value)
  elseif kind == "boolean" then
    return tostring(value)
  elseif kind ~= "table" then
    error("JSON: a " .. kind .. " cannot be written", 0)
  elseif is_array(value) then
    return encoded_array(value, pad, depth)
  end
  return encoded_object(value, pad, depth)
end

function json.encode(value, pad)
  return encoded(value, pad, 0)
end

-- Decoding -------------------------------------------------------------------------------------------------------------------------

local function complain(text, at, what)
  local line, start = 1, 1
  for break_at in string.gmatch(string.sub(text, 1, at - 1), "()\n") do
    line, start = line + 1, break_at + 1
  end
  error(string.format("JSON: %s at line %d, column %d", what, line, at - start + 1), 0)
end

local UNESCAPED = {['"'] = '"', ["\\"] = "\\", ["/"] = "/", b = "\b", f = "\f", n = "\n", r = "\r", t = "\t"}

local function hexadecimal(text, at)
  local digits = string.match(text, "^%x%x%x%x", at)
  if not digits then
    complain(text, at, "\\u without four hexadecimal digits")
  end
  return tonumber(digits, 16)
end

-- The character of \uXXXX (or of a pair of them) whose digits begin at `at`, and where it ends. Half a pair becomes U+FFFD.
local function unescaped_unicode(text, at)
  local code = hexadecimal(text, at)
  if code < 0xD800 or code > 0xDFFF then
    return utf8.char(code), at + 4
  end
  if code <= 0xDBFF and string.sub(text, at + 4, at + 5) == "\\u" then
    local low = hexadecimal(text, at + 6)
    if low >= 0xDC00 and low <= 0xDFFF then
      return utf8.char(0x10000 + (code - 0xD800) * 0x400 + (low - 0xDC00)), at + 10
    end
  end
  return REPLACEMENT, at + 4
end

local function string_at(text, at)
  local parts, from = {}, at + 1
  while true do
    local stop = string.find(text, '[%c"\\]', from)
    if not stop then
      complain(text, at, "a string does not end")
    end
    parts[#parts + 1] = string.sub(text, from, stop - 1)
    local character = string.sub(text, stop, stop)
    if character == '"' then
      return table.concat(parts), stop + 1
    elseif character == "\127" then
      parts[#parts + 1], from = character, stop + 1
    elseif character ~= "\\" then
      complain(text, stop, "a control character in a string")
    elseif string.sub(text, stop + 1, stop + 1) == "u" then
      parts[#parts + 1], from = unescaped_unicode(text, stop + 2)
    else
      local plain = UNESCAPED[string.sub(text, stop + 1, stop + 1)]
      if not plain then
        complain(text, stop, "an unknown escape in a string")
      end
      parts[#parts + 1], from = plain, stop + 2
    end
  end
end

local function number_at(text, at)
  local whole = string.match(text, "^-?%d+", at)
  if not whole or string.find(whole, "^-?0%d") then
    complain(text, at, "something that is no value")
  end
  local stop = at + #whole
  local fraction = string.match(text, "^%.%d+", stop) or ""
  local exponent = string.match(text, "^[eE][+-]?%d+", stop + #fraction) or ""
  stop = stop + #fraction + #exponent
  if string.find(text, "^[%w.+-]", stop) then
    complain(text, at, "something that is no number")
  end
  local value = tonumber(whole .. fraction .. exponent)
  if not value or value == math.huge or value == -math.huge then
    complain(text, at, "a number too large to hold")
  end
  return value, stop
end

local value_at

local function after_space(text, at)
  return string.find(text, "[^ \t\r\n]", at) or #text + 1
end

-- Where the next member begins, or where the text goes on behind `closing`, and whether that was the end.
local function behind_value(text, at, closing, what)
  at = after_space(text, at)
  local mark = string.sub(text, at, at)
  if mark == closing then
    return at + 1, true
  elseif mark ~= "," then
    complain(text, at, "neither a comma nor the end of " .. what)
  end
  return after_space(text, at + 1), false
end

local function array_at(text, at, depth)
  local values = json.array({})
  at = after_space(text, at + 1)
  if string.sub(text, at, at) == "]" then
    return values, at + 1
  end
  while true do
    local ended
    values[#values + 1], at = value_at(text, at, depth + 1)
    at, ended = behind_value(text, at, "]", "an array")
    if ended then
      return values, at
    end
  end
end

local function key_at(text, at, object)
  if string.sub(text, at, at) ~= '"' then
    complain(text, at, "no key in quotes")
  end
  local key, stop = string_at(text, at)
  if object[key] ~= nil then
    complain(text, at, "a key that was there before")
  end
  stop = after_space(text, stop)
  if string.sub(text, stop, stop) ~= ":" then
    complain(text, stop, "no colon behind a key")
  end
  return key, after_space(text, stop + 1)
end

local function object_at(text, at, depth)
  local object = {}
  at = after_space(text, at + 1)
  if string.sub(text, at, at) == "}" then
    return object, at + 1
  end
  while true do
    local key, value_from = key_at(text, at, object)
    local ended
    object[key], at = value_at(text, value_from, depth + 1)
    at, ended = behind_value(text, at, "}", "an object")
    if ended then
      return object, at
    end
  end
end

local WORDS = {["true"] = true, ["false"] = false, ["null"] = json.null}

function value_at(text, at, depth)
  local mark = string.sub(text, at, at)
  if depth > MAX_DEPTH then
    complain(text, at, "more than " .. MAX_DEPTH .. " levels")
  elseif mark == '"' then
    return string_at(text, at)
  elseif mark == "{" then
    return object_at(text, at, depth)
  elseif mark == "[" then
    return array_at(text, at, depth)
  end
  local word = string.match(text, "^%a+", at)
  if word and WORDS[word] ~= nil then
    return WORDS[word], at + #word
  end
  return number_at(text, at)
end

function json.decode(text)
  if not utf8.len(text) then
    error("JSON: the text is not UTF-8", 0)
  end
  local value, at = value_at(text, after_space(text, 1), 0)
  at = after_space(text, at)
  if at <= #text then
    complain(text, at, "more than one value")
  end
  return value
end

return json
