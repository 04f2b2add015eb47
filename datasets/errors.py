"""The roof's errors; each class carries its exit code."""

from __future__ import annotations


class DatasetError(Exception):
    """Something a dataset command cannot go on from; one line: what, where, what next."""

    exit_code = 1


class UsageError(DatasetError):
    """The caller's mistake: a recipe's wrong key, a folder that is no dataset, a bad ratio."""

    exit_code = 2


class AllEnginesBlocked(DatasetError):
    """Every engine that was asked refused: consent, captcha, rate limit or challenge."""

    exit_code = 4


class LayoutChanged(DatasetError):
    """Every engine that was asked shows results that its parser cannot read."""

    exit_code = 5


class CannotBeWritten(UsageError):
    """A dataset on a read-only disk, or in a folder that is not this person's."""


class DiskFull(DatasetError):
    """No room to write in; what was done before is kept."""


class LabelMissing(DatasetError):
    """All is done, but a label that was asked for has no picture at all."""

    exit_code = 6
