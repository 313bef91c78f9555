ardour {
  ["type"] = "EditorAction",
  name = "AMA Apply",
  author = "AMA",
  license = "GPL-3.0-or-later",
  category = "Mixing",
  description = [[Shows what AMA suggests, sets what you tick, and reads every value back. AMA Revert takes it back.]],
}

function factory()
  local values = include("values")
  local action = include("ardour/apply_action")
  return function()
    return action.run(values)
  end
end
