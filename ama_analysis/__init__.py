"""AMA's core: audio to numbers, numbers to suggestions, suggestions to audio. No network, no DAW, no printing."""
