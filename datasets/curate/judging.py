"""From pictures to verdicts: measure what is new, judge everything, write what changed.

Measuring is the slow part and is done once a picture; judging is a function of what was measured,
the recipe and what people said, and is done anew each time. So a changed threshold costs no
second look, and running again changes nothing.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..catalogue import decisions as judgement
from ..catalogue import web
from ..catalogue.decisions import Verdict
from ..progress import Progress, silent
from ..recipe.models import Recipe
from .conflicts import best_label
from .measuring import measure
from .rules import Conflict, changes, copies_and_conflicts, findings_of, members

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ...curation.duplicates.families import Families
    from ...curation.images.facts import Facts
    from ...curation.images.quality import Finding
    from ..catalogue import Catalogue
    from ..catalogue.decisions import Standing
    from ..catalogue.web import Picture
    from ..project import Project


@dataclass(frozen=True, slots=True)
class Kept:
    """A picture that survives, with the label it goes by.

    `path` is relative to the dataset; `rank` its best rank under its label; `family` the loose
    family it must share a side with (a SHA-256); `verified` whether a person looked at it,
    `relabelled` whether the label is a person's.
    """

    sha256: str
    path: str
    label: str
    rank: int
    family: str
    verified: bool = False
    relabelled: bool = False


@dataclass(frozen=True, slots=True)
class CurateReport:
    """What one run found; paths are relative to the dataset (posix).

    `families` are those of the curation wing, over SHA-256; `paths` gives each its path.
    `dropped` counts what is out by reason, `kept` what survives by label, `changed` the verdicts
    this run added; `returned` are pictures that a rule had taken out and now lets back in.
    """

    images: int
    measured: int
    missing: tuple[str, ...]
    unreadable: Mapping[str, str]
    findings: tuple[tuple[str, Finding], ...]
    families: Families
    conflicts: tuple[Conflict, ...]
    kept: Mapping[str, int]
    dropped: Mapping[str, int]
    changed: int
    returned: tuple[str, ...]
    paths: Mapping[str, str] = field(repr=False)

    @property
    def compared(self) -> frozenset[str]:
        """The pictures that families were looked for among (SHA-256)."""
        return frozenset(self.families.split_group) | frozenset(self.families.low_information)


def recipe_of(project: Project) -> Recipe:
    """The dataset's recipe, or a plain one where it has none."""
    if not project.recipe.is_file():
        return Recipe(name=project.root.resolve().name)
    from ..recipe.reading import read

    return read(project.recipe)


def curate(
    project: Project,
    recipe: Recipe | None = None,
    *,
    progress: Progress = silent,
    workers: int | None = None,
) -> CurateReport:
    """Measure the dataset's new pictures, find families, and write the verdicts that changed.

    Opens the dataset's catalogue for writing. Raises UsageError where there is none, or where
    the recipe names a check that does not exist.
    """
    recipe = recipe or recipe_of(project)
    with project.open_catalogue() as cat:
        measured, missing = measure(project, cat, progress=progress, workers=workers)
        return _judge(project, cat, recipe, measured, missing)


def kept(cat: Catalogue) -> list[Kept]:
    """The pictures that survive, by SHA-256: decodable, not dropped, with a label."""
    stands, rows = judgement.standing(cat), judgement.members(cat)
    readable = judgement.measured(cat)
    found = []
    for picture in web.pictures(cat):
        sha = picture.sha256
        stand = stands.get(sha, judgement.Standing())
        label = stand.label or best_label(picture.labels)
        if sha not in readable or stand.dropped or label is None:
            continue
        row = rows.get(sha)
        found.append(
            Kept(
                sha256=sha,
                path=picture.path,
                label=label,
                rank=picture.labels.get(label, max(picture.labels.values(), default=1)),
                family=(row.component if row else None) or sha,
                verified=stand.verified,
                relabelled=bool(stand.person and stand.person.label),
            )
        )
    return found


def _judge(
    project: Project, cat: Catalogue, recipe: Recipe, measured: int, missing: tuple[str, ...]
) -> CurateReport:
    facts = judgement.all_facts(cat)
    pictures = {picture.sha256: picture for picture in web.pictures(cat)}
    stands = judgement.standing(cat)
    findings = findings_of(facts, recipe)
    wanted = {
        sha: Verdict(sha, "drop", "rule", f.check, {"score": f.score, "threshold": f.threshold})
        for sha, found in findings.items()
        for f in reversed(found)  # the registry's first finding is the reason
        if f.drop
    }
    families = _families(project, cat, facts, pictures, stands, wanted)
    copies, conflicts = copies_and_conflicts(families, pictures, stands, recipe)
    wanted |= copies
    new = changes(facts, stands, wanted)
    with cat.transaction():
        judgement.put_members(cat, members(families))
        judgement.judge(cat, new)
    was_out = {sha for sha, stand in stands.items() if stand.rule and stand.rule.decision == "drop"}
    came_back = [v.sha256 for v in new if v.decision == "keep" and v.sha256 in was_out]
    survivors = kept(cat)
    stands = judgement.standing(cat)
    out = (stands[sha].verdict for sha in facts if sha in stands and stands[sha].dropped)
    unreadable = judgement.unreadable(cat)
    return CurateReport(
        images=len(pictures),
        measured=measured,
        missing=missing,
        unreadable={pictures[sha].path: why for sha, why in unreadable.items()},
        findings=tuple(
            (pictures[sha].path, finding) for sha in facts for finding in findings.get(sha, ())
        ),
        families=families,
        conflicts=conflicts,
        kept=dict(sorted(Counter(one.label for one in survivors).items())),
        dropped=dict(sorted(Counter(verdict.reason for verdict in out if verdict).items())),
        changed=len(new),
        returned=tuple(pictures[sha].path for sha in came_back),
        paths={sha: picture.path for sha, picture in pictures.items()},
    )


def _families(
    project: Project,
    cat: Catalogue,
    facts: Mapping[str, Facts],
    pictures: Mapping[str, Picture],
    stands: Mapping[str, Standing],
    wanted: Mapping[str, Verdict],
) -> Families:
    """Families among the pictures that nothing else takes out: a keeper must itself be kept."""
    from ...curation.duplicates.families import find_families

    def is_in(sha: str) -> bool:
        person = stands[sha].person if sha in stands else None
        return person.decision == "keep" if person else sha not in wanted

    same, different = judgement.opinions(cat)
    return find_families(
        [one for sha, one in facts.items() if is_in(sha)],
        read=lambda sha: project.image(pictures[sha].path).read_bytes(),
        same=same,
        different=different,
    )
