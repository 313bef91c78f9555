"""Names that break what is quoted, matched or encoded naively."""

from __future__ import annotations

NASTY_NAMES = [
    "",
    "Kick",
    "Größe Ünïcode 日本語 🎸",
    'quotes " and \\ and /',
    "..hidden/../../etc/passwd",
    "two\nlines\r\n\ttabs\0null\x7f\x1b",
    "]] ]=] -- os.exit()",
    "%s %d %%L",
    "<b>&amp;</b>",
    "x" * 10_000,
    "\u2028\u2029\ufeff\ufffd",
    "\U0010ffff",
]
