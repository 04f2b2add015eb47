"""How a training tree is made: what a caller asks for, and that with nothing left open."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypedDict, Unpack

from .. import names as slugs
from ..errors import UsageError
from ..split import Ratios
from .target import Target, target_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

VAL_NAMES: Final = ("val", "valid", "validation")
LINKS: Final = ("copy", "hard", "sym")


@dataclass(frozen=True, slots=True)
class SplitOptions:
    """How a tree is to be made; None: as it was made before, or as the recipe says (`resolved`).

    `link` is copy, hard or sym. `val_name` names the val folder (fastai looks for `valid`).
    `val_reviewed` takes reviewed pictures for val and test first. `afresh` forgets earlier
    placements. `replace` moves a tree with somebody's own files in it aside. `placed_only` adds
    no picture to those that are placed already.
    """

    ratios: Ratios | None = None
    seed: int | None = None
    target: Target | None = None
    link: str | None = None
    val_name: str | None = None
    val_reviewed: bool = False
    afresh: bool = False
    replace: bool = False
    placed_only: bool = False


class SplitWords(TypedDict, total=False):
    """How a person says how a tree is to be made: as the options of `pixset split`."""

    ratio: str | None
    seed: int | None
    size: int | None
    max_side: int | None
    pad: bool
    link: str | None
    val_name: str | None
    val_reviewed: bool
    afresh: bool
    replace: bool


def split_options(**words: Unpack[SplitWords]) -> SplitOptions:
    """The options of these words; raises UsageError for a ratio that is none, or a lone `pad`."""
    ratio, size, max_side = words.get("ratio"), words.get("size"), words.get("max_side")
    pad = words.get("pad", False)
    if pad and size is None:
        raise UsageError("--pad: needs --size")
    target = None
    if size is not None or max_side is not None:
        target = Target(max_side=max_side or Target().max_side, size=size, pad=pad)
    return SplitOptions(
        ratios=Ratios.parse(ratio) if ratio else None,
        seed=words.get("seed"),
        target=target,
        link=words.get("link"),
        val_name=words.get("val_name"),
        val_reviewed=words.get("val_reviewed", False),
        afresh=words.get("afresh", False),
        replace=words.get("replace", False),
    )


def options_of_record(record: Mapping[str, object]) -> SplitOptions:
    """The options that a tree's dataset.json holds: it can be built again as it was.

    Raises UsageError for a ratio that is none; what else is unknown there is checked when used.
    """
    ratio, seed, output = (record.get(key) for key in ("ratio", "seed", "output"))
    return SplitOptions(
        ratios=Ratios.parse(ratio) if isinstance(ratio, str) else None,
        seed=seed if isinstance(seed, int) else None,
        target=target_of(output) if isinstance(output, str) else None,
        link=str(record.get("link", LINKS[0])),
        val_name=str(record.get("val_name", VAL_NAMES[0])),
        val_reviewed=bool(record.get("val_reviewed", False)),
    )


@dataclass(frozen=True, slots=True)
class SplitSettings:
    """Split options with nothing left open."""

    ratios: Ratios
    seed: int
    target: Target = field(default_factory=Target)
    link: str = LINKS[0]
    val_name: str = VAL_NAMES[0]
    val_reviewed: bool = False

    def record(self) -> dict[str, object]:
        """What decides placements and bytes, as kept in dataset.json."""
        return {**self.drawn(), "val_name": self.val_name, "output": self.target.spec(),
                "link": self.link}  # fmt: skip

    def drawn(self) -> dict[str, object]:
        """What decides placements alone."""
        return {"ratio": str(self.ratios), "seed": self.seed, "val_reviewed": self.val_reviewed}


@dataclass(frozen=True, slots=True)
class TreeBefore:
    """The tree that is there: what the recipe said when it was built, and how it was built."""

    recipe: SplitSettings
    options: SplitOptions


def resolved(
    options: SplitOptions, recipe: SplitSettings, before: TreeBefore | None = None
) -> SplitSettings:
    """The settings of a tree: what is asked for now, else what stands longest unchanged.

    What an option leaves open stays as the tree was built, as long as the recipe says what it
    said then; a recipe that was changed since is the later word. `afresh` draws by the recipe.
    """
    earlier = before.options if before else SplitOptions()
    then = before.recipe if before else recipe
    drawn = SplitOptions() if options.afresh else earlier
    return SplitSettings(
        ratios=options.ratios or (then.ratios == recipe.ratios and drawn.ratios) or recipe.ratios,
        seed=_first(options.seed, drawn.seed if then.seed == recipe.seed else None, recipe.seed),
        target=options.target or (then.target == recipe.target and earlier.target) or recipe.target,
        link=options.link or earlier.link or recipe.link,
        val_name=options.val_name or earlier.val_name or recipe.val_name,
        val_reviewed=options.val_reviewed or drawn.val_reviewed,
    )


def _first(*numbers: int | None) -> int:
    return next(number for number in numbers if number is not None)


def split_folders(val_name: str) -> dict[str, str]:
    """Split → the name of its folder; raises UsageError for a val name that loaders do not know."""
    if val_name not in VAL_NAMES:
        raise UsageError(f"--val-name {val_name!r}: expected one of {', '.join(VAL_NAMES)}")
    return {"train": "train", "val": val_name, "test": "test"}


def check_link(link: str) -> None:
    """Raise UsageError for a way to link that there is not."""
    if link not in LINKS:
        raise UsageError(f"--link {link!r}: expected one of {', '.join(LINKS)}")


def check_labels(labels: Iterable[str]) -> None:
    """Raise UsageError for a label that some loader would misread."""
    for label in sorted(set(labels)):
        wrong = slugs.fault(label)
        if wrong:
            raise UsageError(f"label {label!r}: {wrong}")
