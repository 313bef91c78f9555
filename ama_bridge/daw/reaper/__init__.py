"""REAPER: a plan in its terms, its scripts and projects, its own OSC."""
