"""Who does the tasks: this process, or Ray's workers. The tasks are the same functions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar

from ..errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    Item = TypeVar("Item")
    Result = TypeVar("Result")

RUNNERS: Final = ("local", "ray")


class Runner(Protocol):
    """Runs a task (a function that can be imported) for each item.

    `slots` is how many run at a time, `processors` how many each may keep busy (None: as many as
    there are), `where` a line for a person. `in_process`: tasks run in this very process.
    """

    in_process: bool
    slots: int
    processors: int | None
    where: str

    def map(
        self, task: Callable[[Item, Any], Result], items: Iterable[Item], shared: Any = None
    ) -> Iterator[Result]:
        """What `task(item, shared)` returns for each item, as it comes; raises what it raises.

        `shared` is given to every task and not to be written to.
        """
        ...

    def close(self) -> None:
        """Let go of the workers."""
        ...


class LocalRunner:
    """Does one task after the other in this process; a task itself uses all processors."""

    in_process = True
    slots = 1
    processors: int | None = None
    where = "this machine"

    def map(
        self, task: Callable[[Item, Any], Result], items: Iterable[Item], shared: Any = None
    ) -> Iterator[Result]:
        """What `task(item, shared)` returns for each item, in order."""
        for item in items:
            yield task(item, shared)

    def close(self) -> None:
        """Nothing is held."""


def open_runner(name: str) -> Runner:
    """The runner of this name; raises UsageError for another, and where Ray is not there."""
    if name == "local":
        return LocalRunner()
    if name == "ray":
        from .ray_runner import RayRunner  # only who asks for Ray loads it

        return RayRunner()
    raise UsageError(f"--on {name!r}: expected one of {', '.join(RUNNERS)}")
