"""Who is at the other end of a connection on loopback.

A browser cannot be given a secret for its proxy: Chromium takes no user name in
`--proxy-server`, and asks a person where a proxy wants one. The system knows whose socket it is.
"""

from __future__ import annotations

import os
from pathlib import Path

TABLE = Path("/proc/net/tcp")  # Linux: every IPv4 connection with its owner
_LOCAL, _REMOTE, _OWNER = 1, 2, 7  # columns


def owner(port: int, to: int, table: Path = TABLE) -> int | None:
    """The user (uid) who connects from `port` to `to`, both on 127.0.0.1; None: not known here."""
    ends = f"0100007F:{port:04X}", f"0100007F:{to:04X}"
    try:
        with table.open(encoding="ascii") as lines:
            for line in lines:
                words = line.split()
                if (words[_LOCAL], words[_REMOTE]) == ends:
                    return int(words[_OWNER])
    except (OSError, ValueError, IndexError):
        return None
    return None


def is_stranger(port: int, to: int, table: Path = TABLE) -> bool:
    """Whether somebody else than this process's user connects; False where that is not known."""
    found = owner(port, to, table)
    return found is not None and found != os.geteuid()
