"""`python -m ama_bridge` is `ama`."""

from __future__ import annotations

import sys

from ama_bridge.cli import main

if __name__ == "__main__":
    sys.exit(main())
