ardour {
  ["type"] = "EditorAction",
  name = "AMA Export",
  author = "AMA",
  license = "GPL-3.0-or-later",
  category = "Mixing",
  description = [[Bounces the tracks for AMA, which listens to them and suggests a mix. Nothing in the mixer changes.]],
}

function factory()
  local values = include("values")
  local action = include("ardour/export_action")
  return function()
    return action.run(values)
  end
end
