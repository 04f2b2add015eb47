"""The review page over real HTTP: who may ask, what comes back, what is written."""

from __future__ import annotations

import io
import socket
from contextlib import suppress
from http.client import HTTPConnection
from typing import TYPE_CHECKING, Any

import pytest
import requests
from PIL import Image
from pixset.datasets.catalogue import decisions
from pixset.datasets.errors import UsageError
from pixset.datasets.project import Project
from pixset.datasets.review import Review, serve

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from .conftest import Shelf


@pytest.fixture
def page(shelf: Shelf) -> Iterator[Review]:
    with serve(shelf.project) as running:
        yield running


def say(page: Review, body: object, **headers: str) -> requests.Response:
    origin = f"http://127.0.0.1:{page.port}"
    return requests.post(
        f"{page.url}api/say", json=body, headers={"Origin": origin, **headers}, timeout=10
    )


def get(page: Review, path: str) -> requests.Response:
    return requests.get(page.url + path, timeout=10)


def test_the_page_and_its_files_come_from_here_alone(page: Review) -> None:
    html = get(page, "")
    assert html.status_code == 200
    assert "http://" not in html.text
    assert "https://" not in html.text
    policy = html.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert html.headers["Referrer-Policy"] == "no-referrer"
    assert get(page, "page.js").headers["Content-Type"].startswith("text/javascript")
    assert get(page, "page.css").status_code == 200


def test_it_listens_on_the_loopback_only(page: Review) -> None:
    name = socket.gethostbyname(socket.gethostname())
    if name.startswith("127."):
        pytest.skip("this machine has no other address to try")
    with pytest.raises(OSError, match="refused"):
        socket.create_connection((name, page.port), timeout=5)


def test_without_the_token_nothing_is_told(page: Review) -> None:
    base = f"http://127.0.0.1:{page.port}"
    for path in ("/", "/page.js", "/api/summary", "/x/api/summary", f"/{page.token[:-1]}/", "//"):
        refused = requests.get(base + path, timeout=10)
        assert refused.status_code == 403
        assert page.token not in refused.text


def test_a_strangers_name_for_this_address_is_refused(page: Review) -> None:
    for host in ("evil.example", f"evil.example:{page.port}", "127.0.0.1"):
        refused = requests.get(page.url, headers={"Host": host}, timeout=10)
        assert refused.status_code == 403
    assert requests.get(page.url.replace("127.0.0.1", "localhost"), timeout=10).ok


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://[::1"},
        {"Origin": "http://127.0.0.1:1"},
    ],
)
def test_what_another_page_posts_is_refused(
    page: Review, shelf: Shelf, headers: dict[str, str]
) -> None:
    refused = say(page, {"do": "drop", "shas": [shelf.shas[0]]}, **headers)
    assert refused.status_code == 403
    with shelf.project.open_catalogue(write=False) as cat:
        assert shelf.shas[0] not in decisions.standings(cat)


def test_a_form_cannot_speak(page: Review, shelf: Shelf) -> None:
    body = {"do": "drop", "shas": [shelf.shas[0]]}
    assert say(page, body, **{"Content-Type": "text/plain"}).status_code == 400


def test_a_click_is_on_record_when_the_answer_comes(page: Review, shelf: Shelf) -> None:
    told = say(page, {"do": "drop", "shas": [shelf.shas[0]]}).json()
    assert told["changed"][0]["state"] == "dropped"
    assert told["summary"]["sides"]["val"]["seen"] == 1
    with shelf.project.open_catalogue(write=False) as cat:
        assert decisions.standings(cat)[shelf.shas[0]].dropped
    told = say(page, {"do": "undo"}).json()
    assert told["changed"][0]["state"] == "open"


def test_a_pair_is_said_and_taken_back(page: Review, shelf: Shelf) -> None:
    entry = get(page, "api/page?view=pairs").json()["entries"][0]
    shas = [entry["sha"], entry["other"]["sha"]]
    assert sorted(shas) == sorted(shelf.pair)
    assert say(page, {"do": "same", "shas": shas}).json()["pair"] is True
    assert get(page, "api/page?view=pairs").json()["entries"] == []
    assert say(page, {"do": "undo"}).json()["pair"] is None
    assert len(get(page, "api/page?view=pairs").json()["entries"]) == 1


def test_pictures_are_jpegs_of_our_own_making(page: Review, shelf: Shelf) -> None:
    for kind in ("thumb", "image"):
        answer = get(page, f"{kind}/{shelf.shas[0]}.jpg")
        assert answer.headers["Content-Type"] == "image/jpeg"
        assert "immutable" in answer.headers["Cache-Control"]
        assert Image.open(io.BytesIO(answer.content)).size == (160, 120)


@pytest.mark.parametrize(
    "path", ["thumb/../pixset.sqlite", "thumb/0.jpg", "thumb", "image/..%2f..%2fetc%2fpasswd", "x"]
)
def test_no_path_leads_out(page: Review, path: str) -> None:
    session = requests.Session()
    request = requests.Request("GET", page.url).prepare()
    request.url = page.url + path  # as it is: requests would tidy the dots away
    assert session.send(request, timeout=10).status_code == 404


def test_a_picture_that_left_the_disk_is_missing_not_a_crash(page: Review, shelf: Shelf) -> None:
    next((shelf.project.root / "images" / "pizza").iterdir()).unlink()
    states = {get(page, f"thumb/{sha}.jpg").status_code for sha in shelf.shas}
    assert states == {200, 404}


@pytest.mark.parametrize(
    "body",
    [
        {"do": "delete", "shas": []},
        {"do": "keep", "shas": []},
        {"do": "keep", "shas": "abc"},
        {"do": "relabel", "shas": ["0" * 64], "label": "pizza"},
        {"do": "same", "shas": ["0" * 64]},
        {},
    ],
)
def test_a_word_that_makes_no_sense_is_answered_in_one_line(
    page: Review, body: dict[str, Any]
) -> None:
    answer = say(page, body)
    assert answer.status_code == 409
    assert "\n" not in answer.json()["error"]


@pytest.mark.parametrize("query", ["view=secret", "view=val&after=x", "view=val&count=many"])
def test_a_question_that_makes_no_sense_is_answered_too(page: Review, query: str) -> None:
    assert get(page, f"api/page?{query}").status_code == 409


def test_a_body_that_is_no_json_or_too_long_is_refused(page: Review) -> None:
    headers = {"Origin": f"http://127.0.0.1:{page.port}", "Content-Type": "application/json"}
    url = f"{page.url}api/say"
    assert requests.post(url, data=b"{", headers=headers, timeout=10).status_code == 400
    assert requests.post(url, data=b"[]", headers=headers, timeout=10).status_code == 400
    long = b" " * 1_000_001
    # Refused while the body is still on its way, the connection may break: refused all the same.
    with suppress(requests.ConnectionError):
        assert requests.post(url, data=long, headers=headers, timeout=10).status_code == 400


@pytest.mark.parametrize("size", ["9" * 5_000, "-1", "1_0", "", "two"])
def test_a_length_that_is_none_is_refused(page: Review, size: str) -> None:
    asked = HTTPConnection("127.0.0.1", page.port, timeout=10)
    asked.putrequest("POST", f"/{page.token}/api/say")
    asked.putheader("Origin", f"http://127.0.0.1:{page.port}")
    asked.putheader("Content-Length", size)
    asked.endheaders()
    assert asked.getresponse().status == 400
    asked.close()


def test_another_command_writing_meanwhile_is_said_not_lost(page: Review, shelf: Shelf) -> None:
    with shelf.project.open_catalogue():
        answer = say(page, {"do": "drop", "shas": [shelf.shas[0]]})
    assert answer.status_code == 409
    assert say(page, {"do": "drop", "shas": [shelf.shas[0]]}).ok


def test_opening_the_page_reads_the_dataset_as_it_is_now(page: Review, shelf: Shelf) -> None:
    with shelf.project.open_catalogue() as cat, cat.transaction():
        decisions.state_pair(cat, *shelf.pair, same=True)
    assert len(get(page, "api/page?view=pairs").json()["entries"]) == 1
    get(page, "")
    assert get(page, "api/page?view=pairs").json()["entries"] == []


def test_an_idle_connection_holds_nobody_up(page: Review) -> None:
    with socket.create_connection(("127.0.0.1", page.port)):
        assert get(page, "api/summary").ok


def test_what_a_browser_asks_while_the_page_ends_leaves_no_traceback(
    shelf: Shelf, capfd: pytest.CaptureFixture[str]
) -> None:
    with requests.Session() as browser:  # its connection stays open
        with serve(shelf.project) as page:
            assert browser.get(f"{page.url}api/summary", timeout=10).ok
        with pytest.raises(requests.ConnectionError):
            browser.get(f"{page.url}api/summary", timeout=10)
    assert capfd.readouterr().err == ""


def test_a_taken_port_and_a_folder_without_a_dataset_are_the_callers(
    page: Review, shelf: Shelf, tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match=f"port {page.port}"):
        serve(shelf.project, page.port)
    with pytest.raises(UsageError):
        Project.open(tmp_path / "nothing")
