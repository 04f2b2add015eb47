"""What the rules say about measured pictures: checks, copies and label conflicts. Pure."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from ..catalogue.decisions import Verdict
from ..catalogue.families import MemberRow
from .conflicts import Settled, settle, share_out

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from ...curation.duplicates.results import Families
    from ...curation.images.facts import Facts
    from ...curation.images.quality import Finding
    from ..catalogue.decisions import Standing
    from ..catalogue.images import ImageRecord
    from ..recipe.models import Recipe

DUPLICATE, CONFLICT = "duplicate", "label-conflict"


@dataclass(frozen=True, slots=True)
class Conflict:
    """A picture (`path`, the keeper's) that stands under several labels, and what became of it.

    `outcome` is the label it keeps, `drop`, or `ask` where it waits for a person.
    """

    path: str
    labels: tuple[str, ...]
    outcome: str


def findings_of(facts: Mapping[str, Facts], recipe: Recipe) -> dict[str, tuple[Finding, ...]]:
    """What the checks report of each picture, with the recipe's thresholds."""
    from ...curation.images.quality import CHECKS, findings

    # A recipe that sets a check's threshold means it: that check drops, as the default ones do.
    by_default = {check.name for check in CHECKS.values() if check.drop}
    drop = (by_default | set(recipe.checks)) - recipe.checks_off
    return {sha: findings(one, recipe.checks, drop=drop) for sha, one in facts.items()}


def check_of(why: str) -> str:
    """The check that a picture is counted under which could not be decoded, by its reason."""
    return "truncated" if why == "truncated" else "undecodable"


def limits_of(recipe: Recipe) -> dict[str, tuple[Literal["below", "above"], float]]:
    """Check → the side and the score from which on it is a finding, by the recipe's thresholds."""
    from ...curation.images.quality import CHECKS

    return {
        name: (check.direction, recipe.checks.get(name, check.threshold))
        for name, check in CHECKS.items()
    }


def copies_and_conflicts(
    families: Families,
    pictures: Mapping[str, ImageRecord],
    stands: Mapping[str, Standing],
    recipe: Recipe,
) -> tuple[dict[str, Verdict], tuple[Conflict, ...]]:
    """Rule verdicts for what families drop, and for pictures (with their copies) of two labels."""
    wanted: dict[str, Verdict] = {}
    stars: dict[str, list[str]] = {sha: [sha] for sha in sorted(families.split_group)}
    stars |= {sha: [sha] for sha in families.low_information}
    for family in families.families:
        for m in family.members:
            if m.relation not in families.dropping():
                continue
            stars.setdefault(family.keeper, [family.keeper]).append(m.sha256)
            stars.pop(m.sha256, None)
            detail = {"keeper": family.keeper, "relation": m.relation, "phash": m.phash}
            detail |= {"dhash": m.dhash, "difference": m.difference}
            wanted[m.sha256] = Verdict(m.sha256, "drop", "rule", DUPLICATE, detail)
    conflicts = []
    for keeper, labels, settled in _settled(stars, pictures, stands, recipe):
        detail = {"labels": sorted(labels), "outcome": settled.outcome}
        outcome = settled.label or settled.outcome
        conflicts.append(Conflict(pictures[keeper].path, tuple(sorted(labels)), outcome))
        if settled.label:
            wanted[keeper] = Verdict(keeper, "keep", "rule", CONFLICT, detail, settled.label)
        else:
            wanted |= {sha: Verdict(sha, "drop", "rule", CONFLICT, detail) for sha in stars[keeper]}
    return wanted, tuple(conflicts)


def _settled(
    stars: Mapping[str, Sequence[str]],
    pictures: Mapping[str, ImageRecord],
    stands: Mapping[str, Standing],
    recipe: Recipe,
) -> list[tuple[str, Mapping[str, int], Settled]]:
    """What becomes of each keeper that stands under several labels, by SHA-256.

    Those that one of their labels may have are given out together.
    """
    labels = {keeper: _labels(star, pictures, stands) for keeper, star in sorted(stars.items())}
    alone = Counter(label for one in labels.values() if len(one) == 1 for label in one)
    several = {keeper: one for keeper, one in labels.items() if len(one) > 1}
    settled = {
        keeper: settle(one, recipe.conflict, recipe.confusable) for keeper, one in several.items()
    }
    given = share_out({one: several[one] for one in several if settled[one].label}, alone)
    return [
        (keeper, one, replace(settled[keeper], label=given.get(keeper)))
        for keeper, one in several.items()
    ]


def _labels(
    star: Sequence[str], pictures: Mapping[str, ImageRecord], stands: Mapping[str, Standing]
) -> dict[str, int]:
    """Label → best rank over a picture and its copies; a person's decision settles it."""
    labels: dict[str, int] = {}
    for sha in star:
        person = stands[sha].person if sha in stands else None
        if person and person.label:
            return {person.label: 1}
        for label, rank in pictures[sha].labels.items():
            labels[label] = min(rank, labels.get(label, rank))
    return labels


def changes(
    pictures: Iterable[str],
    stands: Mapping[str, Standing],
    wanted: Mapping[str, Verdict],
    afresh: Collection[str] = (),
) -> list[Verdict]:
    """What the rules say now and did not say before; a rule that lets go says `ok`.

    Of the pictures in `afresh` they say it in any case.
    """
    changes = []
    for sha in pictures:
        now = wanted.get(sha) or Verdict(sha, "keep", "rule", "ok")
        before = (stands[sha].rule if sha in stands else None) or Verdict(sha, "keep", "rule", "ok")
        if sha in afresh or _plain(now) != _plain(before):
            changes.append(now)
    return changes


def _plain(verdict: Verdict) -> tuple[str, str, str | None, str]:
    detail = json.dumps(verdict.detail, sort_keys=True) if verdict.detail else ""
    return verdict.decision, verdict.reason, verdict.label, detail


def members(families: Families) -> list[MemberRow]:
    """The families as rows of the catalogue; every picture compared has one."""
    copies = {m.sha256: (family.keeper, m) for family in families.families for m in family.members}
    rows = []
    for sha in sorted({*families.split_group, *families.low_information}):
        split_group = families.split_group.get(sha)
        if sha in copies:
            keeper, m = copies[sha]
            distances = (m.phash, m.dhash, m.difference)
            rows.append(MemberRow(sha, split_group, keeper, m.relation, *distances))
        else:
            rows.append(MemberRow(sha, split_group))
    return rows


def represented(
    before: Mapping[str, MemberRow],
    now: Sequence[MemberRow],
    lost: Collection[str],
    relations: Collection[str],
) -> list[MemberRow]:
    """Lost pictures as copies of those that stand in for them.

    `before` are the rows of the last dedupe, `now` those of this one, without the lost ones;
    `relations` those of copies.
    """
    there = {row.sha256: row for row in now}
    copies = [row for row in before.values() if row.keeper and row.relation in relations]
    found: dict[str, MemberRow] = {}
    for row in sorted(copies, key=lambda row: (row.difference or 0, row.sha256)):
        pair = (row.keeper or "", row.sha256)
        for one, other in (pair, pair[::-1]):
            if one in lost and other in there:
                kept = there[other]
                keeper = kept.keeper if kept.relation in relations and kept.keeper else other
                group = there[keeper].split_group
                found.setdefault(one, replace(row, sha256=one, keeper=keeper, split_group=group))
    for row in copies:  # of one that was lost before, and now is represented otherwise
        if row.sha256 in lost and row.keeper in found:
            by = found[row.keeper]
            found.setdefault(row.sha256, replace(by, sha256=row.sha256))
    return list(found.values())
