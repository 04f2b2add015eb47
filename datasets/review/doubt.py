"""What a person should look at first: pairs, conflicts, findings, most doubtful first. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..curate.rules import CONFLICT

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from ...curation.images.quality import Finding
    from ..catalogue.decisions import Standing
    from ..catalogue.families import MemberRow

Pair = tuple[str, str]


def doubtful_pairs(
    members: Iterable[MemberRow], said: Collection[frozenset[str]], present: Collection[str]
) -> list[MemberRow]:
    """Pictures that may be copies of their keeper and of which nobody spoke.

    The likeliest copies come first, as in the report of dedupe: those that would cost most if
    they stayed; by the difference of their pixels, then of their hashes.
    """
    open_rows = [
        row
        for row in members
        if row.relation == "maybe"
        and row.keeper in present
        and row.sha256 in present
        and frozenset((row.sha256, row.keeper)) not in said
    ]

    def unlikeness(row: MemberRow) -> tuple[float, int, str]:
        return row.difference or 0.0, (row.phash or 0) + (row.dhash or 0), row.sha256

    return sorted(open_rows, key=unlikeness)


def conflicts(stands: Mapping[str, Standing]) -> list[str]:
    """Pictures seen under several labels of which no person spoke; those held back come first."""
    found = [
        (stand.rule.decision == "keep", sha)
        for sha, stand in stands.items()
        if stand.rule and stand.rule.reason == CONFLICT and stand.person is None
    ]
    return [sha for _, sha in sorted(found)]


def questionable(
    findings: Mapping[str, Sequence[Finding]], stands: Mapping[str, Standing]
) -> list[str]:
    """Pictures with a finding of which no person spoke, nearest to a threshold first."""

    def nearness(sha: str) -> float:
        return min(abs(f.score - f.threshold) / (abs(f.threshold) or 1.0) for f in findings[sha])

    found = [sha for sha in findings if findings[sha] and not _by_person(stands, sha)]
    return sorted(found, key=lambda sha: (nearness(sha), sha))


def _by_person(stands: Mapping[str, Standing], sha: str) -> bool:
    return sha in stands and stands[sha].person is not None
