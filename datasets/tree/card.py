"""The tree's README.md: Hugging Face's front matter, counts, provenance, how to load it.

The sections follow *Datasheets for Datasets* as far as the catalogue can fill them; what only a
person knows is left open and says so.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ...curation.printable import counted
from ..catalogue import decisions, images, measurements, searches
from ..curate.conflicts import best_label
from ..stats import wilson
from .card_loading import loading
from .front_matter import front_matter
from .layout import counts
from .markdown import inert, without_html
from .settings import split_folders

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from ..catalogue import Catalogue
    from ..recipe import Recipe
    from .layout import WrittenTree
    from .manifest import Row
    from .settings import SplitSettings


@dataclass(frozen=True, slots=True)
class SearchYield:
    """What one search gave: candidates asked for and found, and pictures that are in the tree."""

    label: str
    query: str
    engine: str
    asked: int
    found: int
    kept: int


@dataclass(frozen=True, slots=True)
class CardFacts:
    """What a card says beside the rows; what is empty is left out.

    `definitions` is label → definition, `reviewed` label → (right, reviewed), `dropped` reason →
    pictures left out.
    """

    name: str
    description: str = ""
    definitions: Mapping[str, str] = field(default_factory=dict)
    yields: Sequence[SearchYield] = ()
    reviewed: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    dropped: Mapping[str, int] = field(default_factory=dict)


def dataset_card(
    cat: Catalogue, recipe: Recipe, settings: SplitSettings, written: WrittenTree
) -> str:
    """The card of a dataset's tree."""
    rows = list(written.rows.values())
    kept = Counter((row["label"], row["query"], row["engine"]) for row in rows)
    yields = [
        SearchYield(s.label, s.term, s.engine, s.asked, s.found, kept[s.label, s.term, s.engine])
        for s in searches.searches(cat)
        if s.engine != "import"
    ]
    stands = decisions.standings(cat)
    verdicts = (stand.verdict for stand in stands.values() if stand.dropped)
    dropped = Counter(verdict.reason for verdict in verdicts if verdict)
    dropped.update({"unreadable": len(measurements.unreadable(cat))})
    facts = CardFacts(
        name=recipe.name,
        description=recipe.description,
        definitions={label.slug: label.definition for label in recipe.labels},
        yields=yields,
        reviewed=_reviewed(cat, stands),
        dropped=+dropped,
    )
    return card_text(facts, rows, settings)


def card_text(facts: CardFacts, rows: Sequence[Row], settings: SplitSettings) -> str:
    """The text of README.md."""
    parts = [
        *_front(facts, rows, settings),
        *_composition(facts, rows),
        *_collection(facts, rows),
        *_preprocessing(facts, settings),
        *_checked(facts),
        *loading(settings.val_name, sorted(counts(rows)), test=settings.ratios.test > 0),
        *_licences(rows),
        *_open(),
    ]
    return "\n".join(parts) + "\n"


def _front(facts: CardFacts, rows: Sequence[Row], settings: SplitSettings) -> Iterator[str]:
    folders = split_folders(settings.val_name)
    files = {split: f"{folders[split]}/**" for split in settings.ratios.shares()}
    yield from front_matter(
        facts.name, len(rows), files, licences={str(row["license"] or "unknown") for row in rows}
    )
    yield f"\n# {inert(facts.name)}\n"
    yield without_html(facts.description) or (
        f"{counted(len(rows), 'picture')} in {counted(len(counts(rows)), 'class', 'classes')}"
        " for image classification."
    )
    yield (
        "\n> **Licences.** The pictures were found on the web or came from their importer; each "
        "belongs to its owner. No licence is granted by this collection: see *Licences* below "
        "before you publish it or a model trained on it."
    )


def _composition(facts: CardFacts, rows: Sequence[Row]) -> Iterator[str]:
    held = counts(rows)
    splits = list(next(iter(held.values()), {}))
    yield "\n## Composition\n"
    yield f"| label | {' | '.join(splits)} | all |"
    yield "|---|" + "---:|" * (len(splits) + 1)
    for label, by_split in held.items():
        numbers = " | ".join(str(by_split[split]) for split in splits)
        yield f"| `{label}` | {numbers} | {sum(by_split.values())} |"
    totals = [sum(by_split[split] for by_split in held.values()) for split in splits]
    yield f"| all | {' | '.join(map(str, totals))} | {len(rows)} |"
    defined = [(label, facts.definitions[label]) for label in held if facts.definitions.get(label)]
    if defined:
        yield ""
        yield from (f"* `{label}`: {without_html(definition)}" for label, definition in defined)
    strata = Counter((str(row["label"]), str(row["stratum"])) for row in rows if row["stratum"])
    if strata:
        yield "\n| label | stratum | pictures |\n|---|---|---:|"
        yield from (
            f"| `{label}` | {inert(name)} | {n} |" for (label, name), n in sorted(strata.items())
        )
    yield "\nOne row a picture in `manifest.jsonl` and `manifest.csv`; labels in order in"
    yield "`classes.txt`; `SHA256SUMS` covers every file. Pictures may show people."


def _collection(facts: CardFacts, rows: Sequence[Row]) -> Iterator[str]:
    yield "\n## Collection\n"
    dates = sorted(str(row["fetched_at"])[:10] for row in rows if row["fetched_at"])
    if not facts.yields:
        yield "Taken from folders of pictures that already had these classes."
        return
    engines = sorted({one.engine for one in facts.yields})
    when = f" between {dates[0]} and {dates[-1]}" if dates else ""
    yield f"Image searches on {', '.join(engines)}{when}. `in the tree` counts each picture once,"
    yield "at the search that ranked it best; other places it was seen at are its `hits`."
    yield "\n| label | query | engine | asked | found | in the tree |\n|---|---|---|---:|---:|---:|"
    for one in facts.yields:
        numbers = f"{one.asked} | {one.found} | {one.kept}"
        yield f"| `{one.label}` | {inert(one.query)} | {one.engine} | {numbers} |"


def _preprocessing(facts: CardFacts, settings: SplitSettings) -> Iterator[str]:
    target = settings.target
    if target.size:
        shape = f"{'padded to' if target.pad else 'cut centrally to'} {target.size} x {target.size}"
    else:
        shape = f"longer side at most {target.max_side}" if target.max_side else "full size"
    yield "\n## Preprocessing\n"
    yield f"Baseline RGB JPEG, upright, sRGB, without EXIF, {shape} pixels; column `transform` says"
    yield "what was done to each picture. Near-duplicates (verified pixel against pixel) were left"
    yield "out but for the best of each family; pictures that may be copies share a split, so no"
    yield f"copy of a val picture is in train. Split {settings.ratios}, seed {settings.seed}."
    if facts.dropped:
        listed = ", ".join(f"{inert(reason)} {n}" for reason, n in sorted(facts.dropped.items()))
        yield f"\nLeft out: {listed}."


def _checked(facts: CardFacts) -> Iterator[str]:
    yield "\n## Label quality\n"
    if not facts.reviewed:
        yield "Labels are those of the query or folder; no person has verified a sample, so expect"
        yield "the noise of web search (10 to 35 % wrong in comparable sets)."
        return
    yield "| label | looked at | right | 95 % interval |\n|---|---:|---:|---|"
    for label, (right, number) in sorted(facts.reviewed.items()):
        low, high = wilson(right, number)
        yield f"| `{label}` | {number} | {right / number:.1%} | {low:.1%} to {high:.1%} |"


def _licences(rows: Sequence[Row]) -> Iterator[str]:
    seen = Counter(
        f"{row['license'] or 'unknown'} {row.get('license_url') or ''}".strip() for row in rows
    )
    yield "\n## Licences\n"
    yield "| licence | pictures |\n|---|---:|"
    yield from (f"| {inert(name)} | {number} |" for name, number in sorted(seen.items()))
    yield "\n`unknown` means that none was stated, not that there is none: pictures on the web"
    yield "are their owners'. A licence is as its source (`license_source`) states it; nobody has"
    yield "verified it. `ATTRIBUTION.csv` names creator, page and address of each, and the line"
    yield "that a licence asks for. Whether you may train on them or pass them on depends on their"
    yield "terms and on your law."


def _open() -> Iterator[str]:
    yield "\n## Motivation, uses, distribution, maintenance\n"
    yield "To be written by who publishes this set: why it was made and by whom, what it should"
    yield "not be used for, how owners and people shown can ask for removal, who maintains it."


def _reviewed(
    cat: Catalogue, stands: Mapping[str, decisions.Standing]
) -> dict[str, tuple[int, int]]:
    """Label → (right, reviewed) over the pictures whose label, as given, a person looked at."""
    labels = {picture.sha256: best_label(picture.labels) for picture in images.images(cat)}
    right: Counter[str] = Counter()
    reviewed: Counter[str] = Counter()
    for sha, stand in stands.items():
        label = (stand.rule.label if stand.rule else None) or labels.get(sha)
        if not stand.looked_at or label is None:
            continue
        reviewed[label] += 1
        right[label] += stand.confirms(label)
    return {label: (right[label], number) for label, number in reviewed.items()}
