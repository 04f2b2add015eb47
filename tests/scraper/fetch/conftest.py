"""A host whose every byte the test writes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pixset.scraper.errors import FetchFailed
from pixset.scraper.fetch import REASONS, FetchLimits, fetch, open_session
from support.raw_host import JPG, RawHost, raw_host

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture
def host() -> Iterator[RawHost]:
    with raw_host() as host:
        yield host


@pytest.fixture(params=[False, True], ids=["a new connection", "one used before"])
def get(host: RawHost, request: pytest.FixtureRequest) -> Callable[..., bytes | str]:
    """Fetch a path of the host (or a whole address): its bytes, or why there are none."""

    def get(path: str, **limits: float) -> bytes | str:
        url = path if path.startswith("http") else host.url + path
        given = FetchLimits(**({"allow_private": True, "deadline": 20} | limits))  # type: ignore[arg-type]  # a test's own words
        with open_session(given) as session:
            if request.param:
                assert fetch(f"{host.url}/first", limits=given, session=session).data == JPG
            try:
                return fetch(url, limits=given, session=session).data
            except FetchFailed as failure:
                reason = failure.reason
        assert reason in REASONS or reason.startswith("http-")
        return reason

    return get
