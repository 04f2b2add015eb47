"""Families: what is dropped, for whose sake, and what a person's word does to it."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageEnhance, ImageFont, ImageOps
from pixset.curation import UsageError, find_families, look, returned
from pixset.curation.duplicates.keeper import rank
from support.pictures import encode, photo, sha_of


class Shelf:
    """Pictures by name: their facts, and a reader of their bytes."""

    def __init__(self, **pictures: bytes) -> None:
        self.bytes = {sha_of(data): data for data in pictures.values()}
        self.sha = {name: sha_of(data) for name, data in pictures.items()}
        self.name = {sha: name for name, sha in self.sha.items()}
        self.facts = [look(data) for data in pictures.values()]

    def find(self, facts=None, **said):
        pairs = {
            kind: [frozenset(self.sha[name] for name in pair) for pair in found]
            for kind, found in said.items()
        }
        return find_families(facts or self.facts, read=self.bytes.__getitem__, **pairs)

    def dropped(self, **said) -> dict[str, str]:
        found = self.find(**said).dropped()
        return {self.name[sha]: self.name[keeper] for sha, keeper in found.items()}


def small(image: Image.Image, share: float = 0.5) -> Image.Image:
    return image.resize((int(image.width * share), int(image.height * share)))


def test_a_smaller_copy_is_dropped_for_the_larger():
    shelf = Shelf(large=encode(photo(1)), small=encode(small(photo(1))), other=encode(photo(2)))
    assert shelf.dropped() == {"small": "large"}


def test_the_recorded_distances_are_to_the_keeper_itself():
    shelf = Shelf(large=encode(photo(1)), small=encode(small(photo(1)), quality=30))
    (family,) = shelf.find().families
    (member,) = family.members
    large, little = shelf.facts
    assert (family.keeper, member.sha256) == (shelf.sha["large"], shelf.sha["small"])
    assert member.relation == "copy"
    assert member.phash == (
        (large.fingerprints["phash"] ^ little.fingerprints["phash"]).bit_count()
    )
    assert 0 < member.difference < 12


def test_equal_pixels_in_other_bytes_are_exact():
    shelf = Shelf(a=encode(photo(3), "PNG"), b=encode(photo(3), "PNG", compress_level=1))
    (family,) = shelf.find().families
    assert [member.relation for member in family.members] == ["exact"]


def edits():
    image = photo(5)
    return {
        "gray": image.convert("L").convert("RGB"),
        "darker": ImageEnhance.Brightness(image).enhance(0.7),
        "paler": ImageEnhance.Contrast(image).enhance(0.7),
        "redder": ImageEnhance.Color(image).enhance(1.4),
        "white border": ImageOps.expand(image, 12, "white"),
        "black border": ImageOps.expand(image, 30, "black"),
        "cropped": image.crop((12, 9, 350, 262)),
        "squeezed": image.resize((270, 270)),
    }


@pytest.mark.parametrize("edit", sorted(edits()))
def test_an_edited_copy_is_still_a_copy(edit):
    shelf = Shelf(original=encode(photo(5), quality=92), edited=encode(edits()[edit], quality=80))
    assert len(shelf.dropped()) == 1


@pytest.mark.parametrize("turn", list(Image.Transpose)[:5])
def test_a_turned_copy_is_for_a_person_and_stays_on_one_side_of_a_split(turn):
    shelf = Shelf(upright=encode(photo(6)), turned=encode(small(photo(6).transpose(turn), 0.8)))
    found = shelf.find()
    assert found.dropped() == {}
    assert [pair.why for pair in found.review] == ["mirrored or turned"]
    assert len(set(found.split_group.values())) == 1
    assert [member.relation for family in found.families for member in family.members] == ["maybe"]


def labelled(image: Image.Image, text: str, at: tuple[int, int] = (120, 110)) -> Image.Image:
    copy = image.copy()
    draw = ImageDraw.Draw(copy)
    draw.rectangle((at[0] - 6, at[1] - 4, at[0] + 120, at[1] + 34), fill="white")
    draw.text(at, text, fill="black", font=ImageFont.load_default(26))
    return copy


def test_another_label_on_the_same_picture_is_another_picture():
    shelf = Shelf(
        one=encode(labelled(photo(7), "LOT X3")), two=encode(labelled(photo(7), "3+1 FREE"))
    )
    found = shelf.find()
    assert found.dropped() == {}
    assert len(found.review) == 1
    assert len(set(found.split_group.values())) == 1


def bottle(colour: str, text: str) -> Image.Image:
    image = Image.new("RGB", (500, 500), "white")
    draw = ImageDraw.Draw(image)
    draw.rounded_rectangle((170, 90, 330, 440), 30, fill=colour)
    draw.text((250, 260), text, fill="white", font=ImageFont.load_default(34), anchor="mm")
    return image


@pytest.mark.parametrize(
    ("one", "two"),
    [(("firebrick", "MILD"), ("seagreen", "MILD")), (("navy", "MILD"), ("navy", "HOT!"))],
)
def test_the_same_product_in_another_colour_or_with_another_word_is_kept(one, two):
    shelf = Shelf(one=encode(bottle(*one)), two=encode(bottle(*two)))
    assert shelf.dropped() == {}


def test_the_same_product_resaved_is_dropped():
    image = bottle("navy", "MILD")
    shelf = Shelf(one=encode(image, quality=90), two=encode(small(image, 0.7), quality=75))
    assert shelf.dropped() == {"two": "one"}


def test_blank_pictures_are_apart_and_nobodys_copies():
    blanks = {name: encode(Image.new("RGB", (200, 150), name)) for name in ("red", "white", "gray")}
    fade = Image.linear_gradient("L").resize((200, 150)).convert("RGB")
    shelf = Shelf(**blanks, fade=encode(fade), photo=encode(photo(8)))
    found = shelf.find()
    assert {shelf.name[sha] for sha in found.low_information} == {*blanks, "fade"}
    assert found.families == ()
    assert {shelf.name[sha] for sha in found.split_group} == {"photo"}


def test_many_files_of_equal_hashes_are_reported_as_a_placeholder():
    image = photo(9)
    shelf = Shelf(**{f"q{quality}": encode(image, quality=quality) for quality in range(86, 96)})
    (group,) = [one for one in shelf.find().placeholders if len(one.members) >= 8]
    assert set(group.members) <= set(shelf.name)


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        (("JPEG", {"quality": 90}), ("GIF", {})),
        (("PNG", {}), ("JPEG", {"quality": 95})),
        (("JPEG", {"quality": 90}), ("JPEG", {"quality": 60})),
        (("JPEG", {"quality": 85}), ("WEBP", {"quality": 80})),
        (("JPEG", {"quality": 92}), ("AVIF", {"quality": 90})),
        (("WEBP", {"quality": 90}), ("JPEG", {"quality": 40})),
    ],
)
def test_of_one_size_the_better_format_and_quality_is_kept(better, worse):
    image = photo(10)
    kept, dropped = (look(encode(image, kind, **options)) for kind, options in (better, worse))
    assert rank(kept) < rank(dropped)


def test_a_border_makes_no_picture_larger():
    image = photo(10)
    framed = look(encode(ImageOps.expand(image, 60, "white"), quality=90))
    assert rank(look(encode(image, quality=92))) < rank(framed)


def test_a_colour_picture_is_kept_before_its_gray_copy():
    image = photo(10)
    gray = look(encode(image.convert("L"), "PNG"))
    assert rank(look(encode(image, quality=70))) < rank(gray)


def test_different_said_by_a_person_wins_over_the_pixels_and_is_not_asked_again():
    shelf = Shelf(large=encode(photo(1)), small=encode(small(photo(1))))
    found = shelf.find(different=[("large", "small")])
    assert found.dropped() == {}
    assert found.review == ()


def test_the_same_said_by_a_person_wins_over_the_pixels():
    shelf = Shelf(one=encode(photo(1)), two=encode(small(photo(2))))
    assert shelf.dropped(same=[("one", "two")]) == {"two": "one"}
    (family,) = shelf.find(same=[("one", "two")]).families
    assert family.members[0].by_person
    assert len(set(shelf.find(same=[("one", "two")]).split_group.values())) == 1


def test_what_a_person_called_the_same_moves_together_to_a_better_keeper():
    shelf = Shelf(
        best=encode(photo(1)), copy=encode(small(photo(1))), told=encode(small(photo(2), 0.4))
    )
    assert shelf.dropped(same=[("copy", "told")]) == {"copy": "best", "told": "best"}


def test_two_that_a_person_called_different_never_share_a_family():
    image = photo(1)
    shelf = Shelf(best=encode(image), one=encode(small(image, 0.8)), two=encode(small(image, 0.6)))
    dropped = shelf.dropped(different=[("one", "two")])
    assert dropped == {"one": "best"}


def test_different_wins_where_a_person_said_both():
    shelf = Shelf(one=encode(photo(1)), two=encode(small(photo(1))))
    assert shelf.dropped(same=[("one", "two")], different=[("one", "two")]) == {}


def test_an_opinion_about_pictures_that_are_not_there_is_no_error():
    shelf = Shelf(one=encode(photo(1)))
    assert find_families(shelf.facts, read=shelf.bytes.get, same=[frozenset("ab")]).families == ()


def test_an_opinion_about_one_picture_is_refused():
    with pytest.raises(UsageError):
        find_families([], read=lambda sha: b"", same=[frozenset({"a"})])


def test_what_other_colours_have_made_a_doubt_opens_no_file():
    tinted = (np.asarray(photo(1)) * (1.2, 1.0, 0.7)).clip(0, 255).astype(np.uint8)
    shelf = Shelf(plain=encode(photo(1)), tinted=encode(Image.fromarray(tinted)))
    opened = []
    found = find_families(shelf.facts, read=opened.append)
    assert (found.dropped(), [doubt.why for doubt in found.review]) == ({}, ["the colours differ"])
    assert opened == []


@pytest.mark.parametrize("error", [OSError("gone"), None])
def test_without_a_closer_look_nothing_is_dropped(error):
    shelf = Shelf(large=encode(photo(1)), small=encode(small(photo(1))))

    def read(sha):
        if error:
            raise error
        return b"no longer a picture"

    found = find_families(shelf.facts, read=read)
    assert found.dropped() == {}
    assert "could not be read" in found.review[0].why


def test_nothing_and_one_picture_make_no_family():
    shelf = Shelf(one=encode(photo(1)))
    assert find_families([], read=shelf.bytes.get).families == ()
    assert shelf.find().families == ()
    assert set(shelf.find().split_group) == {shelf.sha["one"]}


def chain() -> Shelf:
    """Ever tighter crops of one picture: neighbours are copies, the ends are not."""
    image = photo(12, (640, 480))
    pictures = {}
    for step in range(6):
        cut = int(24 * step)
        window = image.crop((cut, int(cut * 0.75), 640 - cut, 480 - int(cut * 0.75)))
        pictures[f"crop{step}"] = encode(window, quality=92)
    return Shelf(**pictures)


def test_a_chain_of_crops_is_cut_into_stars_and_stays_one_split_group():
    shelf = chain()
    found = shelf.find()
    kept = set(shelf.sha.values()) - set(found.dropped())
    assert set(found.dropped().values()) <= kept
    assert len(set(found.split_group.values())) == 1


def test_a_picture_that_comes_back_because_of_a_better_one_is_reported():
    shelf = chain()
    without = [facts for facts in shelf.facts if facts.sha256 != shelf.sha["crop0"]]
    before, after = shelf.find(without), shelf.find()
    back = set(before.dropped()) - set(after.dropped())
    assert set(returned(before, after)) == back
    assert returned(after, after) == ()


@pytest.fixture(scope="module")
def mixed() -> Shelf:
    """Copies, turned copies, look-alikes and strangers, enough for every branch."""
    pictures = {}
    for seed in range(2):
        image = photo(seed)
        pictures[f"{seed}"] = encode(image, quality=90)
        pictures[f"{seed} small"] = encode(small(image, 0.6), quality=70)
        pictures[f"{seed} framed"] = encode(ImageOps.expand(image, 14, "white"), quality=85)
        pictures[f"{seed} mirror"] = encode(ImageOps.mirror(image), quality=80)
        pictures[f"{seed} sold"] = encode(labelled(image, "SOLD"), quality=88)
    pictures["blank"] = encode(Image.new("RGB", (120, 90), "white"))
    return Shelf(**pictures)


quiet = settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture])


@quiet
@given(order=st.randoms(use_true_random=False))
def test_the_order_of_the_pictures_never_matters(mixed, order):
    shuffled = list(mixed.facts)
    order.shuffle(shuffled)
    assert mixed.find(shuffled) == mixed.find(mixed.facts)


@quiet
@given(data=st.data())
def test_every_dropped_picture_has_a_keeper_that_is_kept_and_was_confirmed(mixed, data):
    names = sorted(mixed.sha)
    pair = st.lists(st.sampled_from(names), min_size=2, max_size=2, unique=True)
    same, different = (data.draw(st.lists(pair, max_size=3)) for _ in range(2))
    found = mixed.find(same=same, different=different)
    dropped = found.dropped()
    assert not set(dropped) & set(dropped.values())
    apart = {frozenset(mixed.sha[name] for name in said) for said in different}
    for family in found.families:
        gone = [member for member in family.members if member.sha256 in dropped]
        for member in gone:
            alone = mixed.find(
                [facts for facts in mixed.facts if facts.sha256 in {family.keeper, member.sha256}]
            )
            pair = {member.sha256, family.keeper}  # alone, either may be the better one
            confirmed = {*alone.dropped(), *alone.dropped().values()} == pair
            assert member.by_person or confirmed
            assert frozenset({family.keeper, member.sha256}) not in apart
            assert found.split_group[member.sha256] == found.split_group[family.keeper]
    for doubt in found.review:
        assert frozenset({doubt.keeper, doubt.other}) not in apart


@quiet
@given(data=st.data())
def test_a_picture_that_is_added_undrops_no_other_silently(mixed, data):
    some = data.draw(st.lists(st.sampled_from(mixed.facts), min_size=2, unique_by=id))
    new = data.draw(st.sampled_from(mixed.facts))
    before, after = mixed.find(some), mixed.find([*some, new])
    back = [sha for sha in before.dropped() if sha not in after.dropped()]
    assert sorted(back) == list(returned(before, after))
    for sha in back:  # only because its keeper was itself dropped for a better one
        assert before.dropped()[sha] in after.dropped()


def test_split_groups_are_named_by_their_smallest_digest():
    shelf = Shelf(a=encode(photo(1)), b=encode(small(photo(1))), c=encode(photo(2)))
    group = shelf.find().split_group
    for name in group.values():
        assert name == min(other for other in group if group[other] == name)


def test_a_large_shuffled_set_gives_the_same_families_twice(mixed):
    one = list(mixed.facts)
    random.Random(4).shuffle(one)
    assert mixed.find(one).review == mixed.find().review


def test_a_crowd_of_one_outline_is_kept_and_nobody_is_asked_about_other_colours():
    colours = ("firebrick", "seagreen", "navy", "darkorange", "purple", "teal")
    shelf = Shelf(**{colour: encode(bottle(colour, "MILD")) for colour in colours})
    found = shelf.find()
    assert found.dropped() == {}
    assert len(found.review) < len(colours)


@pytest.mark.parametrize("edit", ["half", "webp", "framed", "gray", "cropped"])
def test_a_copy_of_a_drawn_thing_passes_the_prefilter(edit):
    image = bottle("navy", "MILD")
    copies = {
        "half": encode(small(image), quality=80),
        "webp": encode(image, "WEBP", quality=80),
        "framed": encode(ImageOps.expand(image, 30, "black"), quality=85),
        "gray": encode(image.convert("L"), quality=85),
        "cropped": encode(image.crop((10, 8, 490, 492)), quality=85),
    }
    shelf = Shelf(original=encode(image, quality=90), copy=copies[edit])
    found = shelf.find()
    assert found.dropped() or found.review
