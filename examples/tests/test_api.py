"""The scenes' REST API as a client meets it: the documented call, the errors, order and limits."""

from __future__ import annotations

import base64
import re
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import requests
import uvicorn
from conftest import EXAMPLES, drawn, encoded
from PIL import Image
from selenium.webdriver.common.by import By
from selenium.webdriver.support.wait import WebDriverWait

if TYPE_CHECKING:
    from collections.abc import Iterator

HUES = {"coast": 0.0, "nature": 0.33, "text_document": 0.66}


def text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def picture(label: str = "coast", seed: int = 1, kind: str = "JPEG") -> str:
    return text(encoded(drawn(HUES[label], seed), kind))


class Told:
    """A stand-in for a trained network: the likeliest scene is the one whose hue is seen."""

    input_shape = (None, 160, 160, 3)

    def predict_on_batch(self, batch: np.ndarray) -> np.ndarray:
        middle = batch[:, 60:100, 60:100].mean(axis=(1, 2))
        shares = np.full((len(batch), 3), 0.01, "float32")
        shares[np.arange(len(batch)), middle.argmax(axis=1)] = 0.98
        return shares


@pytest.fixture(scope="module")
def api() -> Iterator[str]:
    """The API served by uvicorn on a free port of the loopback, with the stand-in behind it."""
    sys.path.append(str(EXAMPLES / "scenes"))
    from api import server

    server.trained = lambda: (Told(), list(HUES))
    config = uvicorn.Config(server.app, port=0, log_level="warning")
    running = uvicorn.Server(config)
    thread = threading.Thread(target=running.run, daemon=True)
    thread.start()
    while not running.started:
        assert thread.is_alive()
        time.sleep(0.05)
    port = running.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}"
    running.should_exit = True
    thread.join()


def ask(api: str, body: Any) -> requests.Response:
    return requests.post(f"{api}/classify/", json=body, timeout=120)


def test_the_documented_call_answers_with_tags(api: str) -> None:
    answer = ask(api, {"images": [picture("text_document")]})
    assert (answer.status_code, answer.json()) == (200, {"tags": [["Text document"]]})


def test_tags_come_in_the_order_asked(api: str) -> None:
    labels = ["nature", "coast", "text_document"] * 15
    answer = ask(api, {"images": [picture(one, seed) for seed, one in enumerate(labels)]})
    spoken = {"nature": "Nature", "coast": "Coast", "text_document": "Text document"}
    assert answer.json()["tags"] == [[spoken[one]] for one in labels]


def test_png_rgba_and_cmyk_and_data_urls_are_taken(api: str) -> None:
    see_through = drawn(HUES["nature"], 3)
    see_through.putalpha(255)
    images = [
        text(encoded(see_through, "PNG")),
        text(encoded(drawn(HUES["coast"], 4).convert("CMYK"))),
        "data:image/png;base64," + picture("text_document", 5, "PNG"),
    ]
    answer = ask(api, {"images": images})
    assert answer.json() == {"tags": [["Nature"], ["Coast"], ["Text document"]]}


def test_no_images_are_no_tags(api: str) -> None:
    assert ask(api, {"images": []}).json() == {"tags": []}


GRAY = text(encoded(Image.new("L", (40, 40), 90), "PNG"))
WEBP = text(encoded(Image.new("RGB", (40, 40), "red"), "WEBP"))


@pytest.mark.parametrize(
    ("body", "wanted"),
    [
        ({}, {"detail": "Missing parameter 'images'"}),
        ([], {"detail": "Missing parameter 'images'"}),
        ({"pictures": []}, {"detail": "Missing parameter 'images'"}),
        ({"images": "abc"}, {"detail": "Bad format: 'images' parameter must be a list"}),
        ({"images": {"0": "abc"}}, {"detail": "Bad format: 'images' parameter must be a list"}),
        ({"images": None}, {"detail": "Bad format: 'images' parameter must be a list"}),
    ],
)
def test_a_body_of_another_shape_is_refused(api: str, body: Any, wanted: Any) -> None:
    answer = ask(api, body)
    assert (answer.status_code, answer.json()) == (400, wanted)


@pytest.mark.parametrize(
    ("entry", "wanted"),
    [
        ("not base64 at all!", "Entry in 'images' list is not a base64 image"),
        (text(b"words, no picture"), "Entry in 'images' list is not a base64 image"),
        (17, "Entry in 'images' list is not a base64 image"),
        ("", "Entry in 'images' list is not a base64 image"),
        (WEBP, "Unsupported file extension. Use .jpg or .png"),
        (GRAY, "Unsupported color mode. Accepted: RGB, RGBA and CMYK"),
    ],
)
def test_one_bad_entry_refuses_the_batch_and_is_named(api: str, entry: Any, wanted: str) -> None:
    answer = ask(api, {"images": [picture(), picture(), entry, picture()]})
    assert (answer.status_code, answer.json()) == (400, {"detail": wanted, "entry": 2})


def test_a_body_that_is_no_json_is_400_not_422(api: str) -> None:
    answer = requests.post(f"{api}/classify/", data="{", timeout=60)
    assert answer.status_code == 400
    assert "detail" in answer.json()


def test_too_many_pictures_and_too_long_a_body_are_refused(api: str) -> None:
    assert "at most 256" in ask(api, {"images": ["a"] * 257}).json()["detail"]
    head = {"Content-Length": str(2**31), "Content-Type": "application/json"}
    with requests.Session() as session:
        request = requests.Request("POST", f"{api}/classify/", headers=head).prepare()
        request.headers["Content-Length"] = str(2**31)
        assert session.send(request, timeout=60).status_code == 413


def test_a_body_that_does_not_say_its_length_is_bounded_too(api: str) -> None:
    parts = (b" " * 2**22 for _ in range(60))
    answer = requests.post(f"{api}/classify/", data=parts, timeout=120)
    assert (answer.status_code, answer.json()) == (
        413,
        {"detail": "The request is larger than 200 MB"},
    )


def test_a_large_picture_is_refused_by_its_size_not_its_bytes(api: str) -> None:
    flat = Image.new("RGB", (8000, 7000))
    answer = ask(api, {"images": [text(encoded(flat, "PNG"))]})
    assert answer.status_code == 400
    assert "megapixels" in answer.json()["detail"]


def test_the_docs_are_there_with_and_without_the_last_slash(api: str) -> None:
    for place in ("/docs", "/docs/"):
        page = requests.get(api + place, timeout=60)
        assert page.status_code == 200
        assert "swagger" in page.text
    script = re.search(r'src="(/docs/files/[^"]+)"', page.text)
    assert script is not None
    assert requests.get(api + script[1], timeout=60).status_code == 200
    schema = requests.get(f"{api}/openapi.json", timeout=60).json()
    assert schema["openapi"].startswith("3.0.")
    assert "/classify/" in schema["paths"]


@pytest.mark.parametrize(
    "path", ["/", "/classify/../api/server.py", "/docs/files/../../api.py", "/x"]
)
def test_no_path_that_is_no_route_gives_anything(api: str, path: str) -> None:
    request = requests.Request("GET", api + path).prepare()
    request.url = api + path
    with requests.Session() as session:
        assert session.send(request, timeout=60).status_code in (404, 405)


def test_twenty_clients_at_once_get_their_own_answers(api: str) -> None:
    labels = [list(HUES)[number % 3] for number in range(20)]

    def client(number: int) -> Any:
        return ask(api, {"images": [picture(labels[number], number)] * 3}).json()["tags"]

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(client, range(20)))
    spoken = {"nature": "Nature", "coast": "Coast", "text_document": "Text document"}
    assert answers == [[[spoken[label]]] * 3 for label in labels]


@pytest.mark.parametrize(
    ("shares", "wanted"),
    [
        ([0.91, 0.05, 0.04], ["Coast"]),
        ([0.9, 0.06, 0.04], ["Coast", "Nature"]),
        ([0.3, 0.3, 0.2, 0.2], ["Coast", "Nature"]),
        ([0.25, 0.25, 0.25, 0.25], ["Unknown"]),
    ],
)
@pytest.mark.usefixtures("api")
def test_the_tag_rule(shares: list[float], wanted: list[str]) -> None:
    from api.tagging import tags

    labels = [*HUES, "sky"]
    told = tags(np.array(shares), labels)
    assert sorted(told) == sorted(wanted)


def test_the_docs_show_the_call_in_a_browser(api: str, chromium: Any) -> None:
    chromium.get(f"{api}/docs")
    found = WebDriverWait(chromium, 60).until(
        lambda page: page.find_elements(By.CLASS_NAME, "opblock-summary-path")
    )
    assert found[0].text.replace("\u200b", "") == "/classify/"
