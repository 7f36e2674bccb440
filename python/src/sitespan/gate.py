"""The gate before the scheduler's pages: nobody passes without the token or a cookie.

It stands before everything that the HTTP server serves: our routes, distributed's, bokeh's pages,
their static files and their WebSockets. Contract: docs/architecture.md, "Scheduler's HTTP".
"""

from __future__ import annotations

import hmac
import secrets
import time
from collections.abc import Awaitable
from urllib.parse import parse_qs, urlsplit

from tornado.httputil import (
    HTTPConnection,
    HTTPHeaders,
    HTTPMessageDelegate,
    HTTPServerConnectionDelegate,
    RequestStartLine,
    ResponseStartLine,
    parse_cookie,
)

ENTER = "/sitespan/enter"
CODE_SECONDS = 60.0
# More browsers than a person has; the oldest are asked to enter again.
MOST_CODES = MOST_COOKIES = 64
HOSTS = ("127.0.0.1", "localhost")

# Not a redirect: who comes from another site's page sends no SameSite=Strict cookie along a chain
# of redirects. A page of ours starts anew.
ENTERED = b"""<!doctype html><meta charset="utf-8">
<meta http-equiv="refresh" content="0;url=/status">
<title>Sitespan</title><a href="/status">Dask dashboard</a>"""


class Gate(HTTPServerConnectionDelegate):
    """Lets a request pass to `inner`, or answers it itself: 401, 403, or the cookie for a code."""

    def __init__(self, inner: HTTPServerConnectionDelegate, token: str, cookie_name: str) -> None:
        self._inner = inner
        self._token = token
        self._cookie_name = cookie_name
        self._codes: dict[str, float] = {}
        self._cookies: dict[str, None] = {}

    def new_code(self) -> str:
        """Return a code that is good for one use within 60 s."""
        code = secrets.token_urlsafe(32)
        _add_bounded(self._codes, code, time.monotonic() + CODE_SECONDS, MOST_CODES)
        return code

    def spend_code(self, code: str) -> str | None:
        """Take a code for a new cookie; None if it was never issued, is spent or too old."""
        for known, expiry in list(self._codes.items()):
            if _same(known, code):
                del self._codes[known]
                if time.monotonic() < expiry:
                    cookie = secrets.token_urlsafe(32)
                    _add_bounded(self._cookies, cookie, None, MOST_COOKIES)
                    return cookie
        return None

    def knows(self, headers: HTTPHeaders) -> bool:
        """Whether a request brings the token or one of our cookies."""
        scheme, _, given = headers.get("Authorization", "").partition(" ")
        if scheme.lower() == "bearer" and _same(self._token, given.strip()):
            return True
        cookie = parse_cookie(headers.get("Cookie", "")).get(self._cookie_name, "")
        return any([_same(known, cookie) for known in self._cookies])

    def cookie_header(self, value: str) -> str:
        """Return the ``Set-Cookie`` of a cookie. No Max-Age: it dies with the browser's session."""
        return f"{self._cookie_name}={value}; Path=/; HttpOnly; SameSite=Strict"

    def start_request(
        self, server_conn: object, request_conn: HTTPConnection
    ) -> HTTPMessageDelegate:
        """Judge a request once its head is there; called by tornado."""
        return _Request(self, self._inner, server_conn, request_conn)

    def on_close(self, server_conn: object) -> None:
        """Pass on the end of a connection; called by tornado."""
        self._inner.on_close(server_conn)


class _Request(HTTPMessageDelegate):
    def __init__(
        self,
        gate: Gate,
        inner: HTTPServerConnectionDelegate,
        server_conn: object,
        connection: HTTPConnection,
    ) -> None:
        self._gate = gate
        self._server = inner
        self._server_conn = server_conn
        self._connection = connection
        self._inner: HTTPMessageDelegate | None = None

    def headers_received(
        self, start_line: RequestStartLine | ResponseStartLine, headers: HTTPHeaders
    ) -> Awaitable[None] | None:
        assert isinstance(start_line, RequestStartLine)
        if not _for_us(headers):
            self._answer(
                403, "Forbidden", b"This server answers to 127.0.0.1 and localhost only.\n"
            )
            return None
        url = urlsplit(start_line.path)
        if start_line.method == "GET" and url.path == ENTER:
            cookie = self._gate.spend_code((parse_qs(url.query).get("code") or [""])[0])
            if cookie is not None:
                self._answer(200, "OK", ENTERED, self._gate.cookie_header(cookie))
                return None
        if not self._gate.knows(headers):
            self._answer(
                401, "Unauthorized", b"Open this page from Sitespan: it needs a fresh link.\n"
            )
            return None
        self._inner = self._server.start_request(self._server_conn, self._connection)
        waiting: Awaitable[None] | None = self._inner.headers_received(start_line, headers)
        return waiting

    def data_received(self, chunk: bytes) -> Awaitable[None] | None:
        if self._inner is None:
            return None
        waiting: Awaitable[None] | None = self._inner.data_received(chunk)
        return waiting

    def finish(self) -> None:
        if self._inner is not None:
            self._inner.finish()

    def on_connection_close(self) -> None:
        if self._inner is not None:
            self._inner.on_connection_close()

    def _answer(self, status: int, reason: str, body: bytes, cookie: str | None = None) -> None:
        headers = HTTPHeaders(
            {
                "Content-Type": "text/html; charset=utf-8"
                if cookie
                else "text/plain; charset=utf-8",
                "Content-Length": str(len(body)),
                "Cache-Control": "no-store",
                "Referrer-Policy": "no-referrer",
                "X-Content-Type-Options": "nosniff",
            }
        )
        if cookie is not None:
            headers["Set-Cookie"] = cookie
        if status == 401:
            headers["WWW-Authenticate"] = "Bearer"
        self._connection.write_headers(ResponseStartLine("HTTP/1.1", status, reason), headers, body)
        self._connection.finish()


def _for_us(headers: HTTPHeaders) -> bool:
    """Refuse other names for 127.0.0.1 (DNS rebinding), and pages of other origins."""
    host = headers.get("Host", "")
    if host.rpartition(":")[0] not in HOSTS and host not in HOSTS:
        return False
    origin = headers.get("Origin")
    return origin is None or urlsplit(origin).netloc == host


def _same(known: str, given: str) -> bool:
    return hmac.compare_digest(known.encode(), given.encode())


def _add_bounded(
    table: dict[str, float] | dict[str, None], key: str, value: object, most: int
) -> None:
    table[key] = value  # type: ignore[assignment]
    while len(table) > most:
        del table[next(iter(table))]
