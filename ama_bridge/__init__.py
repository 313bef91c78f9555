"""AMA's shell: the command line, the OSC service, and what leads to DAWs."""
