"""Families of a dataset's pictures: found anew only where something changed."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from ..catalogue import decisions, families, measurements
from .measuring import measured_anew

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from ...curation.duplicates.results import Families
    from ..catalogue import Catalogue
    from ..catalogue.images import ImageRecord
    from ..project import Project

_MADE_FROM = "families made from"  # the setting that says what the families on record rest on


def is_current(cat: Catalogue, taken: Sequence[str], *, drop_moments: bool) -> bool:
    """Whether the families on record are those of these pictures and of what was stated."""
    return families.setting(cat, _MADE_FROM) == _inputs(cat, taken, drop_moments=drop_moments)


def remembered(cat: Catalogue, taken: Collection[str], *, drop_moments: bool) -> Families:
    """The families on record, among the pictures taken; what was never compared stands alone.

    A family whose keeper is not taken is none: its copies stand alone until they are compared.
    """
    from ...curation.duplicates.results import RELATIONS, Families, Family, Member

    rows = families.members(cat)
    there = set(taken)
    found: dict[str, list[Member]] = {}
    for sha, row in rows.items():
        if row.keeper in there and sha in there and row.keeper is not None:
            relation: Any = row.relation  # the column holds what Relation names
            distances = row.phash or 0, row.dhash or 0, row.difference or 0.0
            member = Member(sha, relation, *distances)
            found.setdefault(row.keeper, []).append(member)
    low = sorted(sha for sha in there if sha in rows and rows[sha].split_group is None)
    return Families(
        families=tuple(
            Family(
                keeper,
                tuple(sorted(m, key=lambda one: (RELATIONS.index(one.relation), one.sha256))),
            )
            for keeper, m in sorted(found.items())
        ),
        split_group={
            sha: (rows[sha].split_group if sha in rows else None) or sha
            for sha in sorted(there.difference(low))
        },
        low_information=tuple(low),
        review=(),
        drop_moments=drop_moments,
    )


def find(
    project: Project,
    cat: Catalogue,
    taken: Sequence[str],
    images: Mapping[str, ImageRecord],
    *,
    drop_moments: bool,
) -> Families:
    """Compare the pictures that are new, and remember what this was made from."""
    from ...curation.duplicates.families import find_families
    from ...curation.images.reading import read_file
    from ..catalogue.pairs import CataloguePairs

    there = set(taken)
    same, different = decisions.links(cat)
    facts = [one for one in measurements.each_facts(cat) if one.sha256 in there]
    found = find_families(
        measured_anew(project, cat, facts, images),
        read=lambda sha: read_file(project.image(images[sha].path)),
        same=same,
        different=different,
        drop_moments=drop_moments,
        memory=CataloguePairs(cat),
    )
    families.put_setting(cat, _MADE_FROM, _inputs(cat, taken, drop_moments=drop_moments))
    return found


def _inputs(cat: Catalogue, taken: Sequence[str], *, drop_moments: bool) -> str:
    """A digest of all that families are a function of."""
    from ...curation.duplicates.memory import version

    digest = hashlib.sha256(measurements.versions_digest(cat).encode())
    digest.update(version().encode())
    digest.update(b"moments go" if drop_moments else b"")
    for sha in sorted(taken):
        digest.update(bytes.fromhex(sha))
    for pairs in decisions.links(cat):
        digest.update(b"|")
        for pair in sorted(tuple(sorted(pair)) for pair in pairs):
            digest.update(",".join(pair).encode())
    return digest.hexdigest()
