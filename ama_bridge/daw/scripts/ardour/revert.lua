ardour {
  ["type"] = "EditorAction",
  name = "AMA Revert",
  author = "AMA",
  license = "GPL-3.0-or-later",
  category = "Mixing",
  description = [[Takes back what AMA Apply set and inserted last, where nobody changed it since.]],
}

function factory()
  local values = include("values")
  local action = include("ardour/revert_action")
  return function()
    return action.run(values)
  end
end
