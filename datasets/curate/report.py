"""What one curation found, and the same as JSON that can be noted and read back."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields
from typing import TYPE_CHECKING, Any

from ...curation.duplicates.results import Families, Family, Member
from ...curation.printable import counted
from .rules import Conflict

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ...curation.images.quality import Finding


@dataclass(frozen=True, slots=True, repr=False)
class CurateReport:
    """What one run found; paths are relative to the dataset (posix).

    `families` are those of the curation wing, over SHA-256; `paths` gives each its path.
    `dropped` counts what is out by reason (unreadable pictures, too), `kept` what survives by
    label, `changed` the verdicts this run added; `returned` are pictures that a rule had taken out
    and now lets back in, and `overruled` (SHA-256) those that a rule drops and a person's word, or
    an undo, keeps. `missing` are files that cannot be looked at now, `altered` those that were
    written to since they were measured: neither is among what survives until it is back.
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
    overruled: frozenset[str]
    paths: Mapping[str, str] = field(repr=False)
    altered: tuple[str, ...] = ()

    def __repr__(self) -> str:
        """In short, as at a prompt one wants to read it."""
        found = ", ".join(
            (
                counted(len(self.findings), "finding"),
                counted(len(self.families.families), "family", "families"),
            )
        )
        dropped = ", ".join(f"{number} {why}" for why, number in self.dropped.items()) or "none"
        kept = ", ".join(f"{number} {label}" for label, number in self.kept.items()) or "none"
        return f"{counted(self.images, 'picture')}, {found}\ndropped: {dropped}\nkept: {kept}"

    @property
    def compared(self) -> frozenset[str]:
        """The pictures that families were looked for among (SHA-256)."""
        return frozenset(self.families.split_group) | frozenset(self.families.low_information)


def to_note(report: CurateReport) -> dict[str, object]:
    """A report as JSON values, without what a run with nothing to do has none of."""
    plain = {one.name: getattr(report, one.name) for one in fields(report)}
    for name in ("measured", "missing", "altered", "changed", "returned"):
        del plain[name]
    families = report.families
    return plain | {
        "findings": [[path, asdict(one)] for path, one in report.findings],
        "families": [[one.keeper, list(map(asdict, one.members))] for one in families.families],
        "split_group": dict(families.split_group),
        "low_information": families.low_information,
        "drop_moments": families.drop_moments,
        "conflicts": list(map(asdict, report.conflicts)),
        "overruled": sorted(report.overruled),
    }


def from_note(note: Mapping[str, Any]) -> CurateReport:
    """The report of a run that has nothing to do; raises KeyError and TypeError for another's."""
    return CurateReport(
        images=note["images"],
        measured=0,
        missing=(),
        unreadable=note["unreadable"],
        findings=_findings(note["findings"]),
        families=Families(
            families=tuple(
                Family(keeper, tuple(Member(**one) for one in members))
                for keeper, members in note["families"]
            ),
            split_group=note["split_group"],
            low_information=tuple(note["low_information"]),
            review=(),
            drop_moments=note["drop_moments"],
        ),
        conflicts=tuple(
            Conflict(one["path"], tuple(one["labels"]), one["outcome"]) for one in note["conflicts"]
        ),
        kept=note["kept"],
        dropped=note["dropped"],
        changed=0,
        returned=(),
        overruled=frozenset(note["overruled"]),
        paths=note["paths"],
    )


def _findings(noted: list[tuple[str, dict[str, Any]]]) -> tuple[tuple[str, Finding], ...]:
    if not noted:
        return ()
    from ...curation.images.quality import Finding  # numpy's weight

    return tuple((path, Finding(**one)) for path, one in noted)
