"""From pictures to verdicts: measure what is new, decide on everything, write what changed.

Measuring is the slow part and is done once a picture; deciding is a function of what was measured,
the recipe and what people stated, and is done anew each time. So a changed threshold costs no
second look, and running again changes nothing.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ...curation.progress import Progress, silent
from ..catalogue import decisions, families, forgetting, images, measurements, undoing
from ..catalogue.decisions import Standing, Verdict
from ..pool_files import ALTERED, MISSING, lost_files
from ..recipe.toml import recipe_of
from .grouping import find, is_current, remembered
from .kept import kept
from .measuring import measure
from .report import CurateReport
from .rules import (
    Conflict,
    changes,
    check_of,
    copies_and_conflicts,
    findings_of,
    members,
    represented,
)
from .unchanged import known_report, note_report

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from ...curation.duplicates.results import Families
    from ...curation.images.facts import Facts
    from ...curation.images.quality import Finding
    from ..catalogue import Catalogue
    from ..catalogue.images import ImageRecord
    from ..project import Project
    from ..recipe.models import Recipe


@dataclass(frozen=True, slots=True)
class PairStatement:
    """What a person states of two pictures (SHA-256): duplicates, or not."""

    one: str
    other: str
    same: bool


def curate(
    project: Project,
    recipe: Recipe | None = None,
    *,
    statements: Sequence[PairStatement] = (),
    compare: bool = True,
    anew: bool = False,
    asked: bool = False,
    progress: Progress = silent,
    workers: int | None = None,
) -> CurateReport:
    """Measure the dataset's new pictures, find families, and write the verdicts that changed.

    `statements` about pairs are recorded first, as one step with what follows from them.
    `compare=False` compares no pictures: families stay as the last run found them; `anew`
    compares although nothing changed. `asked` says that a person wants this very decision, so that
    it is made also of what an undo took back. Opens the dataset's catalogue for writing. Raises
    UsageError where there is none, or where the recipe names a check that does not exist.
    """
    recipe = recipe or recipe_of(project)
    known = None if statements or anew else known_report(project, recipe, compare=compare)
    if known is not None:
        return known
    with project.open_catalogue() as cat:
        measured, missing = measure(project, cat, progress=progress, workers=workers)
        lost = dict.fromkeys(missing, MISSING) | lost_files(project, cat)
        with cat.transaction():
            decision = _Decision(project, cat, recipe, compare=compare, anew=anew)
            afresh = decision.taken_up() if asked and not statements else set()
            report = decision.made(statements, measured, lost, afresh)
        decision.note(report)
    return report


class _Decision:
    """One decision on everything, within the caller's transaction."""

    def __init__(
        self, project: Project, cat: Catalogue, recipe: Recipe, *, compare: bool, anew: bool
    ) -> None:
        self._project = project
        self._cat = cat
        self._recipe = recipe
        self._compare = compare
        self._anew = anew
        self._facts: dict[str, Facts] = {}
        self._images: dict[str, ImageRecord] = {one.sha256: one for one in images.images(cat)}
        self._standings: dict[str, Standing] = {}
        self._taken: list[str] = []
        self._lost: set[str] = set()

    @property
    def _what(self) -> str:
        return "dedupe" if self._compare else "check"

    def taken_up(self) -> set[str]:
        """Lift the undos of what is asked for again; returns the pictures that they were about."""
        return undoing.decide_again(self._cat, self._what)

    def made(
        self,
        statements: Sequence[PairStatement],
        measured: int,
        lost: Mapping[str, str],
        afresh: Collection[str] = (),
    ) -> CurateReport:
        """Decide, write what changed, and say what was found."""
        cat = self._cat
        step = decisions.begin_step(cat, "pair") if statements else None
        for one in statements:
            decisions.state_pair(cat, one.one, one.other, same=one.same, step=step or 0)
        self._facts = {one.sha256: one for one in measurements.each_facts(cat, thumbs=False)}
        self._standings = decisions.standings(cat)
        self._lost = self._left_undecided(lost)
        findings = findings_of(self._facts, self._recipe)
        wanted = {
            sha: Verdict(sha, "drop", "rule", f.check, {"score": f.score, "threshold": f.threshold})
            for sha, found in findings.items()
            for f in reversed(found)  # the registry's first finding is the reason
            if f.drop
        }
        wanted |= self._like_forgotten()
        groups = self._grouped(wanted)
        copies, conflicts = copies_and_conflicts(
            groups, self._images, self._standings, self._recipe
        )
        wanted |= copies
        there = [sha for sha in self._facts if sha not in self._lost]
        new = changes(there, self._standings, wanted, afresh)
        decisions.record_verdicts(cat, new, what=self._what, step=step)
        return self._report(findings, groups, conflicts, new, (measured, lost))

    def note(self, report: CurateReport) -> None:
        """Note what a curation right after this one would report.

        Nothing is noted where it might do something: look again for a file that is lost,
        decide what an undo overrules, or compare pictures whose thumbs are damaged.
        """
        cat, taken, drop = self._cat, self._taken, self._recipe.drop_moments
        lost = report.missing or report.altered
        if lost or undoing.overrules(cat) or report.compared != frozenset(taken):
            return
        settled = replace(report, families=remembered(cat, taken, drop_moments=drop))
        compared = is_current(cat, taken, drop_moments=drop)
        note_report(self._project, cat, self._recipe, settled, compared=compared)

    def _like_forgotten(self) -> dict[str, Verdict]:
        """Pictures that look like one that was forgotten, though their bytes are others."""
        gone = forgetting.tombstone_hashes(self._cat)
        return {
            sha: Verdict(sha, "drop", "rule", images.FORGOTTEN)
            for sha, one in (self._facts.items() if gone else ())
            if forgetting.is_same((one.fingerprints["phash"], one.fingerprints["dhash"]), gone)
        }

    def _left_undecided(self, lost: Mapping[str, str]) -> set[str]:
        """Pictures whose file is lost: the best copy that is there stands in for one until it is
        back. Where none is there at all, the folder is elsewhere, and nothing stands in."""
        found = {sha for sha, one in self._images.items() if one.path in lost}
        return found if len(found) < len(self._images) else set()

    def _grouped(self, wanted: Mapping[str, Verdict]) -> Families:
        """Families among the pictures that nothing else takes out: a keeper must itself be kept."""
        self._taken = taken = [sha for sha in self._facts if self._is_in(sha, wanted)]
        drop = self._recipe.drop_moments
        if not self._compare or (
            not self._anew and is_current(self._cat, taken, drop_moments=drop)
        ):
            return remembered(self._cat, taken, drop_moments=drop)
        found = find(self._project, self._cat, taken, self._images, drop_moments=drop)
        rows = members(found)
        if self._lost:
            before = families.members(self._cat)
            rows += represented(before, rows, self._lost, found.dropping())
        families.put_members(self._cat, rows)
        return found

    def _is_in(self, sha: str, wanted: Mapping[str, Verdict]) -> bool:
        if sha in self._lost:
            return False
        person = self._standings[sha].person if sha in self._standings else None
        return person.decision == "keep" if person else sha not in wanted

    def _report(
        self,
        findings: Mapping[str, Sequence[Finding]],
        groups: Families,
        conflicts: tuple[Conflict, ...],
        new: Sequence[Verdict],
        looked: tuple[int, Mapping[str, str]],
    ) -> CurateReport:
        measured, lost = looked
        before = self._standings
        now = decisions.standings(self._cat) if new else before
        was_out = {sha for sha, one in before.items() if one.rule and one.rule.decision == "drop"}
        out = (now[sha].verdict for sha in self._facts if sha in now and now[sha].dropped)
        reasons = Counter(one.reason for one in out if one)
        paths = {sha: image.path for sha, image in self._images.items()}
        unreadable = measurements.unreadable(self._cat)
        alive = [one for one in kept(self._cat, now) if one.path not in lost]
        return CurateReport(
            images=len(self._images),
            measured=measured,
            missing=tuple(path for path, how in lost.items() if how == MISSING),
            unreadable={paths[sha]: why for sha, why in unreadable.items()},
            findings=tuple(
                (paths[sha], finding) for sha in self._facts for finding in findings.get(sha, ())
            ),
            families=groups,
            conflicts=conflicts,
            kept=dict(sorted(Counter(one.label for one in alive).items())),
            dropped=dict(sorted((reasons + Counter(map(check_of, unreadable.values()))).items())),
            changed=len(new),
            returned=tuple(
                paths[v.sha256] for v in new if v.decision == "keep" and v.sha256 in was_out
            ),
            overruled=frozenset(sha for sha, one in now.items() if _is_overruled(one)),
            paths=paths,
            altered=tuple(
                paths[sha] for sha in self._facts if lost.get(paths[sha], MISSING) == ALTERED
            ),
        )


def _is_overruled(standing: Standing) -> bool:
    rule = standing.rule
    return rule is not None and rule.decision == "drop" and not standing.dropped
