"""Sites left out are named by their registrable domain."""

from __future__ import annotations

import pytest
from pixset.datasets.errors import UsageError
from pixset.datasets.recipe.hosts import left_out_site, named_site, site_of
from pixset.datasets.recipe.toml import parse


@pytest.mark.parametrize(
    ("host", "site"),
    [
        ("image.shutterstock.com", "shutterstock.com"),
        ("WWW.Bild.DE.", "bild.de"),
        ("a.b.co.uk", "b.co.uk"),
        ("cats.blogspot.com", "cats.blogspot.com"),
        ("www.müller.de", "xn--mller-kva.de"),
        ("127.0.0.1", "127.0.0.1"),
        ("localhost", "localhost"),
        ("", ""),
    ],
)
def test_a_host_s_site_is_its_registrable_domain(host: str, site: str) -> None:
    assert site_of(host) == site


@pytest.mark.parametrize(
    "text",
    ["shutterstock.com", "www.shutterstock.com", "*.shutterstock.com", " Shutterstock.com ",
     "https://image.shutterstock.com/a.jpg"],
)  # fmt: skip
def test_a_person_may_name_any_host_of_a_site(text: str) -> None:
    assert named_site(text) == "shutterstock.com"


@pytest.mark.parametrize("text", ["", "com", "co.uk", "*.com", "not a host", "cats", "http://[::1"])
def test_what_is_no_site_is_refused_in_one_line(text: str) -> None:
    with pytest.raises(UsageError, match="expected a site") as caught:
        named_site(text)
    assert "\n" not in str(caught.value)


def test_an_address_on_a_site_is_left_out_and_one_beside_it_is_not() -> None:
    sites = ("shutterstock.com", "b.co.uk", "blogspot.com")
    assert left_out_site(sites, "https://image.shutterstock.com/x.jpg") == "shutterstock.com"
    assert left_out_site(sites, None, "https://a.b.co.uk/") == "b.co.uk"
    assert left_out_site(sites, "https://cats.blogspot.com/1") == "blogspot.com"
    for address in ("https://notshutterstock.com/", "https://c.co.uk/", "http://[x", "", None):
        assert left_out_site(sites, address) is None
    assert left_out_site((), "https://image.shutterstock.com/x.jpg") is None


def test_a_recipe_names_the_sites_that_it_leaves_out() -> None:
    text = 'exclude_hosts = {}\n[label.cat]\nqueries = ["cat"]\n'
    recipe = parse(text.format('["www.alamy.com", "alamy.com", "a.b.co.uk"]'), "mine.toml")
    assert recipe.exclude_hosts == ("alamy.com", "b.co.uk")
    with pytest.raises(UsageError, match=r"exclude_hosts.*'com' is none"):
        parse(text.format('["com"]'), "mine.toml")
