"""Labels as folder names: what every trainer reads alike, and no split word among them."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections import defaultdict
from typing import TYPE_CHECKING

from ..curation.printable import printable
from .errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

SLUG = re.compile(r"[a-z0-9][a-z0-9_]*")
# Hugging Face takes a folder with one of these as a token for a split and mixes the splits.
RESERVED = frozenset(
    [
        "train",
        "training",
        "validation",
        "valid",
        "dev",
        "val",
        "test",
        "testing",
        "eval",
        "evaluation",
    ]
)


# Windows opens a device under these names, in any folder and with any extension.
_DEVICES = frozenset(
    ["con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10))]
)


# Windows' paths end at 260 characters, of which ready/train/<label>/<id>.jpg is a part.
LONGEST = 64
_TOLD = 5  # labels that are named where many are wrong in one way
_LONGEST_NAME = 255  # bytes, on every file system
# Letters that no normal form takes apart: Straße would be strae.
_LETTERS = str.maketrans("øłđðħŧŋĸ\u0131", "olddhtnki") | str.maketrans(
    {"ß": "ss", "æ": "ae", "œ": "oe", "þ": "th"}
)


def is_device(name: str) -> bool:
    """Say whether Windows takes `name` for a device, so that it can be no file or folder there."""
    return name.lower().partition(".")[0] in _DEVICES


def reserved_token(slug: str) -> str | None:
    """The split word that stands in `slug` as a token of its own, or None."""
    # Digits separate too: `test2` and `dev_board` are read as splits.
    return next((t for t in re.split(r"[^a-z]+", slug.lower()) if t in RESERVED), None)


def fault(slug: str) -> str | None:
    """What is wrong with `slug` as a label, as the end of a sentence; None: nothing."""
    if not SLUG.fullmatch(slug):
        return "expected lower-case letters a-z, digits and _, as in text_document"
    if len(slug) > _LONGEST_NAME:
        return f"expected at most {_LONGEST_NAME} characters: it names a folder"
    token = reserved_token(slug)
    if token:
        closed = slug.replace("_", "")
        hint = "another word" if reserved_token(closed) else repr(closed)
        return f"expected no split word ({token!r} makes Hugging Face mix the splits); try {hint}"
    return None


def refuse_other_than_text(words: Iterable[str]) -> None:
    """Raise UsageError for a word that is no UTF-8: an engine cannot be asked for it."""
    for word in words:
        if any("\ud800" <= letter <= "\udfff" for letter in word):
            raise UsageError(f"'{printable(word)}': expected a text in UTF-8")


def slug_of(text: str, known: Collection[str] = ()) -> str:
    """The slug of a term or name: `Text document` → text_document. Raises UsageError.

    `known` are slugs in use, which their names keep: pixset 0.1 left ß, ø and their like out.
    """
    slug, wrong = _slug_and_fault(text, known)
    if wrong:
        raise UsageError(f"label {_shown(text)}: {wrong}; name it with --label")
    return slug


def _slug_and_fault(text: str, known: Collection[str]) -> tuple[str, str | None]:
    """The slug of a text, and what is wrong with it as a new label."""
    slug = _joined(text.lower().translate(_LETTERS))
    there = next((one for one in (text, slug, _joined(text)) if one in known), None)
    if there is not None:
        return there, None
    wrong = fault(slug)
    # The next two are asked here only: what was made under such a name goes on opening.
    if wrong is None and len(slug) > LONGEST:
        wrong = f"too long for a folder's name (expected at most {LONGEST} characters)"
    if is_device(slug):
        wrong = f"Windows knows {slug!r} as a device, and can neither clone nor unzip such a folder"
    return slug, wrong


def _shown(text: str) -> str:
    return repr(text if len(text) <= LONGEST else f"{text[:LONGEST]}…")


def _joined(text: str) -> str:
    """What of a text can stand in a slug, with _ for all between."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode("ascii")
    return re.sub(r"[^a-z0-9]+", "_", plain.lower()).strip("_")


def slugs_of(
    names: Iterable[str],
    given: Mapping[str, str] | None = None,
    known: Collection[str] = (),
    before: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """Class folder → slug; `given` names the labels of some. Raises UsageError.

    Two folders become one label only where `given` says so: `C`, `C++` and `C#` all make c.
    `known` are slugs in use, as of `slug_of`; `before` has the slug that a folder had before.
    """
    given, before = given or {}, before or {}
    names = list(dict.fromkeys(names))
    for name in given:
        if name not in names:
            near = difflib.get_close_matches(name, names, n=1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            raise UsageError(f"label of {name!r}: there is no such class folder{hint}")
    found: dict[str, str] = {}
    unnamed: dict[str, str] = {}  # slug → the first folder that takes it of itself
    faults: defaultdict[str, list[str]] = defaultdict(list)  # all at once: folders are many
    for name in names:
        text = given.get(name) or before.get(name, name)
        slug, wrong = _slug_and_fault(text, known)
        found[name] = slug
        if wrong:
            faults[wrong].append(_shown(text))
        elif name not in given and unnamed.setdefault(slug, name) != name:
            raise UsageError(
                f"class folders {unnamed[slug]!r} and {name!r} would both be class {slug!r}"
            )
    if faults:
        told = "; ".join(f"{_labels(texts)}: {wrong}" for wrong, texts in faults.items())
        raise UsageError(f"{told}; name it with --label")
    return found


def _labels(shown: Sequence[str]) -> str:
    if len(shown) == 1:
        return f"label {shown[0]}"
    rest = f" and {len(shown) - _TOLD} more" if len(shown) > _TOLD else ""
    return f"labels {', '.join(shown[:_TOLD])}{rest}"


def plain_name(name: str) -> str:
    """A name without what its spelling in a folder may change: case, blanks for _ and -."""
    return re.sub(r"[\s_-]+", " ", name).strip().casefold()
