"""The host's HTTP side: JSON over a unix socket that only its owner can open."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tornado.httpserver import HTTPServer
from tornado.netutil import bind_unix_socket
from tornado.web import Application, HTTPError, RequestHandler

from .cells import Cell
from .executed import NotANotebook
from .host import KernelHost
from .parameters import fault_of
from .refused import Refused

_LONGEST_POLL_SECONDS = 60.0


class _BadRequest(Exception):
    """A request whose form is wrong; the message says how."""


class _Handler(RequestHandler):
    """Answers in JSON, errors as ``{code, message}``."""

    def initialize(self, host: KernelHost, stop: Callable[[], None]) -> None:
        self.host = host
        self.stop = stop

    def body(self) -> dict[str, Any]:
        try:
            body = json.loads(self.request.body or b"{}")
        except ValueError:
            raise _BadRequest("The body is not JSON.") from None
        if not isinstance(body, dict):
            raise _BadRequest("The body is not a JSON object.")
        return body

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        error = kwargs.get("exc_info", (None, None, None))[1]
        code, message = "failed", f"The kernel's host failed: {error!r}"
        if isinstance(error, _BadRequest):
            status_code, code, message = 400, "bad-request", str(error)
        elif isinstance(error, NotANotebook):
            status_code, code, message = 400, "not-a-notebook", str(error)
        elif isinstance(error, Refused):
            status_code, code, message = 409, error.code, str(error)
        elif status_code in (404, 405):
            code, message = "bad-request", f"There is no {self.request.method} {self.request.path}."
        self.set_status(status_code)
        self.finish({"code": code, "message": message})

    def log_exception(self, *error: Any) -> None:
        if not isinstance(error[1], (_BadRequest, NotANotebook, Refused, HTTPError)):
            super().log_exception(*error)


class _Cells(_Handler):
    def post(self) -> None:
        cells = [_cell(one) for one in _objects(self.body(), "cells")]
        self.finish({"queued": self.host.add_cells(cells)})


class _CellsSeen(_Handler):
    def post(self) -> None:
        ids = self.body().get("ids")
        if not isinstance(ids, list) or not all(isinstance(one, str) for one in ids):
            raise _BadRequest('"ids" is no list of strings.')
        self.host.seen(ids)
        self.finish({})


class _DocumentMoved(_Handler):
    def post(self) -> None:
        body = self.body()
        self.host.move_document(_text(body, "before"), _text(body, "now"))
        self.finish({})


class _Complete(_Handler):
    async def post(self) -> None:
        body = self.body()
        content = {"code": _text(body, "code"), "cursor_pos": _number(body, "cursor")}
        self.finish(await self.host.ask("complete_request", content))


class _Inspect(_Handler):
    async def post(self) -> None:
        body = self.body()
        content = {"code": _text(body, "code"), "cursor_pos": _number(body, "cursor")}
        content["detail_level"] = 1 if body.get("detail") == 1 else 0
        self.finish(await self.host.ask("inspect_request", content))


class _Notebook(_Handler):
    def post(self) -> None:
        body = self.body()
        path, save = Path(_text(body, "path")), Path(_text(body, "save"))
        if not path.is_absolute() or not save.is_absolute():
            raise _BadRequest("Paths must be absolute.")
        if not save.parent.is_dir():
            raise _BadRequest(f"There is no folder {save.parent} to save the executed notebook in.")
        run = _text(body, "id") if "id" in body else None
        parameters = body.get("parameters", {})
        if not isinstance(parameters, dict):
            raise _BadRequest('"parameters" is no object.')
        if fault := fault_of(parameters):
            raise _BadRequest(fault)
        self.finish(self.host.add_notebook(path, save, run, parameters))


class _Interrupt(_Handler):
    def post(self) -> None:
        self.host.interrupt()
        self.finish({})


class _Restart(_Handler):
    async def post(self) -> None:
        await self.host.restart()
        self.finish({})


class _Input(_Handler):
    def post(self) -> None:
        self.host.answer(_text(self.body(), "value"))
        self.finish({})


class _Shutdown(_Handler):
    def post(self) -> None:
        self.finish({})
        self.stop()


class _State(_Handler):
    def get(self) -> None:
        self.finish(self.host.state(brief=self.get_query_argument("brief", "0") == "1"))


class _RecordLines(_Handler):
    """Lines from ``offset`` on, waiting up to ``timeout`` seconds for the first."""

    waiting: asyncio.Task[None] | None = None

    async def get(self) -> None:
        offset = int(self._number("offset"))
        record = self.host.record
        if offset > record.offset:
            raise _BadRequest(f"The record ends at {record.offset}, before {offset}.")
        timeout = min(self._number("timeout"), _LONGEST_POLL_SECONDS)
        self.waiting = asyncio.create_task(record.wait_beyond(offset, timeout))
        await asyncio.wait({self.waiting})
        if not self.waiting.cancelled():
            lines = record.read(offset)
            self.set_header("Content-Type", "application/x-ndjson")
            self.set_header("Sitespan-Offset", str(offset + len(lines)))
            self.finish(lines)

    def on_connection_close(self) -> None:
        if self.waiting is not None:
            self.waiting.cancel()

    def _number(self, name: str) -> float:
        try:
            number = float(self.get_query_argument(name, "0"))
        except ValueError:
            number = -1.0
        if not 0 <= number < 2**53:
            raise _BadRequest(f"{name} is not a number from 0 on.")
        return number


class _Nowhere(_Handler):
    def prepare(self) -> None:
        raise HTTPError(404)


def serve(host: KernelHost, socket: Path, stop: Callable[[], None]) -> HTTPServer:
    """Serve `host` on a unix socket of mode 0600; `stop` is called when a shutdown is asked for."""
    handlers = {
        "cells": _Cells,
        "cells-seen": _CellsSeen,
        "document-moved": _DocumentMoved,
        "complete": _Complete,
        "inspect": _Inspect,
        "notebook": _Notebook,
        "interrupt": _Interrupt,
        "restart": _Restart,
        "input": _Input,
        "shutdown": _Shutdown,
        "state": _State,
        "record": _RecordLines,
    }
    given = {"host": host, "stop": stop}
    application = Application(
        [(f"/v1/{name}", handler, given) for name, handler in handlers.items()],
        default_handler_class=_Nowhere,
        default_handler_args=given,
        log_function=lambda handler: None,
    )
    server = HTTPServer(application, max_body_size=256 << 20)
    # It gets its name when it listens, so that who sees it can connect.
    unnamed = socket.with_name(f".{os.getpid()}")
    before = os.umask(0o177)
    try:
        server.add_socket(bind_unix_socket(str(unnamed), mode=0o600))
    finally:
        os.umask(before)
    os.rename(unnamed, socket)
    return server


def _cell(asked: dict[str, Any]) -> Cell:
    document = _text(asked, "document") if asked.get("document") is not None else None
    place = asked.get("cell")
    if place is not None and not isinstance(place, dict):
        raise _BadRequest('"cell" is no object.')
    return Cell(_text(asked, "id"), _text(asked, "source"), document=document, place=place)


def _objects(body: dict[str, Any], name: str) -> list[dict[str, Any]]:
    value = body.get(name)
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        raise _BadRequest(f'"{name}" is no list of objects.')
    return value


def _number(body: dict[str, Any], name: str) -> int:
    value = body.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise _BadRequest(f'"{name}" is no number from 0 on.')
    return value


#: What may be empty.
_ALSO_EMPTY = ("source", "value", "code")


def _text(body: dict[str, Any], name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str) or (name not in _ALSO_EMPTY and not value):
        raise _BadRequest(f'"{name}" is missing.')
    return value
