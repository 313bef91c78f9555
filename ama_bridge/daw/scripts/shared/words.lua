-- Text as people read it: lines that are not too long, counts, lists that end. Knows no DAW.
local words = {}

-- Text in lines of at most `columns` characters; also how many lines there are.
function words.wrapped(text, columns)
  local lines, line = {}, ""
  for word in string.gmatch(text, "%S+") do
    local length = (utf8.len(line) or #line) + (utf8.len(word) or #word) + 1
    if line ~= "" and length > columns then
      lines[#lines + 1], line = line, word
    else
      line = line == "" and word or line .. " " .. word
    end
  end
  if line ~= "" then
    lines[#lines + 1] = line
  end
  return table.concat(lines, "\n"), math.max(#lines, 1)
end

-- A text on one line of at most `columns` characters.
function words.short(text, columns)
  local line = string.gsub(text, "%s+", " ")
  local stop = utf8.offset(line, columns + 1)
  return stop and stop <= #line and string.sub(line, 1, utf8.offset(line, columns) - 1) .. "…" or line
end

-- "1 track", "3 tracks".
function words.count(number, word)
  return string.format("%d %s%s", number, word, number == 1 and "" or "s")
end

-- The first few lines of a list, and how many more there are.
function words.listed(lines, most)
  local shown = table.move(lines, 1, math.min(#lines, most), 1, {})
  if #lines > most then
    shown[#shown + 1] = string.format("... and %d more", #lines - most)
  end
  return table.concat(shown, "\n")
end

return words
