from __future__ import annotations

import io
import json
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image
from pixset.curation.duplicates.candidates import candidates
from pixset.curation.duplicates.explain import Explanation, explain
from pixset.curation.duplicates.explain_report import as_html, as_text
from pixset.curation.duplicates.results import Doubt, Families, Family, Member
from pixset.curation.images.facts import Facts
from pixset.curation.images.measure import look

if TYPE_CHECKING:
    from collections.abc import Callable


def photo(seed: int, quality: int = 90) -> bytes:
    rng = np.random.default_rng(seed)
    small = Image.fromarray(rng.integers(0, 256, (40, 60, 3), dtype=np.uint8))
    out = io.BytesIO()
    small.resize((240, 160), Image.Resampling.BICUBIC).save(out, "JPEG", quality=quality)
    return out.getvalue()


@pytest.fixture(scope="module")
def pictures() -> dict[str, bytes]:
    made = [photo(seed) for seed in range(12)] + [photo(0, 50), photo(1, 40)]
    return {look(data).sha256: data for data in made}


@pytest.fixture(scope="module")
def facts(pictures: dict[str, bytes]) -> list[Facts]:
    return [look(data) for data in pictures.values()]


def found(facts: list[Facts]) -> Families:
    keeper, doubtful = facts[0].sha256, facts[1].sha256
    copy, other = facts[12].sha256, facts[13].sha256
    return Families(
        families=(Family(keeper, (Member(copy, "copy", 2, 1, 3.5),)),),
        split_group={one.sha256: one.sha256 for one in facts} | {copy: keeper, other: doubtful},
        low_information=(facts[11].sha256,),
        review=(Doubt(doubtful, other, 4, 2, 21.0, 0.8, "other <light>"),),
    )


def test_nearest_distances_and_border_pairs_come_from_the_pictures(facts: list[Facts]) -> None:
    names = {facts[0].sha256: "a/keeper.jpg"}
    seen = explain(facts, found(facts), names=names)
    assert seen.pictures == 14
    assert sum(seen.nearest.values()) == seen.sampled == 13  # one says nothing
    assert all(bits % 2 == 0 for bits in seen.nearest)
    within = (facts[0].fingerprints["phash"] ^ facts[12].fingerprints["phash"]).bit_count()
    assert seen.nearest[within] >= 2
    assert [pair.verdict for pair in seen.border] == ["copy", "maybe"]
    record = json.loads(json.dumps(seen.to_json()))
    assert record["border"][0]["keeper"] == "a/keeper.jpg"
    assert record["border"][1]["why"] == "other <light>"
    assert [one["phash"] for one in record["radii"]] == [4, 6, 8, 10, 12, 14]


def test_a_small_folder_borrows_the_expectation_of_real_photographs(facts: list[Facts]) -> None:
    seen = explain(facts, found(facts))
    assert not seen.own_curve
    at_ten = next(one for one in seen.radii if one.bits == 10)
    assert at_ten.low == at_ten.high == pytest.approx(36 / 14.13e6 * 13 * 12 / 2)
    assert at_ten.per_10k == pytest.approx(127.4, abs=0.1)
    assert "too few" in as_text(seen)


def test_the_radius_that_is_shown_as_used_is_the_one_within_which_pairs_are_proposed() -> None:
    base = look(photo(0))
    alike = {}
    for bits in range(0, 33, 2):  # one pair for each distance, no two pairs near one another
        far = [
            sum(1 << int(bit) for bit in row)
            for row in np.random.default_rng(bits).permuted(np.tile(np.arange(64), (2, 1)), axis=1)[
                :, :32
            ]
        ]
        ones = [
            {"phash": far[0], "dhash": far[1]},
            {"phash": far[0] ^ ((1 << bits) - 1), "dhash": far[1] ^ ((1 << 64) - 1)},
        ]
        fields = {name: getattr(base, name) for name in Facts.__dataclass_fields__}
        pair = [Facts(**fields | {"fingerprints": one}) for one in ones]
        alike[bits] = len(candidates(pair)) > 0
    seen = explain([base], Families((), {}, (), ()))
    proposed = max(bits for bits, near in alike.items() if near and bits <= 20)
    assert seen.used == proposed
    assert [line.split()[0] for line in as_text(seen).splitlines() if line.endswith(" *")] == [
        str(proposed)
    ]


def test_a_large_folder_is_explained_by_its_own_distances() -> None:
    rng = np.random.default_rng(0)
    base = look(photo(0))
    many = []
    for number in range(700):
        bits = rng.permutation(64)[:32]
        value = sum(1 << int(bit) for bit in bits)
        prints = {"phash": value, "dhash": number}
        fields = {name: getattr(base, name) for name in Facts.__dataclass_fields__}
        fields |= {"sha256": f"{number:064x}", "fingerprints": prints}
        many.append(Facts(**fields))
    seen = explain(many, Families((), {}, (), ()))
    assert seen.own_curve
    for one in seen.radii:
        assert 0 <= one.low <= one.high
    # Random balanced hashes: the chance of 14 bits or fewer is 1.6e-5, of 10 or fewer 1.2e-7.
    at = {one.bits: one for one in seen.radii}
    pairs = 700 * 699 / 2
    assert at[14].low / 3 < 1.6e-5 * pairs < at[14].high * 3
    assert at[10].low < 1.0


class Page(HTMLParser):
    """Counts pictures, and refuses what would be fetched."""

    def __init__(self) -> None:
        super().__init__()
        self.pictures = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag not in {"script", "link", "iframe", "light"}
        for name, value in attrs:
            if name == "src":
                assert value is not None
                assert value.startswith("data:image/jpeg;base64,")
                self.pictures += 1


@pytest.mark.parametrize("reading", ["bytes", "thumbs", "gone"])
def test_the_page_needs_no_other_file_and_escapes_names(
    facts: list[Facts], pictures: dict[str, bytes], reading: str
) -> None:
    def gone(sha256: str) -> bytes:
        raise FileNotFoundError(sha256)

    read = {"bytes": pictures.__getitem__, "thumbs": None, "gone": gone}[reading]
    names = {facts[0].sha256: '<script>"x"</script>\udcff.jpg'}
    text = as_html(explain(facts, found(facts), names=names, read=read))
    page = Page()
    page.feed(text)
    assert page.pictures == 4
    text.encode("utf-8")


def test_one_picture_or_none_can_be_explained(facts: list[Facts]) -> None:
    for few in ([], facts[:1]):
        seen = explain(few, Families((), {}, (), ()))
        assert seen.nearest == {}
        assert "pictures" in as_text(seen)
        assert "<svg" in as_html(seen)


@pytest.mark.parametrize("write", [as_text, as_html])
def test_no_name_turns_or_breaks_what_is_written(
    facts: list[Facts], write: Callable[[Explanation], str]
) -> None:
    names = {facts[0].sha256: "\u202egpj.\x1b[31m\nvirus\udcff.jpg"}
    text = write(explain(facts, found(facts), names=names))
    assert r"\u202egpj.\x1b[31m\nvirus\xff.jpg".replace(r"\n", r"\x0a") in text
    assert not {"\u202e", "\x1b", "\udcff"} & set(text)
