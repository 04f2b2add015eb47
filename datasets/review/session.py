"""A review in progress: the pictures in their queues, and the decisions that a person makes.

Every decision is in the catalogue before the page gets its answer. Between two decisions the
session holds no lock, so that another command can run beside an open page. In memory are the
queues' orders and a few bytes a picture; what a page says of its pictures is read for that page.
"""

from __future__ import annotations

from array import array
from collections import Counter
from typing import TYPE_CHECKING

from ...curation.duplicates.results import CONFIRMED
from ..catalogue import decisions, families, images, undoing
from ..catalogue.decisions import OTHER_KEPT, Standing, Verdict
from ..catalogue.shown import read_again, shown
from ..curate.rules import limits_of
from ..errors import UsageError
from ..names import fault
from ..recipe.counted import counted_recipe
from .decisions_file import kept_as
from .entries import ReviewEntry, beside, entries_of
from .precision import ReviewTally
from .queues import QUEUES, ReviewData

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence

    from ..catalogue import Catalogue
    from ..catalogue.images import ImageRecord
    from ..project import Project

_MOST_MEMBERS = 12  # of a family shown


class ReviewSession:
    """One dataset under review. Not for several threads at once: the server gives it one."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self._paths: dict[str, str] = {}  # of pictures that were shown
        self.reload()

    def refresh(self) -> None:
        """Read the dataset again if anything was written since it was read."""
        if self._stamp != self.project.written():
            self.reload()

    def reload(self) -> None:
        """Read the dataset as it is now."""
        self._stamp = self.project.written()
        self._recipe = counted_recipe(self.project)
        with self.project.open_catalogue(write=False) as cat, cat.snapshot():
            self._shown = shown(cat)
            beside = families.beside_keepers(cat)
            self._copies = families.copies(beside, CONFIRMED, self._shown.place)
            self._read_pairs(cat)
            limits = limits_of(self._recipe)
            data = ReviewData(cat, self._shown, limits, self._stated, beside, self._copies)
            self._partners = {
                name: queue.partners(data) for name, queue in QUEUES.items() if queue.partners
            }
            # An order does not change while the page is open.
            can_be = self._shown.can_be
            self._orders = {
                name: array("q", [number for number in queue.order(data) if can_be[number]])
                for name, queue in QUEUES.items()
            }
        named = {label.slug for label in self._recipe.labels}
        there = {self._shown.label[number] for number in self._shown.by_label}
        self.labels = tuple(sorted((named | there) - {""}))
        self._count()

    def _read_pairs(self, cat: Catalogue) -> None:
        """Read what a person has stated of pairs."""
        same, different = decisions.links(cat)
        self._paired = {**dict.fromkeys(same, True), **dict.fromkeys(different, False)}
        numbers = images.numbers(cat, {sha for pair in self._paired for sha in pair})
        self._stated = {frozenset(numbers[sha] for sha in pair) for pair in self._paired}

    def _count(self) -> None:
        """Count what is open in each queue, and how far the review of each label is."""
        self._waiting = {
            name: set(filter(self._is_open(name), order))
            for name, order in self._orders.items()
            if not QUEUES[name].keeps_reviewed
        }
        placed = Counter(zip(self._shown.split, self._shown.placed, strict=True))
        self._tallies = {place: [number, 0, 0] for place, number in placed.items()}
        self._tally([n for n, decided in enumerate(self._shown.decided) if decided], 1)

    def _tally(self, numbers: Iterable[int], sign: int) -> None:
        """Add what a person decided of pictures to the tallies, or take it off."""
        known = self._shown
        for number in numbers:
            tally = self._tallies.get((known.split[number], known.placed[number]))
            if tally is not None:
                tally[1] += sign * known.looked[number]
                tally[2] += sign * known.wrong[number]

    def lists(self, view: str) -> bool:
        """Whether a view lists anything at all."""
        return bool(self._orders[view])

    def counts(self) -> dict[str, int]:
        """Queue → what is still open there (where it keeps what is reviewed: how many it lists)."""
        return {name: len(self._waiting.get(name, order)) for name, order in self._orders.items()}

    def tallies(self) -> dict[str, dict[str, ReviewTally]]:
        """Side → label → how far the review is, by the label that a picture was placed under."""
        found: dict[str, dict[str, ReviewTally]] = {}
        for (split, label), tally in self._tallies.items():
            if split and label:
                found.setdefault(split, {})[label] = ReviewTally(*tally)
        return found

    def page(
        self, view: str, *, label: str | None, open_only: bool, after: int, count: int
    ) -> tuple[list[dict[str, object]], int | None, int]:
        """Up to `count` entries of a view past position `after` (-1: from the start).

        Returns the entries, each with its `at`; the position to go on from, None at the end;
        and how many the view lists in all. Raises UsageError for an unknown view.
        """
        if view not in self._orders:
            raise UsageError(f"view {view!r}: expected one of {', '.join(QUEUES)}")
        listed = self._listed(view, label, open_only=open_only)
        past = [at for at in listed if at > after]
        onward = past[count - 1] if len(past) > count else None
        return self._entries(view, past[:count]), onward, len(listed)

    def path(self, sha: str) -> str | None:
        """A picture's path relative to the dataset, None for one that is not here."""
        if sha not in self._paths:
            self.describe([sha])
        return self._paths.get(sha)

    def shown_path(self, sha: str) -> str | None:
        """As `path`, of a picture that some page has shown. Safe on any thread."""
        return self._paths.get(sha)

    def keep(self, shas: Sequence[str]) -> int:
        """A person looked at these pictures and keeps them under their labels; the step."""
        return self._judge(shas, kept_as)

    def keep_instead(self, shas: Sequence[str]) -> int:
        """A person keeps the first of these copies, under the label of the one kept so far."""
        chosen, *others = shas or ("",)
        if not others or chosen in others:
            raise UsageError("expected the picture to keep, then its copies")
        with self.project.open_catalogue(write=False) as cat:
            numbers = self._numbers(cat, shas)
        stayed = (n for n in numbers.values() if not self._shown.dropped[n])
        label = self._shown.label[next(stayed, numbers.get(chosen, 0))]

        def verdict(one: ImageRecord, _: Standing) -> Verdict:
            if one.sha256 == chosen:
                return Verdict(chosen, "keep", "person", "reviewed", {}, label)
            return Verdict(one.sha256, "drop", "person", OTHER_KEPT, {"keeper": chosen})

        return self._judge(shas, verdict)

    def drop(self, shas: Sequence[str]) -> int:
        """A person takes these pictures out; the step."""
        return self._judge(shas, lambda one, _: Verdict(one.sha256, "drop", "person", "reviewed"))

    def relabel(self, shas: Sequence[str], label: str) -> int:
        """A person keeps these pictures under another label; the step."""
        wrong = fault(label)
        if wrong:
            raise UsageError(f"label {label!r}: {wrong}")
        step = self._judge(shas, lambda one, stand: kept_as(one, stand, label))
        self.labels = tuple(sorted({*self.labels, label}))
        return step

    def pair(self, one: str, other: str, *, same: bool) -> int:
        """A person says whether two pictures are duplicates; the next dedupe acts on it."""
        with self.project.open_catalogue() as cat:
            if one == other or len(self._numbers(cat, [one, other])) != 2:
                raise UsageError("a pair is two different pictures of this dataset")
            with cat.transaction():
                step = decisions.begin_step(cat, "pair")
                decisions.state_pair(cat, one, other, same=same, step=step)
            self._read_pairs(cat)
            both = self._numbers(cat, [one, other]).values()
        for name in (name for name, queue in QUEUES.items() if queue.pairs):
            waiting, is_open = self._waiting[name], self._is_open(name)
            waiting -= {number for number in waiting.intersection(both) if not is_open(number)}
        return step

    def pair_state(self, shas: Sequence[str]) -> bool | None:
        """What stands for two pictures as a pair: True, False, or None where it is undecided."""
        return self._paired.get(frozenset(shas))

    def undo(self, step: int | None = None) -> list[str]:
        """Take back a person's `step`, or the last one; the pictures it was about.

        Steps of older sessions and of other windows count; one that was taken back is none.
        """
        with self.project.open_catalogue() as cat:
            with cat.transaction():
                shas = undoing.undo(cat, stated=True, number=step)
            self._read_pairs(cat)
            read_again(cat, self._shown, list(self._numbers(cat, shas).values()))
        self._count()
        return shas

    def _judge(
        self, shas: Sequence[str], verdict: Callable[[ImageRecord, Standing], Verdict]
    ) -> int:
        """Record a verdict about each of these pictures, and count them as decided; the step."""
        with self.project.open_catalogue() as cat:
            numbers = self._numbers(cat, shas)
            unknown = [sha for sha in shas if sha not in numbers]
            if unknown or not shas:
                raise UsageError(
                    f"no picture {unknown[0][:16]!r} here" if unknown else "no picture named"
                )
            these = list(numbers.values())
            stands = decisions.standings(cat, only=these)
            pictures = {one.sha256: one for one in images.images(cat, these)}
            verdicts = [verdict(pictures[sha], stands.get(sha, Standing())) for sha in numbers]
            with cat.transaction():
                step = decisions.begin_step(cat, "review")
                decisions.record_verdicts(cat, verdicts, step=step)
            self._tally(these, -1)
            read_again(cat, self._shown, these)
            self._tally(these, 1)
        for name, waiting in self._waiting.items():
            if QUEUES[name].families:
                is_open = self._is_open(name)
                waiting -= {number for number in waiting if not is_open(number)}
            elif not QUEUES[name].pairs:
                waiting.difference_update(these)
        return step

    def _numbers(self, cat: Catalogue, shas: Sequence[str]) -> dict[str, int]:
        """The numbers of those pictures that can be shown."""
        try:
            found = images.numbers(cat, shas)
        except ValueError:  # no digest at all
            return {}
        return {sha: number for sha, number in found.items() if number in self._shown}

    def _listed(self, view: str, label: str | None, *, open_only: bool) -> list[int]:
        labels = self._shown.label
        open_only = open_only and not QUEUES[view].keeps_reviewed
        is_open = self._is_open(view)
        return [
            at
            for at, number in enumerate(self._orders[view])
            if (label is None or labels[number] == label) and (not open_only or is_open(number))
        ]

    def _is_open(self, view: str) -> Callable[[int], bool]:
        """Whether a view's picture waits for a person: asked of its number."""
        decided, stated = self._shown.decided, self._stated
        if view in self._partners:
            partners = self._partners[view]
            return lambda n: not stated or frozenset((n, partners[n].number)) not in stated
        if QUEUES[view].families:
            copies = self._copies
            return lambda n: not (decided[n] or any(decided[one] for one in copies[n]))
        return lambda n: not decided[n]

    def _entries(self, view: str, places: Sequence[int]) -> list[dict[str, object]]:
        """The entries at these places; those whose pictures were forgotten meanwhile are gone."""
        if QUEUES[view].families:
            return self._family_entries(view, places)
        numbers = {at: self._orders[view][at] for at in places}
        named = self._partners.get(view, {})
        partners = {at: named[number] for at, number in numbers.items() if named}
        known = self._known({*numbers.values(), *(one.number for one in partners.values())})
        entries = []
        for at, number in numbers.items():
            partner = partners.get(at)
            if number not in known or (partner and partner.number not in known):
                continue
            entry = {"at": at, **known[number].to_json()}
            if partner:
                one, other = known[number], known[partner.number]
                same = self.pair_state([one.picture.sha256, other.picture.sha256])
                entry |= beside(one, other, same=same, likeness=partner.likeness)
            entries.append(entry)
        return entries

    def _family_entries(self, view: str, places: Sequence[int]) -> list[dict[str, object]]:
        """The families at these places: the keeper first, then its copies."""
        keepers = {at: self._orders[view][at] for at in places}
        whole = {at: [keeper, *self._copies[keeper]] for at, keeper in keepers.items()}
        listed = {at: family[:_MOST_MEMBERS] for at, family in whole.items()}
        known = self._known({one for family in listed.values() for one in family})
        return [
            {
                "at": at,
                **known[keepers[at]].to_json(),
                "members": [known[one].to_json() for one in family if one in known],
                "more": len(whole[at]) - len(family),
            }
            for at, family in listed.items()
            if keepers[at] in known
        ]

    def describe(self, shas: Sequence[str]) -> list[dict[str, object]]:
        """These pictures as the page shows them; without those that are not here."""
        with self.project.open_catalogue(write=False) as cat:
            numbers = self._numbers(cat, shas)
        known = self._known(numbers.values())
        return [known[numbers[sha]].to_json() for sha in shas if numbers.get(sha) in known]

    def _known(self, numbers: Collection[int]) -> dict[int, ReviewEntry]:
        """What there is to say of these pictures; where they lie is remembered for their thumbs."""
        with self.project.open_catalogue(write=False) as cat, cat.snapshot():
            known = entries_of(cat, self._recipe, list(numbers))
        self._paths |= {one.picture.sha256: one.picture.path for one in known.values()}
        return known
