"""The one file: its constraints, its migrations, its lock, and what it says when it cannot."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from pixset.datasets.catalogue import Catalogue, images, searches
from pixset.datasets.catalogue.border import in_one_line
from pixset.datasets.catalogue.images import Fate, ImageRecord
from pixset.datasets.catalogue.schema import MIGRATIONS, Migration
from pixset.datasets.catalogue.searches import SearchRecord
from pixset.datasets.catalogue.store import require_strict
from pixset.datasets.errors import UsageError
from pixset.scraper.models import Candidate, Filters, Query

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SHA = "ab" * 32
SEARCH = SearchRecord("pizza", "bing", searches.canonical(Query("pizza")), "pizza", asked=10)


@pytest.fixture
def cat(tmp_path: Path) -> Iterator[Catalogue]:
    with Catalogue.open(tmp_path / "pixset.sqlite", create=True) as opened:
        yield opened


def claim(rank: int, **more: object) -> Candidate:
    plain = Candidate("bing", f"k{rank}", rank, f"https://x.example/{rank}.jpg", None)
    return replace(plain, **more)  # type: ignore[arg-type]  # the test's own keywords


def test_a_query_has_one_spelling_and_reads_back() -> None:
    query = Query("pizza al taglio", Filters(min_size=400, lang="it"))
    text = searches.canonical(query)
    assert text == '{"filters":{"lang":"it","min_size":400},"term":"pizza al taglio"}'
    assert searches.read_query(text) == query
    assert searches.canonical(Query("ピザ")) == '{"term":"ピザ"}'


def test_a_url_has_one_fate_a_picture_or_a_failure(cat: Catalogue) -> None:
    neither = Fate("https://x.example/1.jpg", "http")
    with pytest.raises(sqlite3.IntegrityError), cat.transaction():
        images.record_fate(cat, neither)
    with pytest.raises(sqlite3.IntegrityError), cat.transaction():
        images.record_fate(cat, replace(neither, via="pigeon", failure="lost"))


def test_any_number_of_digests_can_be_asked_for(cat: Catalogue) -> None:
    with cat.transaction():
        images.add_image(cat, ImageRecord(SHA, "images/pizza/ab.jpg", 3, "jpg"))
    asked = [f"{n:064x}" for n in range(260_000)]  # more than any SQLite takes at once
    assert images.numbers(cat, [*asked, SHA]) == {SHA: 1}
    assert images.numbers(cat) == {SHA: 1}
    assert images.numbers(cat, []) == {}


def test_a_failure_may_become_a_picture_and_a_picture_stays(cat: Catalogue) -> None:
    url = "https://x.example/1.jpg"
    with cat.transaction():
        images.add_image(cat, ImageRecord(SHA, "images/pizza/ab.jpg", 3, "jpg"))
        images.record_fate(cat, Fate(url, "http", failure="connection"))
        images.record_fate(cat, Fate(url, "http", sha256=SHA))
        images.record_fate(cat, Fate(url, "http", failure="http-404"))
    assert images.fate_of(cat, url) == Fate(url, "http", sha256=SHA)


def test_a_fate_names_a_picture_that_is_there(cat: Catalogue) -> None:
    with pytest.raises(sqlite3.IntegrityError), cat.transaction():
        images.record_fate(cat, Fate("https://x.example/1.jpg", "http", sha256=SHA))


def test_a_wrong_call_is_no_damage(cat: Catalogue, tmp_path: Path) -> None:
    with pytest.raises(sqlite3.ProgrammingError), in_one_line(tmp_path):
        sqlite3.connect(":memory:").execute("SELECT ?", (1, 2))
    cat.close()
    with pytest.raises(sqlite3.ProgrammingError):
        images.fate_of(cat, "https://x.example/1.jpg")


@pytest.mark.parametrize("path", ["/etc/passwd", "images\\pizza\\a.jpg"])
def test_a_pictures_path_is_relative_and_posix(cat: Catalogue, path: str) -> None:
    with pytest.raises(sqlite3.IntegrityError), cat.transaction():
        images.add_image(cat, ImageRecord(SHA, path, 3, "jpg"))


def test_a_transaction_is_all_or_nothing(cat: Catalogue) -> None:
    def begin_and_break() -> None:
        with cat.transaction(), cat.transaction():
            searches.begin_search(cat, SEARCH)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        begin_and_break()
    assert searches.searches(cat) == []


def test_a_sighting_seen_again_keeps_what_it_had_and_gains_what_it_lacked(cat: Catalogue) -> None:
    with cat.transaction():
        searches.begin_search(cat, SEARCH)
        searches.record_sighting(cat, SEARCH, claim(4, title="A pizza"), None)
        searches.record_sighting(
            cat, SEARCH, replace(claim(4), rank=2, page_url="https://x.example/p"), "data:0"
        )
    (seen,) = searches.sightings(cat)
    assert (seen.rank, seen.title, seen.page_url, seen.preview_url) == (
        2,
        "A pizza",
        "https://x.example/p",
        "data:0",
    )


def test_a_search_begun_again_is_open_until_it_ends(cat: Catalogue) -> None:
    with cat.transaction():
        searches.begin_search(cat, SEARCH)
        searches.record_sighting(cat, SEARCH, claim(1), None)
        searches.end_search(cat, SEARCH, "captcha", "asks for a captcha")
    (ended,) = searches.searches(cat)
    assert (ended.outcome, ended.found) == ("captcha", 1)
    with cat.transaction():
        searches.begin_search(cat, SEARCH)
    (begun,) = searches.searches(cat)
    assert (begun.outcome, begun.detail) == (None, None)


def test_an_outcome_is_one_of_those_that_have_a_name(cat: Catalogue) -> None:
    with cat.transaction():
        searches.begin_search(cat, SEARCH)
    with pytest.raises(sqlite3.IntegrityError), cat.transaction():
        searches.end_search(cat, SEARCH, "nothing", "")


def test_a_picture_stands_with_the_best_rank_of_each_label(cat: Catalogue) -> None:
    other = replace(SEARCH, label="pie")
    with cat.transaction():
        images.add_image(cat, ImageRecord(SHA, "images/pizza/ab.jpg", 3, "jpg"))
        for search, rank in ((SEARCH, 7), (SEARCH, 3), (other, 9)):
            searches.begin_search(cat, search)
            searches.record_sighting(cat, search, claim(rank), None)
            images.attach(cat, search, f"k{rank}", rank, SHA, "preview")
    (picture,) = images.images(cat)
    assert picture.labels == {"pizza": 3, "pie": 9}
    assert images.count_images(cat, "pizza") == 1


def test_every_step_is_recorded_and_counted(cat: Catalogue) -> None:
    names = [row[0] for row in cat.rows("SELECT name FROM migration ORDER BY number")]
    assert names == [step.name for step in MIGRATIONS]
    assert cat.rows("PRAGMA user_version")[0][0] == len(MIGRATIONS)


def test_a_step_that_fails_leaves_the_catalogue_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "pixset.sqlite"
    bad = Migration(
        "bad", ("CREATE TABLE extra (x TEXT) STRICT", "CREATE TABLE extra (x TEXT) STRICT")
    )
    Catalogue.open(path, create=True).close()
    with pytest.raises(Exception, match="extra"):
        Catalogue.open(path, steps=(*MIGRATIONS, bad))
    with Catalogue.open(path) as again:
        assert not again.rows("SELECT 1 FROM sqlite_master WHERE name = 'extra'")
        assert len(again.rows("SELECT * FROM migration")) == len(MIGRATIONS)


def test_an_older_catalogue_is_brought_up_to_date_with_what_it_holds(tmp_path: Path) -> None:
    path = tmp_path / "pixset.sqlite"
    with Catalogue.open(path, create=True, steps=MIGRATIONS[:1]) as old, old.transaction():
        searches.begin_search(old, SEARCH)
    with Catalogue.open(path, write=False) as now:  # a reader, too, finds it up to date
        assert len(searches.searches(now)) == 1
        assert now.rows("SELECT count(*) FROM placement")[0][0] == 0


def test_a_newer_catalogue_is_refused_in_one_line(tmp_path: Path) -> None:
    path = tmp_path / "pixset.sqlite"
    newer = Migration("newer", ("CREATE TABLE later (x TEXT) STRICT",))
    Catalogue.open(path, create=True, steps=(*MIGRATIONS, newer)).close()
    with pytest.raises(UsageError, match="newer pixset") as told:
        Catalogue.open(path)
    assert "\n" not in str(told.value)


def test_a_foreign_file_is_refused_and_left_alone(tmp_path: Path) -> None:
    text = tmp_path / "pixset.sqlite"
    text.write_text("not a database, but long enough to be taken for one at first sight")
    with pytest.raises(UsageError, match="not a catalogue"):
        Catalogue.open(text)
    other = tmp_path / "other.sqlite"
    connection = sqlite3.connect(other)
    connection.execute("CREATE TABLE theirs (x)")
    connection.close()
    with pytest.raises(UsageError, match="no catalogue of pixset"):
        Catalogue.open(other)


def test_damaged_text_is_said_as_damage(tmp_path: Path) -> None:
    path = tmp_path / "pixset.sqlite"
    Catalogue.open(path, create=True).close()
    whole = path.read_bytes()
    tables = [at for at in range(len(whole)) if whole.startswith(b"CREATE TABLE", at)]
    for at in tables[::4]:
        name = at + len(b"CREATE TABLE ")
        path.write_bytes(whole[:at] + b"CREATE \x8dABLE " + whole[name:])
        for write in (True, False):
            with pytest.raises(UsageError, match="damaged"):
                Catalogue.open(path, write=write).close()


def test_no_catalogue_is_said_with_what_makes_one(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="pixset scrape"):
        Catalogue.open(tmp_path / "pixset.sqlite")


def test_an_old_sqlite_is_said_in_one_line() -> None:
    with pytest.raises(UsageError, match=r"SQLite is 3\.36\.0, pixset needs 3\.37\.0"):
        require_strict((3, 36, 0))
    require_strict((3, 37, 0))


HOLDER = (
    "import sys; from pathlib import Path; from pixset.datasets.catalogue import Catalogue\n"
    "cat = Catalogue.open(Path(sys.argv[1]), create=True); print('held', flush=True)\n"
    "sys.stdin.read()"
)


def test_another_process_that_writes_is_named_and_its_death_frees_the_dataset(
    tmp_path: Path,
) -> None:
    path = tmp_path / "pixset.sqlite"
    with subprocess.Popen(
        [sys.executable, "-P", "-c", HOLDER, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=tmp_path,
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(UsageError, match=f"process {holder.pid}"):
            Catalogue.open(path)
        with Catalogue.open(path, write=False) as reader:
            assert searches.searches(reader) == []
        holder.kill()
        holder.wait()
    Catalogue.open(path).close()


def test_a_reader_writes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "pixset.sqlite"
    Catalogue.open(path, create=True).close()
    with Catalogue.open(path, write=False) as reader, pytest.raises(UsageError, match="written"):
        reader.execute("DELETE FROM image_row")


def test_a_catalogue_that_is_not_of_its_version_is_said_as_damage(tmp_path: Path) -> None:
    said = []
    for number in range(1, len(MIGRATIONS)):
        path = tmp_path / str(number) / "pixset.sqlite"
        Catalogue.open(path, create=True).close()
        with sqlite3.connect(path) as connection:
            connection.execute(f"PRAGMA user_version = {number}")
        connection.close()
        try:
            Catalogue.open(path).close()
        except UsageError as error:
            said.append(str(error))
    assert said
    assert all("damaged" in line and "put a copy of the catalogue there" in line for line in said)
