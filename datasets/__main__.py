"""The command `pixset`, also as `python -m pixset.datasets`."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line; Ctrl-C is one line even while it is still being loaded."""
    try:
        from .cli import main as run  # half a second, in which a person may press Ctrl-C
    except KeyboardInterrupt:
        sys.stderr.write("pixset: stopped before anything was done\n")
        raise SystemExit(130) from None
    run()


if __name__ == "__main__":
    main()
