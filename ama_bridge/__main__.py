"""`python -m ama_bridge` is `ama`. Ctrl-C while it loads is heard too."""

from __future__ import annotations

import sys


def main() -> int:
    """Load `ama` and run it; return its exit code."""
    try:
        from ama_bridge import cli

        return cli.main()
    except KeyboardInterrupt:
        sys.stderr.write("ama: stopped.\n")
        return 130


if __name__ == "__main__":
    sys.exit(main())
