"""A running replica: the site behind a server on one port, started by `serve`."""

from __future__ import annotations

import contextlib
import threading
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Unpack

from ..errors import UsageError
from .faults import Faults
from .pictures import DrawnPictures, FolderPictures
from .results import APIS, ENGINES, PlanWords, ResultPlan
from .routes import respond
from .server import ReplicaServer
from .site import Site

if TYPE_CHECKING:
    from pathlib import Path

    from .pictures import PictureSource


class Replica(Site):
    """A running replica; use it in a `with`, or call `close()`.

    `url` is where it listens; `truth()` and `requests()` say what it showed and was asked.
    """

    def __init__(
        self,
        pictures: PictureSource,
        plan: ResultPlan,
        faults: Faults,
        *,
        port: int = 0,
        layout: str = "alternate",
    ) -> None:
        super().__init__(pictures, plan, faults, layout=layout)
        self._server = ReplicaServer(port, partial(respond, self))
        self._port = self._server.server_port
        self.url = self.origin = f"http://127.0.0.1:{self._port}"
        # Consent is asked for on another host: on loopback there is one other name.
        self.consent_origin = f"http://localhost:{self._port}"
        self._thread = threading.Thread(target=self._serve, name="replica", daemon=True)
        self._thread.start()

    def __enter__(self) -> Replica:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop serving; connections that are open are cut."""
        self.stopping.set()
        self._server.shutdown()
        self._thread.join()

    def restart(self) -> None:
        """Cut every connection and refuse new ones for `restart_seconds`, then serve again."""
        threading.Thread(target=self._server.shutdown, daemon=True).start()

    def _serve(self) -> None:
        while True:
            self._server.serve_forever(0.05)
            self._server.server_close()
            if self.stopping.wait(self.faults.restart_seconds):
                return
            self._server = ReplicaServer(self._port, partial(respond, self))
            if self.stopping.is_set():  # closed while it was away
                self._server.server_close()
                return

    def wait(self) -> None:
        """Return when the replica is closed, or at Ctrl-C."""
        with contextlib.suppress(KeyboardInterrupt):
            self.stopping.wait()


def serve(
    folder: Path | None = None,
    *,
    port: int = 0,
    faults: Faults | None = None,
    per_term: int | None = None,
    layout: str = "alternate",
    **chosen: Unpack[PlanWords],
) -> Replica:
    """Start a replica over class folders, or one that draws; `port` 0 takes a free one.

    `per_term` is how many results each engine shows at most (else `results.CAPS`), `layout`
    Yahoo's: A, B or alternate (by term); `chosen` is as in `ResultPlan`.
    """
    if folder is not None and not folder.is_dir():
        raise UsageError(f"{folder}: no such folder; expected class folders with pictures")
    if layout not in ("A", "B", "alternate"):
        raise UsageError(f"layout {layout!r}: expected A, B or alternate")
    plan = ResultPlan(**chosen)
    if per_term:
        plan = replace(plan, caps=dict.fromkeys((*ENGINES, *APIS), per_term))
    source: PictureSource = (
        FolderPictures(folder) if folder is not None else DrawnPictures(plan.seed)
    )
    return Replica(source, plan, faults or Faults(), port=port, layout=layout)
