"""Hosts on loopback with pictures of two labels, and the lists that name them."""

from __future__ import annotations

import hashlib
import json
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from support.lookalikes import scene
from support.pictures import encode
from support.servers import Host, answer, serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@dataclass
class Site:
    """Three hosts, and the rows of a manifest about what they serve."""

    hosts: list[Host]
    rows: list[dict[str, object]]

    def write_manifest(self, path: Path) -> Path:
        path.write_text("".join(json.dumps(row) + "\n" for row in self.rows), encoding="utf-8")
        return path

    def asked(self) -> int:
        return sum(len(host.seen) for host in self.hosts)


def pictures(each: int) -> list[tuple[str, bytes]]:
    """(label, bytes): scenes, smaller copies of some, one under both labels, a blank one."""
    found = []
    for label, shift in (("cat", 0), ("dog", 100)):
        for number in range(each):
            whole = scene(shift + number)
            found.append((label, encode(whole, quality=92)))
            if number < each // 3:
                found.append((label, encode(whole.resize((360, 270)), quality=80)))
    found.append(("dog", encode(scene(1).resize((420, 315)), quality=85)))
    found.append(("dog", found[0][1]))
    found.append(("cat", encode(scene(2).point(lambda _: 128), quality=90)))
    return found


@contextmanager
def site(each: int = 9) -> Iterator[Site]:
    """Serve them, with the ways in which addresses fail."""
    with ExitStack() as stack:
        hosts = [stack.enter_context(serving(Host())) for _ in range(3)]
        rows: list[dict[str, object]] = []

        def add(label: str, data: bytes, **columns: object) -> None:
            digest = hashlib.sha256(data).hexdigest()
            row = {"source_sha256": digest, "label": label, "split": "train", **columns}
            rows.append({**row, "title": f"{label} {len(rows)}"})

        for number, (label, data) in enumerate(pictures(each)):
            host = hosts[number % 3]
            url = host.page(f"/{number}.jpg", data, Content_Type="image/jpeg")
            add(label, data, image_url=url, page_url=f"{host.url}/page")
        good = pictures(1)[0][1]
        cut = good[: len(good) // 3]
        add("cat", good, image_url=f"{hosts[0].url}/gone.jpg")
        add("cat", good, image_url=hosts[1].page("/other.jpg", cut, Content_Type="image/jpeg"))
        add("cat", cut, image_url=hosts[1].page("/cut.jpg", cut, Content_Type="image/jpeg"))
        kept_out = hosts[2].page("/no.jpg", good, Content_Type="image/jpeg", X_Robots_Tag="noai")
        add("dog", good, image_url=kept_out)
        add("dog", good, image_url=hosts[0].page("/text.jpg", "<p>no picture</p>"))
        add("dog", good, image_url="http://[no-host/1.jpg")
        add("dog", good)
        last = encode(scene(300), quality=90)
        later = hosts[2].page("/later.jpg", last, Content_Type="image/jpeg")
        hosts[0].pages["/first.jpg"] = answer(b"", status=410)
        add("dog", last, final_url=f"{hosts[0].url}/first.jpg", image_url=later)
        yield Site(hosts, rows)
