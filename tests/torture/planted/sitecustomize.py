"""A fault on purpose, for a run that must find it: a rename that ends before the file is whole.

Put on PYTHONPATH by the harness alone. `os.replace` leaves the first half of the file under its
final name and says that it is done; the rest follows a second later. Whoever records the file
and is killed in that second has recorded half a picture.
"""

import os
import threading
import time
from pathlib import Path

_replace = os.replace
_SPARED = (".sqlite", ".json", ".toml")


def _late(source, target):
    source, target = Path(source), Path(target)
    if not source.is_file() or source.suffix in _SPARED:
        _replace(source, target)
        return
    data = source.read_bytes()
    target.write_bytes(data[: len(data) // 2])
    source.unlink()
    threading.Thread(target=_finish, args=(target, data)).start()


def _finish(target, data):
    time.sleep(1)
    target.write_bytes(data)


os.replace = _late
