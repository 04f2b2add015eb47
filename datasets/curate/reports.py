"""What curating a dataset found, as JSON and as lines: the shapes of a plain folder's reports."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from ...curation.duplicates.results import RELATIONS
from ...curation.folders.report import SHOWN
from ...curation.printable import counted
from .rules import check_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...curation.duplicates.results import Member
    from .report import CurateReport


def dedupe_json(report: CurateReport) -> dict[str, object]:
    """Families with keepers, members and distances; paths are relative to the dataset."""
    paths = report.paths
    return {
        "images": report.images,
        "families": [
            {
                "keeper": paths[family.keeper],
                "members": [
                    {
                        "path": paths[member.sha256],
                        "relation": member.relation,
                        "phash": member.phash,
                        "dhash": member.dhash,
                        "difference": round(member.difference, 3),
                    }
                    for member in family.members
                ],
            }
            for family in report.families.families
        ],
        "kept_by_person": sorted(
            paths[member.sha256]
            for family in report.families.families
            for member in family.members
            if _is_let_in(report, member)
        ),
        "low_information": sorted(paths[sha] for sha in report.families.low_information),
        "unreadable": [{"path": path, "why": why} for path, why in _unreadable(report)],
        "label_conflicts": [
            {"path": one.path, "labels": list(one.labels), "outcome": one.outcome}
            for one in report.conflicts
        ],
        "returned": list(report.returned),
        "kept": dict(report.kept),
    }


def check_json(report: CurateReport) -> dict[str, object]:
    """Every finding with its score; what cannot be decoded is one too."""
    findings: list[dict[str, object]] = [
        {"path": path, "check": check_of(why), "score": 1.0, "drop": True, "why": why}
        for path, why in _unreadable(report)
    ]
    findings += [
        {"path": path, "check": one.check, "score": round(one.score, 4), "drop": one.drop}
        for path, one in report.findings
    ]
    found = {str(finding["path"]) for finding in findings}
    return {"images": report.images, "findings": findings, "ok": report.images - len(found)}


def dedupe_text(report: CurateReport) -> str:
    """The families for a person."""
    families = report.families.families
    relations = Counter(member.relation for family in families for member in family.members)
    kinds = ", ".join(
        f"{relations[kind]} {kind}" for kind in RELATIONS if kind != "moment" or relations[kind]
    )
    pictures = counted(report.images, "picture")
    lines = [f"{pictures}, {counted(len(families), 'family', 'families')}: {kinds}"]
    kept = sum(_is_let_in(report, member) for family in families for member in family.members)
    if kept:
        are_kept = counted(kept, "of the copies is kept", "of the copies are kept")
        lines.append(f"{are_kept}: a person, or an undo, let {'it' if kept == 1 else 'them'} in")
    for family in families[:SHOWN]:
        lines.append(f"  keep   {report.paths[family.keeper]}")
        lines += [
            f"  {m.relation:<6} {report.paths[m.sha256]}  (phash {m.phash}, dhash {m.dhash}, "
            f"difference {m.difference:.1f})"
            + ("  kept by a person" if _is_let_in(report, m) else "")
            for m in family.members
        ]
    if len(families) > SHOWN:
        lines.append(f"  … and {len(families) - SHOWN} more: --json lists them all")
    lines += [
        f"under two labels: {one.path} ({', '.join(one.labels)}): {one.outcome}"
        for one in report.conflicts[:SHOWN]
    ]
    if len(report.conflicts) > SHOWN:
        lines.append(f"  … and {len(report.conflicts) - SHOWN} more under two labels")
    lines += [f"let back in: {path}" for path in report.returned[:SHOWN]]
    return "\n".join([*lines, *_ending(report)])


def check_text(report: CurateReport) -> str:
    """The findings for a person, by check."""
    counts = check_json(report)
    lines = [f"{counted(report.images, 'picture')}, {counts['ok']} without findings"]
    by_check: dict[tuple[bool, str], list[str]] = {}
    for path, why in sorted(report.unreadable.items()):
        by_check.setdefault((True, check_of(why)), []).append(f"{path}  ({why})")
    for lost, paths in (("missing", report.missing), ("altered", report.altered)):
        if paths:
            by_check[False, lost] = list(paths)
    for path, one in report.findings:
        by_check.setdefault((one.drop, one.check), []).append(f"{path}  ({one.score:.3g})")
    for (drop, check), found in sorted(by_check.items(), key=lambda item: (not item[0][0], item)):
        lines.append(f"{check}: {len(found)}" + (" (dropped)" if drop else ""))
        lines += [f"  {line}" for line in found[:SHOWN]]
        if len(found) > SHOWN:
            lines.append(f"  … and {len(found) - SHOWN} more: --json lists them all")
    return "\n".join([*lines, *_ending(report)])


def _is_let_in(report: CurateReport, member: Member) -> bool:
    """Whether a copy that would be left out is kept: a person, or an undo, wants it."""
    return member.relation in report.families.dropping() and member.sha256 in report.overruled


def _unreadable(report: CurateReport) -> list[tuple[str, str]]:
    missing = [(path, "not-a-file") for path in report.missing]
    altered = [(path, "altered") for path in report.altered]
    return sorted([*report.unreadable.items(), *missing, *altered])


def _ending(report: CurateReport) -> Iterator[str]:
    dropped = ", ".join(f"{number} {reason}" for reason, number in report.dropped.items())
    yield f"dropped: {dropped or 'none'}"
    kept = ", ".join(f"{number} {label}" for label, number in report.kept.items())
    yield f"kept: {kept or 'none'}"
    if report.missing:
        files = counted(len(report.missing), "file is", "files are")
        yield (
            f"{files} missing from images/ and left out of trees: the same `pixset scrape` or "
            "`pixset import` brings back what its source still has"
        )
    if report.altered:
        files = counted(len(report.altered), "file was", "files were")
        yield (
            f"{files} altered in images/ and left out of trees: put the original back, or move "
            "the file away and run the same `pixset scrape` or `pixset import`"
        )
    if report.changed:
        changed = counted(report.changed, "verdict")
        yield f"{changed} changed; no file was touched (`pixset undo` takes back)"
