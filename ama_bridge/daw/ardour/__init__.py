"""Ardour: what AMA suggests in Ardour's own plugins and values (`translate`), and the ways there and back."""
