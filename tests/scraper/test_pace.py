"""Pauses and scroll steps: drawn, seeded, summed, interruptible."""

from __future__ import annotations

import statistics
import threading
from dataclasses import replace

import pytest
from pixset.scraper.errors import UsageError
from pixset.scraper.pace import PACES, Pace, pace


def test_the_same_name_and_seed_draw_the_same_pauses_and_steps() -> None:
    def course(seed: int) -> list[float]:
        walker = pace("human", seed)
        return [
            value
            for _ in range(20)
            for value in (walker.draw("look"), *walker.steps(), walker.draw("step"))
        ]

    assert course(7) == course(7)
    assert course(7) != course(8)


def test_another_name_is_refused_in_one_line_that_lists_the_names() -> None:
    with pytest.raises(UsageError, match="human, brisk, none"):
        pace("hurried")


def test_pauses_spread_around_their_median_with_a_long_tail_and_an_end() -> None:
    walker = pace("human", 1)
    drawn = sorted(walker.draw("click") for _ in range(2000))
    median = PACES["human"].medians["click"]
    assert statistics.median(drawn) == pytest.approx(median, rel=0.1)
    assert statistics.mean(drawn) > statistics.median(drawn)
    assert drawn[0] > 0
    assert drawn[-1] <= 4 * median


def test_now_and_then_a_look_is_a_longer_rest() -> None:
    walker = pace("human", 2)
    usual = PACES["human"].medians["look"]
    rests = sum(walker.draw("look") > 2.8 * usual for _ in range(1000))
    assert 20 < rests < 200


def test_steps_are_small_and_uneven_and_sometimes_go_back() -> None:
    walker = pace("human", 3)
    scrolls = [list(walker.steps()) for _ in range(300)]
    steps = [step for scroll in scrolls for step in scroll]
    assert len(set(steps)) > 0.95 * len(steps)
    assert max(steps) < 0.6
    assert any(step < 0 for step in steps)
    assert all(sum(scroll) > 0 for scroll in scrolls)


def test_pace_none_draws_no_pause_at_all() -> None:
    walker = pace("none")
    assert [walker.pause(kind) for kind in ("step", "look", "click", "retry", "query")] == [0.0] * 5
    assert walker.waited == 0.0


def test_brisk_is_quicker_than_human_in_every_kind_of_pause() -> None:
    brisk, human = PACES["brisk"].medians, PACES["human"].medians
    assert brisk.keys() == human.keys()
    assert all(brisk[kind] < human[kind] for kind in human)


def test_what_was_waited_is_summed() -> None:
    walker = pace("brisk", 4)
    paused = walker.pause("step") + walker.pause("step")
    assert walker.waited == pytest.approx(paused)


def still(seconds: float) -> Pace:
    """A pace whose every step is paused for that long."""
    always = replace(PACES["brisk"], medians={"step": seconds}, spread=0.0)
    return Pace("still", 0, always)


def test_a_stop_wakes_the_pause_and_it_is_not_counted_as_waited() -> None:
    walker = still(3600.0)
    waiting = threading.Thread(target=walker.pause, args=("step",))
    waiting.start()
    walker.stop()
    waiting.join(timeout=20)
    assert not waiting.is_alive()
    assert walker.waited == 0.0


def test_after_a_resume_pauses_are_waited_again() -> None:
    walker = still(0.01)
    walker.stop()
    walker.pause("step")
    walker.resume()
    walker.pause("step")
    assert walker.waited == pytest.approx(0.01)


def test_work_since_the_last_pause_is_part_of_the_next() -> None:
    hours = iter(range(0, 36000, 3600))  # by this clock an hour goes by between any two looks
    walker = Pace("still", 0, still(3600.0).tempo, clock=lambda: float(next(hours)))
    walker.pause("step")
    assert walker.waited == pytest.approx(3600.0)
