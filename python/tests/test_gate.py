"""Who passes the gate before the scheduler's pages."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
import pytest_asyncio
from tornado.httpclient import AsyncHTTPClient, HTTPClientError, HTTPRequest, HTTPResponse
from tornado.httpserver import HTTPServer
from tornado.testing import bind_unused_port
from tornado.web import Application, RequestHandler
from tornado.websocket import WebSocketHandler, websocket_connect

from sitespan import gate as gate_module
from sitespan.gate import Gate

TOKEN = "t" * 64
BEARER = {"Authorization": f"Bearer {TOKEN}"}


class Page(RequestHandler):
    def get(self) -> None:
        self.write("the page")

    def post(self) -> None:
        self.write(str(len(self.request.body)))


class Socket(WebSocketHandler):
    def on_message(self, message: str | bytes) -> None:
        self.write_message(message)


@dataclass
class Site:
    gate: Gate
    port: int

    async def get(
        self, path: str, headers: dict[str, str] | None = None, **more: object
    ) -> HTTPResponse:
        url = f"http://127.0.0.1:{self.port}{path}"
        return await AsyncHTTPClient().fetch(
            HTTPRequest(url, headers=headers or {}, request_timeout=5, **more), raise_error=False
        )

    async def enter(self) -> str:
        """The cookie of a browser that came in by a code."""
        response = await self.get(f"/sitespan/enter?code={self.gate.new_code()}")
        return str(response.headers["Set-Cookie"]).partition(";")[0]


@pytest_asyncio.fixture
async def site() -> AsyncIterator[Site]:
    application = Application([("/page", Page), ("/socket", Socket)])
    gate = Gate(application, TOKEN, "sitespan-1")
    server = HTTPServer(gate)
    listening, port = bind_unused_port()
    server.add_socket(listening)
    yield Site(gate, port)
    server.stop()
    await server.close_all_connections()


@pytest.mark.parametrize("path", ["/page", "/socket", "/", "/nothing", "/sitespan/enter"])
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer " + "x" * 64},
        {"Authorization": "Bearer "},
        {"Authorization": TOKEN},
        {"Cookie": "sitespan-1="},
        {"Cookie": "sitespan-1=guess"},
        {"Cookie": f"sitespan-1={TOKEN}"},
    ],
)
async def test_a_stranger_gets_401_everywhere(
    site: Site, path: str, headers: dict[str, str]
) -> None:
    response = await site.get(path, headers)
    assert response.code == 401
    assert b"the page" not in response.body


async def test_the_token_opens_every_page(site: Site) -> None:
    assert (await site.get("/page", BEARER)).body == b"the page"
    assert (await site.get("/nothing", BEARER)).code == 404


async def test_a_body_reaches_the_page_whole(site: Site) -> None:
    response = await site.get("/page", BEARER, method="POST", body="x" * 300_000)
    assert response.body == b"300000"


async def test_a_stranger_cannot_make_it_keep_a_body(site: Site) -> None:
    response = await site.get("/page", method="POST", body="x" * 300_000)
    assert response.code == 401


async def test_a_code_gives_a_browser_a_cookie_that_opens_every_page(site: Site) -> None:
    response = await site.get(f"/sitespan/enter?code={site.gate.new_code()}")
    cookie = str(response.headers["Set-Cookie"])
    assert response.code == 200
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert (await site.get("/page", {"Cookie": cookie.partition(";")[0]})).body == b"the page"


async def test_a_code_is_spent_by_its_first_use(site: Site) -> None:
    code = site.gate.new_code()
    assert (await site.get(f"/sitespan/enter?code={code}")).code == 200
    again = await site.get(f"/sitespan/enter?code={code}")
    assert again.code == 401
    assert "Set-Cookie" not in again.headers


async def test_a_code_dies_with_its_time(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate_module, "CODE_SECONDS", -1.0)
    assert (await site.get(f"/sitespan/enter?code={site.gate.new_code()}")).code == 401


async def test_a_code_is_no_token(site: Site) -> None:
    code = site.gate.new_code()
    assert (await site.get("/page", {"Authorization": f"Bearer {code}"})).code == 401


async def test_codes_and_cookies_do_not_pile_up(site: Site) -> None:
    first = site.gate.new_code()
    for _ in range(gate_module.MOST_CODES):
        site.gate.new_code()
    assert site.gate.spend_code(first) is None


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example:80", "", "localhost.:1"])
async def test_another_name_for_this_computer_is_refused(site: Site, host: str) -> None:
    """DNS rebinding: a page of evil.example whose name now leads to 127.0.0.1."""
    assert (await site.get("/page", {**BEARER, "Host": host})).code == 403


async def test_localhost_is_us(site: Site) -> None:
    assert (await site.get("/page", {**BEARER, "Host": "localhost:9999"})).code == 200


async def test_a_page_of_another_origin_is_refused(site: Site) -> None:
    cookie = await site.enter()
    own = {"Cookie": cookie, "Origin": f"http://127.0.0.1:{site.port}"}
    assert (await site.get("/page", own)).code == 200
    assert (
        await site.get("/page", {"Cookie": cookie, "Origin": "http://evil.example"})
    ).code == 403


async def test_a_websocket_needs_a_cookie_too(site: Site) -> None:
    url = f"ws://127.0.0.1:{site.port}/socket"
    with pytest.raises(HTTPClientError) as refused:
        await websocket_connect(url)
    assert refused.value.code == 401
    connection = await websocket_connect(HTTPRequest(url, headers={"Cookie": await site.enter()}))
    await connection.write_message("hello")
    assert await connection.read_message() == "hello"
    connection.close()
