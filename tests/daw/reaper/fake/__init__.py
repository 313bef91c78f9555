"""A REAPER that is none: it knows only calls of the real API, checks what it is given, and behaves as far as is known. The door is `tests.daw.fake_reaper`.

api.txt signatures    the calls as data, and what a call may be given (imgui.txt: those of ReaImGui, an extension)
project undo items    tracks, sends, envelopes, what lies on tracks; what is remembered, and what Ctrl+Z does
effects *             ReaEQ, ReaComp, ReaLimit, JSFX and other people's plugins: parameters, how they show themselves
calls_*               what each call does: a function for each, named as in the API
rendering             RENDER_* settings to WAV files, or to what a render that goes wrong leaves
window drawing imgui  windows without a screen: mouse and keys by script, everything drawn is kept
script actions clock  one script in a Lua 5.3 or 5.4 of its own, with nothing around it that REAPER does not have
faults                what tests let fail, and what they do in the middle of a call
"""
