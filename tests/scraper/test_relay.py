"""A browser on its way to the web: public addresses, a replica's own, and proxies."""

from __future__ import annotations

import base64
import os
import socket
import subprocess
import sys
import threading
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest
from pixset.scraper.browser.installed import BrowserChoice
from pixset.scraper.browser.launch import launch
from pixset.scraper.browser.peers import is_stranger, owner
from pixset.scraper.browser.relay import NetworkAccess, Relay
from pixset.scraper.errors import PageUnreachable, UsageError
from pixset.scraper.fetch.proxies import hidden
from support.chromium import browser_or_skip
from support.servers import Host, serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pixset.scraper.browser.selenium_browser import SeleniumBrowser

FAR = "93.184.215.14"  # a public address that nobody connects to here


@pytest.fixture
def site() -> Iterator[Host]:
    with serving(Host()) as host:
        yield host


@pytest.fixture
def other() -> Iterator[Host]:
    with serving(Host()) as host:
        yield host


def names(**known: str) -> Any:
    """A resolver that knows these names, and asks the system for addresses only."""

    def resolve(host: str, port: int, **options: Any) -> Any:
        host = known.get(host.replace(".", "_"), host)
        return socket.getaddrinfo(host, port, flags=socket.AI_NUMERICHOST, **options)

    return resolve


def ask(relay: Relay, request: str) -> bytes:
    """Send the relay a request and read all that comes."""
    with socket.create_connection(("127.0.0.1", relay.port), timeout=20) as connection:
        connection.sendall(request.encode())
        answer = b""
        while block := connection.recv(65536):
            answer += block
        return answer


@contextmanager
def relaying(access: NetworkAccess) -> Iterator[Relay]:
    relay = Relay(access)
    try:
        yield relay
    finally:
        relay.close()


ASK = """
import encodings.idna, os, socket, sys
os.setuid(int(sys.argv[2]))
with socket.create_connection(("127.0.0.1", int(sys.argv[1])), timeout=20) as one:
    one.sendall(b"GET http://127.0.0.1:8080/ HTTP/1.1\\r\\n\\r\\n")
    print(one.recv(65536).decode())
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="acts as another user")
def test_another_user_of_the_machine_is_refused(caplog: pytest.LogCaptureFixture) -> None:
    with relaying(NetworkAccess()) as relay:
        words = [sys.executable, "-I", "-c", ASK, str(relay.port)]
        mine = subprocess.run([*words, "0"], capture_output=True, text=True, check=True)
        assert "private-address" in relay.trouble, mine.stdout
        relay.trouble = ""
        theirs = subprocess.run([*words, "65534"], capture_output=True, text=True, check=True)
    assert theirs.stdout.startswith("HTTP/1.1 403")
    assert relay.trouble == ""
    assert "another user" in caplog.text


def test_whose_a_connection_is_stays_unknown_where_the_system_does_not_tell(tmp_path: Path) -> None:
    assert owner(1, 2, tmp_path / "no table") is None
    (tmp_path / "odd").write_text("  sl  local_address\n what is this\n")
    assert not is_stranger(1, 2, tmp_path / "odd")
    row = "0: 0100007F:0001 0100007F:0002 01 0:0 0:0 0 4242 0 1\n"
    (tmp_path / "table").write_text(f"{'x ' * 9}\n{row}")
    assert owner(1, 2, tmp_path / "table") == 4242


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost.example", "[::1]", "169.254.169.254", "10.0.0.1", "0.0.0.0"]
)
def test_a_private_address_is_refused_by_its_spelling_and_by_where_its_name_leads(
    host: str,
) -> None:
    access = NetworkAccess(resolver=names(localhost_example="127.0.0.1"))
    with relaying(access) as relay:
        plain = ask(relay, f"GET http://{host}:80/x HTTP/1.1\r\nHost: {host}\r\n\r\n")
        assert plain.startswith(b"HTTP/1.1 403")
        assert ask(relay, f"CONNECT {host}:443 HTTP/1.1\r\n\r\n").startswith(b"HTTP/1.1 403")
        assert "private" in relay.trouble


def test_a_name_that_is_public_and_private_is_refused_and_no_name_is_named() -> None:
    def both(host: str, port: int, **options: Any) -> Any:
        if host == "nowhere.example":
            raise socket.gaierror(socket.EAI_NONAME, "no such name")
        return [
            *socket.getaddrinfo(FAR, port, **options),
            *socket.getaddrinfo("10.0.0.1", port, **options),
        ]

    with relaying(NetworkAccess(resolver=both)) as relay:
        assert b" 403 " in ask(relay, "CONNECT mixed.example:443 HTTP/1.1\r\n\r\n")
        assert b" 502 " in ask(relay, "CONNECT nowhere.example:443 HTTP/1.1\r\n\r\n")
        assert "nowhere.example" in relay.trouble


def test_the_origin_that_is_named_is_reached_and_no_other_port_of_its_host(
    site: Host, other: Host
) -> None:
    site.page("/page", "<p>hello")
    with relaying(NetworkAccess(origins=(site.url,))) as relay:
        port = site.url.rpartition(":")[2]
        for host in ("127.0.0.1", "localhost"):
            answer = ask(relay, f"GET http://{host}:{port}/page?a=1 HTTP/1.1\r\nHost: x\r\n\r\n")
            assert answer.endswith(b"<p>hello")
        assert site.paths() == ["/page?a=1"] * 2
        assert b" 403 " in ask(relay, f"GET {other.url}/page HTTP/1.1\r\nHost: x\r\n\r\n")
        assert other.seen == []


@pytest.mark.skipif(sys.platform == "win32", reason="counts files as POSIX does")
def test_a_relay_of_a_process_with_thousands_of_open_files_still_passes_on(site: Host) -> None:
    """The numbers of its sockets are then beyond what `select` takes."""
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < 1_500:
        pytest.skip("this system lets a process open no more files")
    site.page("/page", "<p>hello")
    with ExitStack() as undoing, relaying(NetworkAccess(origins=(site.url,))) as relay:
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 1_500), hard))
        undoing.callback(resource.setrlimit, resource.RLIMIT_NOFILE, (soft, hard))
        while (number := os.open(os.devnull, os.O_RDONLY)) < 1_024:
            undoing.callback(os.close, number)
        undoing.callback(os.close, number)
        answer = ask(relay, f"GET {site.url}/page HTTP/1.1\r\nHost: x\r\n\r\n")
    assert answer.endswith(b"<p>hello")


@pytest.mark.parametrize(
    "origin",
    [
        "http://127.0.0.1:abc",
        "http://127.0.0.1:99999",
        "http://[",
        "http://",
        "ftp://h",
        "h:80",
        "",
    ],
)
def test_an_origin_that_is_none_is_the_callers_mistake(origin: str) -> None:
    with pytest.raises(UsageError, match=r"--replica .* expected an address"):
        NetworkAccess(origins=(origin,))


@pytest.mark.parametrize(
    ("origin", "hosts"),
    [
        ("http://127.0.0.1:8808", ["127.0.0.1:8808", "localhost:8808"]),
        ("http://[::1]:8808/x", ["127.0.0.1:8808", "[::1]:8808", "localhost:8808"]),
        ("https://replica.example", ["replica.example:443"]),
    ],
)
def test_only_the_origin_s_own_port_is_reached_without_the_relay(
    origin: str, hosts: list[str]
) -> None:
    access = NetworkAccess(origins=(origin,))
    assert access.bypassed() == hosts
    for host in hosts:
        name, _, port = host.rpartition(":")
        assert access.reaches(name.strip("[]"), int(port))
        assert not access.reaches(name.strip("[]"), int(port) + 1)


class Proxy:
    """An HTTP proxy that wants a password and answers every request itself."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                login = self.headers.get("Proxy-Authorization", "")
                proxy.asked.append((self.path, login))
                body = b"<p class=tile>from the proxy</p>"
                good = login == "Basic " + base64.b64encode(b"me:s cret").decode()
                self.send_response(200 if good else 407)
                self.send_header("Content-Type", "text/html")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def do_CONNECT(self) -> None:
                proxy.asked.append((self.path, self.headers.get("Proxy-Authorization", "")))
                self.send_error(407 if "bWU6" not in proxy.asked[-1][1] else 403)

            def log_message(self, *_: object) -> None:
                return

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.address = f"127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    running = Proxy()
    yield running
    running.server.shutdown()
    running.server.server_close()


def test_a_proxy_is_given_its_user_and_password_and_what_is_private_is_refused_before_it(
    proxy: Proxy,
) -> None:
    known = names(far_example=FAR, near_example="192.168.0.1")
    access = NetworkAccess(proxy=f"http://me:s%20cret@{proxy.address}", resolver=known)
    with relaying(access) as relay:
        answer = ask(relay, "GET http://far.example/x HTTP/1.1\r\nHost: far.example\r\n\r\n")
        assert answer.endswith(b"from the proxy</p>")
        assert proxy.asked[0][0] == "http://far.example/x"
        for host in ("near.example", "127.0.0.1", "localhost", "192.168.0.1"):
            assert b" 403 " in ask(relay, f"CONNECT {host}:443 HTTP/1.1\r\n\r\n")
        assert len(proxy.asked) == 1
        unknown = "GET http://only-the-proxy-knows.example/ HTTP/1.1\r\nHost: x\r\n\r\n"
        assert ask(relay, unknown).endswith(b"from the proxy</p>")


@pytest.mark.parametrize("line", ["200 Connection established", "200 ", "200"])
def test_a_proxy_opens_a_tunnel_in_few_words_or_many(line: str) -> None:
    known = names(far_example=FAR)
    with (
        socket.create_server(("127.0.0.1", 0)) as listening,
        relaying(
            NetworkAccess(proxy=f"127.0.0.1:{listening.getsockname()[1]}", resolver=known)
        ) as relay,
    ):

        def agree() -> None:
            connection, _ = listening.accept()
            with connection:
                connection.recv(65_536)
                connection.sendall(f"HTTP/1.1 {line}\r\nVia: x\r\n\r\nhello".encode())

        threading.Thread(target=agree, daemon=True).start()
        answer = ask(relay, "CONNECT far.example:443 HTTP/1.1\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 200")
    assert answer.endswith(b"\r\n\r\nhello")


def test_a_proxy_that_is_wrong_is_named_as_such(proxy: Proxy) -> None:
    closed = socket.create_server(("127.0.0.1", 0))
    port = closed.getsockname()[1]
    closed.close()
    known = names(far_example=FAR)
    request = "CONNECT far.example:443 HTTP/1.1\r\n\r\n"
    with relaying(NetworkAccess(proxy=f"127.0.0.1:{port}", resolver=known)) as relay:
        assert b" 502 " in ask(relay, request)
        assert f"the proxy 127.0.0.1:{port} cannot be reached" in relay.trouble
    with relaying(NetworkAccess(proxy=f"http://me:wrong@{proxy.address}", resolver=known)) as relay:
        assert b" 502 " in ask(relay, request)
        assert "refuses" in relay.trouble
        assert "wrong" not in relay.trouble
    for wrong in ("socks5://127.0.0.1:1", "127.0.0.1", "http://:80", "http://x:y@h:port"):
        with pytest.raises(UsageError, match="expected http://"):
            NetworkAccess(proxy=wrong)
    assert hidden("http://me:s@h:1") == "http://h:1"


_ASK = """
import socket, sys
from pixset.scraper.browser.relay import NetworkAccess, Relay

def resolve(host, port, **options):
    known = {"far.example": "93.184.215.14", "near.example": "192.168.0.1"}
    return socket.getaddrinfo(known[host], port, **options)

relay = Relay(NetworkAccess(resolver=resolve))
for host in ("far.example", "near.example"):
    with socket.create_connection(("127.0.0.1", relay.port), timeout=20) as connection:
        connection.sendall(f"GET http://{host}/ HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n".encode())
        answer = b""
        while block := connection.recv(65536):
            answer += block
    print(answer.split()[1].decode(), b"from the proxy" in answer)
relay.close()
"""


def test_the_environments_proxy_is_used_but_not_for_what_no_proxy_names(proxy: Proxy) -> None:
    environment = {
        **{name: value for name, value in os.environ.items() if "proxy" not in name.lower()},
        "http_proxy": f"http://me:s%20cret@{proxy.address}",
        "NO_PROXY": "near.example",
    }
    said = subprocess.run(
        [sys.executable, "-c", _ASK], env=environment, capture_output=True, text=True, check=False
    )
    assert said.stdout.split() == ["200", "True", "403", "False"], said.stderr


# In a real browser


@contextmanager
def guarded(access: NetworkAccess) -> Iterator[SeleniumBrowser]:
    with browser_or_skip():
        browser = launch(BrowserChoice(headless=True), access=access)
    with browser:
        yield browser


@pytest.mark.browser
def test_a_page_may_not_make_the_browser_reach_into_the_private_network(
    site: Host, other: Host
) -> None:
    near = other.url.replace("127.0.0.1", "localhost")
    site.page("/ok.png", b"", Content_Type="image/png")
    page = site.page(
        "/page",
        f"<body><img src=/ok.png><img src={other.url}/picture><iframe src={near}/frame></iframe>"
        f"<script>fetch('{other.url}/fetch', {{mode: 'no-cors'}}).catch(() => 0)"
        f".finally(() => document.body.classList.add('done'));"
        f"new WebSocket('{other.url.replace('http', 'ws')}/socket')</script>",
    )
    leads = site.page("/leads", b"", 302, Location=f"{other.url}/redirected")
    with guarded(NetworkAccess(origins=(site.url,))) as browser:
        browser.open(page)
        while not browser.has("body.done"):
            browser.settle(0.2)
        with pytest.raises(PageUnreachable):
            browser.open(f"{other.url}/direct")
        with pytest.raises(PageUnreachable):
            browser.open(leads)
        browser.open(page)
    assert "/ok.png" in site.paths()
    assert other.seen == []


@pytest.mark.browser
def test_a_browser_goes_through_a_proxy_with_a_password(proxy: Proxy) -> None:
    known = names(far_example=FAR)
    access = NetworkAccess(proxy=f"http://me:s%20cret@{proxy.address}", resolver=known)
    with guarded(access) as browser:
        browser.open("http://far.example/search")
        assert "from the proxy" in browser.html()
        with pytest.raises(PageUnreachable, match=r"the proxy .* refuses: HTTP/1\.\d 403"):
            browser.open("https://far.example/")
