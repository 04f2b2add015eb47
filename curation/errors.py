"""Curation's errors; each class carries its exit code."""

from __future__ import annotations


class CurationError(Exception):
    """Something curation cannot go on from; `str(error)` is one line: what, where, what next."""

    exit_code = 1


class UsageError(CurationError):
    """The caller's mistake: a folder that is not there, a threshold that is no number."""

    exit_code = 2


class Unreadable(CurationError):
    """One file that is no picture we can decode; `why` is a short stable word.

    An unreadable file has no hash and no facts: absence is not a value, so it is no
    duplicate.
    """

    def __init__(self, why: str, detail: str = "") -> None:
        super().__init__(f"{why}: {detail}" if detail else why)
        self.why = why
        self.detail = detail

    def __reduce__(self) -> tuple[type[Unreadable], tuple[str, str]]:
        return Unreadable, (self.why, self.detail)

    @property
    def settled(self) -> bool:
        """Whether this is true of the bytes; else another run may find otherwise: ask again."""
        return self.why not in {"not-a-file", "stalled"}
