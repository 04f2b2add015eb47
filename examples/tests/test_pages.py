"""The services and pages as visitors meet them: in Chromium, by mouse, keyboard and upload."""

from __future__ import annotations

import base64
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from shared import models, pictures

import keras
import numpy as np
import pytest
import requests
from conftest import drawn, encoded
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.wait import WebDriverWait

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from types import ModuleType

# What a desktop hands over when a file is dropped on a page.
DROP = """
const [target, name, kind, text] = arguments;
const bytes = Uint8Array.from(atob(text), (one) => one.charCodeAt(0));
const data = new DataTransfer();
data.items.add(new File([bytes], name, {type: kind}));
for (const event of ["dragenter", "dragover", "drop"])
  target.dispatchEvent(new DragEvent(event, {dataTransfer: data, bubbles: true, cancelable: true}));
"""


@pytest.fixture(scope="module")
def page(module: Callable[[str], ModuleType], serving: Callable[[Any], str], lite: Path) -> str:
    networks = module("classify/networks.py")
    return serving(module("web/server.py").create_app(networks.load(weights=str(lite))))


@pytest.fixture(scope="module")
def flower_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A saved network that tells whether red, green or blue is strongest in the middle."""
    entry = keras.Input((64, 64, 3))
    means = keras.layers.GlobalAveragePooling2D()(keras.layers.Cropping2D(24)(entry))
    scaled = keras.layers.Rescaling(1 / 16)(means)
    model = keras.Model(entry, keras.layers.Softmax()(scaled))
    path = tmp_path_factory.mktemp("model") / "flowers.keras"
    models.save(model, path, ["Rose", "Tulip", "Daisy"])
    return path


@pytest.fixture
def form(
    module: Callable[[str], ModuleType], serving: Callable[[Any], str], flower_model: Path
) -> str:
    """The flower form, served on the loopback."""
    return serving(module("flowers/form.py").create_app(flower_model))


def wait(browser: Any, what: Callable[[Any], Any]) -> Any:
    return WebDriverWait(browser, 60).until(what)


def bars(browser: Any) -> list[str]:
    return [row.text for row in browser.find_elements(By.CSS_SELECTOR, "#classes li")]


def drop(browser: Any, data: bytes, name: str = "photo.jpg", kind: str = "image/jpeg") -> None:
    target = browser.find_element(By.ID, "drop")
    browser.execute_script(DROP, target, name, kind, base64.b64encode(data).decode())


def test_a_dropped_photo_uploads_by_itself_and_three_bars_appear(page: str, chromium: Any) -> None:
    chromium.get(page)
    drop(chromium, encoded(drawn(0.0, 1)))
    rows = wait(chromium, bars)
    assert len(rows) == 3
    assert all(row.endswith(" %") for row in rows)
    widths = chromium.execute_script(
        "return [...document.querySelectorAll('.track div')].map((e) => parseFloat(e.style.width))"
    )
    assert widths == sorted(widths, reverse=True)
    assert chromium.find_element(By.ID, "shown").is_displayed()
    assert chromium.find_element(By.ID, "state").text.startswith("Most likely: ")


def test_clear_starts_again_and_the_file_button_works_by_keyboard(
    page: str, chromium: Any, tmp_path: Path
) -> None:
    photo = tmp_path / "photo.png"
    drawn(0.4, 2).save(photo)
    chromium.get(page)
    chromium.find_element(By.ID, "photo").send_keys(str(photo))
    wait(chromium, bars)
    clear = chromium.find_element(By.ID, "clear")
    clear.send_keys(Keys.ENTER)
    assert bars(chromium) == []
    assert not chromium.find_element(By.ID, "shown").is_displayed()
    assert not clear.is_enabled()
    focused = chromium.execute_script("return document.activeElement.id")
    assert focused == "photo"
    chromium.find_element(By.ID, "photo").send_keys(str(photo))
    assert len(wait(chromium, bars)) == 3


def test_a_broken_file_is_one_line_and_the_next_photo_works(page: str, chromium: Any) -> None:
    chromium.get(page)
    drop(chromium, b"no picture", "broken.jpg")
    state = chromium.find_element(By.ID, "state")
    wait(chromium, lambda _: "wrong" in state.get_attribute("class"))
    assert state.text == "The picture is not a picture that can be read"
    assert bars(chromium) == []
    drop(chromium, encoded(drawn(0.2, 3)))
    assert len(wait(chromium, bars)) == 3


def test_every_control_of_the_page_has_a_name_and_the_answer_is_announced(
    page: str, chromium: Any
) -> None:
    chromium.get(page)
    for ident in ("photo", "clear", "classes"):
        assert chromium.find_element(By.ID, ident).accessible_name
    assert chromium.find_element(By.ID, "state").aria_role == "status"


def test_the_page_answers_twenty_visitors_each_with_their_own(page: str) -> None:
    photos = [encoded(drawn(number / 20, number)) for number in range(20)]

    def visit(data: bytes) -> list[str]:
        answer = requests.post(f"{page}/classify", files={"photo": ("a.jpg", data)}, timeout=120)
        assert answer.status_code == 200
        return [one["name"] for one in answer.json()["classes"]]

    alone = [visit(data) for data in photos[:3]]
    with ThreadPoolExecutor(20) as pool:
        together = list(pool.map(visit, photos))
    assert together[:3] == alone


@pytest.mark.parametrize("path", ["/../server.py", "/static/../server.py", "/nothing", "/classify"])
def test_no_path_that_is_no_route_gives_a_file(page: str, path: str) -> None:
    request = requests.Request("GET", page + path).prepare()
    request.url = page + path
    with requests.Session() as session:
        assert session.send(request, timeout=60).status_code in (404, 405)


def test_a_file_larger_than_the_limit_is_refused(page: str) -> None:
    answer = requests.post(
        f"{page}/classify", files={"photo": ("a.jpg", bytes(pictures.BYTES + 2**17))}, timeout=120
    )
    assert (answer.status_code, answer.json()) == (
        413,
        {"error": "The picture is larger than 20 MB"},
    )


def test_the_flower_form_tells_the_class_and_its_share(
    form: str, chromium: Any, tmp_path: Path
) -> None:
    photo = tmp_path / "tulip.jpg"
    drawn(0.33, 4).save(photo)
    chromium.get(form)
    chromium.find_element(By.ID, "picture").send_keys(str(photo))
    chromium.find_element(By.TAG_NAME, "button").click()
    answer = wait(chromium, lambda browser: browser.find_elements(By.CLASS_NAME, "answer"))
    assert answer[0].text.startswith("Tulip, ")
    assert chromium.find_element(By.TAG_NAME, "img").get_attribute("naturalWidth") != "0"


def test_the_flower_form_says_what_is_wrong_with_a_file(
    module: Callable[[str], ModuleType], flower_model: Path
) -> None:
    visitor = module("flowers/form.py").create_app(flower_model).test_client()
    nothing = visitor.post("/", data={})
    assert nothing.status_code == 400
    assert "No picture was sent" in nothing.text
    import io

    broken = visitor.post("/", data={"picture": (io.BytesIO(b"words"), "<b>.jpg")})
    assert (broken.status_code, "not a picture that can be read" in broken.text) == (400, True)


def test_a_file_over_the_limit_is_told_on_both_pages(
    page: str, form: str, chromium: Any, tmp_path: Path
) -> None:
    large = tmp_path / "large.jpg"
    large.write_bytes(b"x" * (21 * 2**20))
    chromium.get(form)
    chromium.find_element(By.ID, "picture").send_keys(str(large))
    chromium.find_element(By.CSS_SELECTOR, "form button").click()
    error = wait(chromium, lambda b: b.find_elements(By.CSS_SELECTOR, ".error"))
    assert error[0].text == "The picture is larger than 20 MB."
    chromium.get(page)
    chromium.find_element(By.ID, "photo").send_keys(str(large))
    state = chromium.find_element(By.ID, "state")
    wait(chromium, lambda _: "wrong" in state.get_attribute("class"))
    assert state.text == "The picture is larger than 20 MB"


def test_the_pizza_service_answers_a_form_and_a_bare_body(
    module: Callable[[str], ModuleType], flower_model: Path
) -> None:
    import io

    visitor = module("pizza/service.py").create_app(flower_model).test_client()
    data = encoded(drawn(0.0, 5))
    by_form = visitor.post("/predict", data={"picture": (io.BytesIO(data), "a.jpg")}).json
    by_body = visitor.post("/predict", data=data, content_type="image/jpeg").json
    assert by_form == by_body
    assert by_form["label"] == "Rose"
    assert np.isclose(sum(one["share"] for one in by_form["all"]), 1)
    refused = visitor.post("/predict", data={"picture": (io.BytesIO(b"no"), "a.jpg")})
    assert (refused.status_code, refused.json) == (
        400,
        {"error": "The picture is not a picture that can be read"},
    )
    assert visitor.post("/predict").status_code == 400
