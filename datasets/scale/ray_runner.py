"""Tasks on Ray: the only module that imports it.

Which cluster is asked is Ray's own business: inside a job (`ray job submit`) the job's, else that
of RAY_ADDRESS, else one that is started here. Every node needs pixset with the extra `ray`, and
the store's credentials.
"""

from __future__ import annotations

import logging
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar

from ...curation.extras import how_to_install
from ..errors import DatasetError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    Item = TypeVar("Item")
    Result = TypeVar("Result")

_AGAIN = 5  # times that a task is given to another worker when its own is lost
_AHEAD = 2  # tasks a processor that wait at Ray's; the rest waits here


class RayRunner:
    """Runs tasks on Ray's workers, one processor each."""

    in_process = False
    processors: int | None = 1

    def __init__(self) -> None:
        try:
            import ray
        except ImportError:
            raise UsageError(f"--on ray needs Ray: {how_to_install('ray')}") from None
        self._ray = ray
        self._own = not ray.is_initialized()
        try:
            context: Any = ray.init(
                ignore_reinit_error=True, logging_level=logging.ERROR, log_to_driver=False
            )
        except (ConnectionError, RuntimeError, OSError, ValueError) as error:
            line = " ".join(str(error).split())[:300]
            raise DatasetError(f"Ray: {line}; RAY_ADDRESS names the cluster to be asked") from error
        self.slots = max(1, int(ray.cluster_resources().get("CPU", 1)))
        board = getattr(context, "dashboard_url", None)
        self.where = f"Ray with {self.slots} processors; " + (
            f"dashboard: http://{board}" if board else "no dashboard (ray[default] has one)"
        )

    def map(
        self, task: Callable[[Item, Any], Result], items: Iterable[Item], shared: Any = None
    ) -> Iterator[Result]:
        """What `task(item, shared)` returns for each item, as it comes.

        `shared` lies once in each node's object store: arrays in it are read where they lie.
        """
        remote: Any = self._ray.remote(num_cpus=1, max_retries=_AGAIN)(task)
        common = self._ray.put(shared)
        rest = iter(items)
        flight = [remote.remote(item, common) for item in islice(rest, _AHEAD * self.slots)]
        try:
            while flight:
                ready, flight = self._ray.wait(flight, num_returns=1)
                flight += [remote.remote(item, common) for item in islice(rest, 1)]
                yield self._result(ready[0])
        finally:
            for one in flight:
                self._ray.cancel(one, force=True)

    def _result(self, reference: Any) -> Any:
        from ray.exceptions import RayError, RayTaskError

        try:
            return self._ray.get(reference)
        except RayTaskError as error:
            if isinstance(error.cause, Exception):
                raise error.cause from error
            raise
        except RayError as error:
            line = " ".join(str(error).split())[:300]
            raise DatasetError(
                f"Ray lost a task {_AGAIN + 1} times: {line}; what is done is kept: run again"
            ) from error

    def close(self) -> None:
        """Leave the cluster; one that was started here ends."""
        if self._own:
            self._ray.shutdown()
