"""The tree's README.md: Hugging Face's front matter, counts, provenance, how to load it.

The sections follow *Datasheets for Datasets* as far as the catalogue can fill them; what only a
person knows is left open and says so.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..catalogue import decisions as judgement
from ..catalogue import web
from ..curate.conflicts import best_label
from .card_loading import loading
from .ready import counts

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from ..catalogue import Catalogue
    from ..recipe import Recipe
    from .manifest import Row
    from .ready import Laid, Settings

_SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"))
_HF_SIDES = {"train": "train", "val": "validation", "test": "test"}


@dataclass(frozen=True, slots=True)
class Yield:
    """What one search gave: candidates asked for and found, and pictures that are in the tree."""

    label: str
    query: str
    engine: str
    asked: int
    found: int
    kept: int


@dataclass(frozen=True, slots=True)
class Told:
    """What a card tells beside the rows; what is empty is left out.

    `definitions` is label → definition, `looked` label → (right, looked at by a person), `dropped`
    reason → pictures left out.
    """

    name: str
    description: str = ""
    definitions: Mapping[str, str] = field(default_factory=dict)
    yields: Sequence[Yield] = ()
    looked: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    dropped: Mapping[str, int] = field(default_factory=dict)


def dataset_card(cat: Catalogue, recipe: Recipe, settings: Settings, laid: Laid) -> str:
    """The card of a dataset's tree."""
    rows = list(laid.rows.values())
    kept = Counter((row["label"], row["query"], row["engine"]) for row in rows)
    yields = [
        Yield(s.label, s.term, s.engine, s.asked, s.found, kept[s.label, s.term, s.engine])
        for s in web.searches(cat)
        if s.engine != "import"
    ]
    stands = judgement.standing(cat)
    verdicts = (stand.verdict for stand in stands.values() if stand.dropped)
    dropped = Counter(verdict.reason for verdict in verdicts if verdict)
    dropped.update({"unreadable": len(judgement.unreadable(cat))})
    told = Told(
        name=recipe.name,
        description=recipe.description,
        definitions={label.slug: label.definition for label in recipe.labels},
        yields=yields,
        looked=_looked(cat, stands),
        dropped=+dropped,
    )
    return card(told, rows, settings)


def card(told: Told, rows: Sequence[Row], settings: Settings) -> str:
    """The text of README.md."""
    parts = [
        *_front(told, rows, settings),
        *_composition(told, rows),
        *_collection(told, rows),
        *_preprocessing(told, settings),
        *_checked(told),
        *loading(settings.val_name, sorted(counts(rows)), test=settings.ratios.test > 0),
        *_licences(rows),
        *_open(),
    ]
    return "\n".join(parts) + "\n"


def _front(told: Told, rows: Sequence[Row], settings: Settings) -> Iterator[str]:
    folder = {"train": "train", "val": settings.val_name, "test": "test"}
    size = next((word for limit, word in _SIZES if len(rows) < limit), "1M<n<10M")
    files = [{"split": _HF_SIDES[s], "path": f"{folder[s]}/**"} for s in settings.ratios.shares()]
    # JSON is YAML too: nothing here needs a YAML writer.
    yield "---"
    yield f"pretty_name: {json.dumps(told.name, ensure_ascii=False)}"
    yield "license: unknown"
    yield "task_categories: [image-classification]"
    yield f'size_categories: ["{size}"]'
    yield f"configs: {json.dumps([{'config_name': 'default', 'data_files': files}])}"
    yield "---"
    yield f"\n# {told.name}\n"
    yield told.description or (
        f"{len(rows)} pictures in {len(counts(rows))} classes for image classification."
    )
    yield (
        "\n> **Licences.** The pictures were found on the web or came from their importer; each "
        "belongs to its owner. No licence is granted by this collection: see *Licences* below "
        "before you publish it or a model trained on it."
    )


def _composition(told: Told, rows: Sequence[Row]) -> Iterator[str]:
    held = counts(rows)
    sides = list(next(iter(held.values()), {}))
    yield "\n## Composition\n"
    yield f"| label | {' | '.join(sides)} | all |"
    yield "|---|" + "---:|" * (len(sides) + 1)
    for label, by_side in held.items():
        numbers = " | ".join(str(by_side[side]) for side in sides)
        yield f"| `{label}` | {numbers} | {sum(by_side.values())} |"
    totals = [sum(by_side[side] for by_side in held.values()) for side in sides]
    yield f"| all | {' | '.join(map(str, totals))} | {len(rows)} |"
    defined = [(label, told.definitions[label]) for label in held if told.definitions.get(label)]
    if defined:
        yield ""
        yield from (f"* `{label}`: {definition}" for label, definition in defined)
    strata = Counter((str(row["label"]), str(row["stratum"])) for row in rows if row["stratum"])
    if strata:
        yield "\n| label | stratum | pictures |\n|---|---|---:|"
        yield from (f"| `{label}` | {name} | {n} |" for (label, name), n in sorted(strata.items()))
    yield "\nOne row a picture in `manifest.jsonl` and `manifest.csv`; labels in order in"
    yield "`classes.txt`; `SHA256SUMS` covers every file. Pictures may show people."


def _collection(told: Told, rows: Sequence[Row]) -> Iterator[str]:
    yield "\n## Collection\n"
    dates = sorted(str(row["fetched_at"])[:10] for row in rows if row["fetched_at"])
    if not told.yields:
        yield "Taken from folders of pictures that already had these classes."
        return
    engines = sorted({one.engine for one in told.yields})
    when = f" between {dates[0]} and {dates[-1]}" if dates else ""
    yield f"Image searches on {', '.join(engines)}{when}. `in the tree` counts each picture once,"
    yield "at the search that ranked it best; other places it was seen at are its `hits`."
    yield "\n| label | query | engine | asked | found | in the tree |\n|---|---|---|---:|---:|---:|"
    for one in told.yields:
        query = one.query.replace("|", "\\|")
        numbers = f"{one.asked} | {one.found} | {one.kept}"
        yield f"| `{one.label}` | {query} | {one.engine} | {numbers} |"


def _preprocessing(told: Told, settings: Settings) -> Iterator[str]:
    target = settings.target
    if target.size:
        shape = f"{'padded to' if target.pad else 'cut centrally to'} {target.size} x {target.size}"
    else:
        shape = f"longer side at most {target.max_side}" if target.max_side else "full size"
    yield "\n## Preprocessing\n"
    yield f"Baseline RGB JPEG, upright, sRGB, without EXIF, {shape} pixels; column `transform` says"
    yield "what was done to each picture. Near-duplicates (verified pixel against pixel) were left"
    yield "out but for the best of each family; pictures that may be copies share a side, so no"
    yield f"copy of a val picture is in train. Split {settings.ratios}, seed {settings.seed}."
    if told.dropped:
        listed = ", ".join(f"{reason} {n}" for reason, n in sorted(told.dropped.items()))
        yield f"\nLeft out: {listed}."


def _checked(told: Told) -> Iterator[str]:
    yield "\n## Label quality\n"
    if not told.looked:
        yield "Labels are those of the query or folder; no person has verified a sample, so expect"
        yield "the noise of web search (10 to 35 % wrong in comparable sets)."
        return
    yield "| label | looked at | right | 95 % interval |\n|---|---:|---:|---|"
    for label, (right, looked) in sorted(told.looked.items()):
        low, high = wilson(right, looked)
        yield f"| `{label}` | {looked} | {right / looked:.1%} | {low:.1%} to {high:.1%} |"


def _licences(rows: Sequence[Row]) -> Iterator[str]:
    seen = Counter(str(row["license"] or "unknown") for row in rows)
    yield "\n## Licences\n"
    yield "| licence | pictures |\n|---|---:|"
    yield from (f"| {name} | {number} |" for name, number in sorted(seen.items()))
    yield "\n`unknown` means that nobody stated one, not that there is none: pictures on the web"
    yield "are their owners'. `ATTRIBUTION.csv` names page and address of each. Whether you may"
    yield "train on them or pass them on depends on their terms and on your law."


def _open() -> Iterator[str]:
    yield "\n## Motivation, uses, distribution, maintenance\n"
    yield "To be written by who publishes this set: why it was made and by whom, what it should"
    yield "not be used for, how owners and people shown can ask for removal, who maintains it."


def _looked(cat: Catalogue, stands: Mapping[str, judgement.Standing]) -> dict[str, tuple[int, int]]:
    """Label → (right, looked at) over the pictures that a person gave a verdict on."""
    labels = {picture.sha256: best_label(picture.labels) for picture in web.pictures(cat)}
    right: Counter[str] = Counter()
    looked: Counter[str] = Counter()
    for sha, stand in stands.items():
        label = labels.get(sha)
        if stand.person is None or stand.person.reason == judgement.UNDO or label is None:
            continue
        looked[label] += 1
        right[label] += stand.verified and stand.person.label in (None, label)
    return {label: (right[label], number) for label, number in looked.items()}


def wilson(right: int, number: int) -> tuple[float, float]:
    """The 95 % Wilson interval of a share, as (low, high)."""
    z = 1.959964
    share = right / number
    middle = (share + z * z / (2 * number)) / (1 + z * z / number)
    spread = (share * (1 - share) / number + z * z / (4 * number * number)) ** 0.5
    half = z * spread / (1 + z * z / number)
    return max(0.0, middle - half), min(1.0, middle + half)
