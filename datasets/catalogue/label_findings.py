"""What a model sees in pictures (features), and what follows for labels and pairs: evidence only.

Nothing here decides: findings and proposals wait for a person on the review page.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Literal

from . import families
from .packing import blob
from .rows import IMAGE, SHA256, among, insert, values

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from .store import Catalogue

Kind = Literal["label", "off_topic", "odd"]


@dataclass(frozen=True, slots=True)
class LabelFinding:
    """What the last check of labels says of one picture under the `label` it had then.

    `kind` "label": it looks more like `suggested`; `score` is how well its own label fits (0 to
    1). "off_topic": it looks like none; "odd": every picture has one. Of both, `score` is its
    distance from its label's pictures (0 to 2).
    """

    sha256: str
    kind: Kind
    score: float
    label: str
    suggested: str | None = None


@dataclass(frozen=True, slots=True)
class ProposedPair:
    """Two pictures that a model takes for nearly the same; `likeness` is their cosine."""

    one: str
    other: str
    likeness: float


@dataclass(frozen=True, slots=True)
class TopicRow:
    """Of one query of a label: its kept `pictures`, and how many of them look off topic.

    None where the check could not say.
    """

    label: str
    query: str
    pictures: int
    off_topic: int | None


_TOPICS = "off topic by query"  # the setting's name
_ADD = insert("label_finding", ("image", "kind", "score", "label", "suggested"), image=IMAGE)
_KEEP = insert(
    "feature", ("image", "embedder", "numbers"), "ON CONFLICT DO NOTHING", image=IMAGE
)  # fmt: skip


def put_label_findings(cat: Catalogue, findings: Iterable[LabelFinding]) -> None:
    """Record the findings of a check of labels, in place of those of the one before."""
    cat.execute("DELETE FROM label_finding")
    cat.execute_many(_ADD, [values(one, sha256=blob(one.sha256)) for one in findings])


def label_findings(
    cat: Catalogue, *kinds: Kind, only: Collection[int] | None = None
) -> list[LabelFinding]:
    """The findings of the last check of labels, of these kinds or of all, by sha256.

    `only` are pictures by their numbers.
    """
    these, given = among("f.image", only)
    columns = f"{SHA256.format('i')}, f.kind, f.score, f.label, f.suggested"
    rows = cat.each(
        f"SELECT {columns} FROM label_finding f JOIN image_row i ON i.id = f.image "
        f"WHERE i.freed_at IS NULL AND {these} ORDER BY i.sha256, f.kind",
        given,
    )
    return [LabelFinding(*row) for row in rows if not kinds or row[1] in kinds]


def doubted(cat: Catalogue, kind: Kind) -> list[tuple[int, str]]:
    """The pictures with a finding of a kind and the label that it is about, smallest score first.

    Pictures by their numbers.
    """
    rows = cat.rows(
        "SELECT f.image, f.label FROM label_finding f JOIN image_row i ON i.id = f.image "
        "WHERE f.kind = ? ORDER BY f.score, i.sha256",
        (kind,),
    )
    return [(row[0], row[1]) for row in rows]


def put_proposed_pairs(cat: Catalogue, pairs: Iterable[ProposedPair]) -> None:
    """Record the pairs that a model proposes, in place of those proposed before."""
    cat.execute("DELETE FROM proposed_pair")
    cat.execute_many(
        "INSERT INTO proposed_pair SELECT min(a.id, b.id), max(a.id, b.id), ? "
        "FROM image_row a, image_row b WHERE a.sha256 = ? AND b.sha256 = ?",
        [(one.likeness, blob(one.one), blob(one.other)) for one in pairs],
    )


def proposed_pairs(cat: Catalogue) -> list[tuple[int, int, float]]:
    """The pairs that a model proposes, by the pictures' numbers, the likest first."""
    rows = cat.rows(
        "SELECT p.a, p.b, p.likeness FROM proposed_pair p JOIN image_row a ON a.id = p.a "
        "ORDER BY p.likeness DESC, a.sha256"
    )
    return [(row[0], row[1], row[2]) for row in rows]


def put_topics(cat: Catalogue, topics: Iterable[TopicRow]) -> None:
    """Record what a check of labels says of queries, in place of the check before."""
    families.put_setting(cat, _TOPICS, json.dumps([asdict(one) for one in topics]))


def topics(cat: Catalogue) -> list[TopicRow]:
    """What the last check of labels says of each query, empty where there was none."""
    return [TopicRow(**row) for row in json.loads(families.setting(cat, _TOPICS) or "[]")]


def features(cat: Catalogue, embedder: str, digests: Collection[str]) -> dict[str, bytes]:
    """What is remembered of these pictures by what embedded them: sha256 → packed numbers."""
    wanted = set(digests)
    rows = cat.each(
        f"SELECT {SHA256.format('i')}, f.numbers FROM feature f "
        "JOIN wording w ON w.id = f.embedder JOIN image_row i ON i.id = f.image WHERE w.text = ?",
        (embedder,),
    )
    return {sha: numbers for sha, numbers in rows if sha in wanted}


def put_features(cat: Catalogue, embedder: str, rows: Mapping[str, bytes]) -> None:
    """Remember packed numbers for pictures, by what embedded them."""
    cat.execute("INSERT INTO wording (text) VALUES (?) ON CONFLICT DO NOTHING", (embedder,))
    number = cat.value("SELECT id FROM wording WHERE text = ?", (embedder,))
    cat.execute_many(
        _KEEP,
        [
            {"sha256": blob(sha), "embedder": number, "numbers": numbers}
            for sha, numbers in rows.items()
        ],
    )
