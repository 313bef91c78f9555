"""Plan to audio, streamed: the only place that imports pedalboard.

A `Mixdown` is a session with suggestions as a `Sound`; `track_sound` is one track of it, `bus_sound` the master bus by itself, `Scaled`
a sound at another level, `Chained` a sound through a chain,
`Exchanged` a sum with some of its parts put in the place of others. `chain_of` makes plugins of actions, `chain_document` a chain file and
`load_preset` plugins of such a file, `rendered_response_db` what filters do. Nothing here reads or writes audio files; sounds come in through `sound_of`.
"""

from ama_analysis.render.compare import loudness_match_gains, trim_for
from ama_analysis.render.mixdown import Mixdown, bus_sound, track_sound
from ama_analysis.render.preset import chain_document, chain_of, load_preset
from ama_analysis.render.response import rendered_response_db
from ama_analysis.render.stream import Chained, Exchanged, Scaled

__all__ = [
    "Chained",
    "Exchanged",
    "Mixdown",
    "Scaled",
    "bus_sound",
    "chain_document",
    "chain_of",
    "load_preset",
    "loudness_match_gains",
    "rendered_response_db",
    "track_sound",
    "trim_for",
]
