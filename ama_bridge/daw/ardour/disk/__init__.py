"""Ardour sessions on disk: `file` reads one, from `elements` of its XML; `notes` say what was left out."""
