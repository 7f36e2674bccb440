"""What our scheduler answers over HTTP beside distributed's own pages: docs/architecture.md."""

from __future__ import annotations

import asyncio
import json
import logging
from typing import Any

from distributed import Scheduler
from tornado.ioloop import PeriodicCallback
from tornado.iostream import StreamClosedError
from tornado.web import RequestHandler
from tornado.websocket import WebSocketClosedError, WebSocketHandler

from sitespan.gate import Gate
from sitespan.throughput import Snapshot, Throughput

logger = logging.getLogger(__name__)

WATCH_MILLISECONDS = 500
MOST_RETIRE_SECONDS = 3600.0


class Routes:
    """The handlers under ``/sitespan/`` and the state that they share."""

    def __init__(self, scheduler: Scheduler, gate: Gate, throughput: Throughput) -> None:
        self.scheduler = scheduler
        self.gate = gate
        self.throughput = throughput
        self._watchers: set[_Watch] = set()
        self._ticking = PeriodicCallback(self._tick, WATCH_MILLISECONDS)

    def install(self) -> None:
        """Add the routes to the scheduler's HTTP application, before its own."""
        shared = {"routes": self}
        self.scheduler.http_application.add_handlers(
            ".*$",
            [
                (r"/sitespan/code", _Code, shared),
                (r"/sitespan/state", _State, shared),
                (r"/sitespan/watch", _Watch, shared),
                (r"/sitespan/retire", _Retire, shared),
            ],
        )

    def add(self, watcher: _Watch) -> None:
        """Begin to send snapshots; the first at once."""
        self._watchers.add(watcher)
        watcher.offer(self.throughput.snapshot())
        if not self._ticking.is_running():
            self._ticking.start()

    def remove(self, watcher: _Watch) -> None:
        """Send no more; where nobody watches nothing is computed."""
        self._watchers.discard(watcher)
        if not self._watchers:
            self._ticking.stop()

    def _tick(self) -> None:
        snapshot = self.throughput.snapshot()
        for watcher in list(self._watchers):
            watcher.offer(snapshot)

    async def retire(self, names: list[str], timeout: float) -> dict[str, list[str]]:
        """Retire workers by name, moving data away; who is not out in time is ``unfinished``."""
        known = {str(state.name) for state in self.scheduler.workers.values()}
        unknown = [name for name in names if name not in known]
        wanted = [name for name in names if name in known]
        retired: set[str] = set()
        if wanted:
            try:
                answer = await asyncio.wait_for(
                    self.scheduler.retire_workers(names=wanted, close_workers=True, remove=True),
                    timeout,
                )
                retired = {str(info["name"]) for info in answer.values()}
            except asyncio.TimeoutError:
                logger.warning("Retiring %s was not done within %s s.", wanted, timeout)
                left = {str(state.name) for state in self.scheduler.workers.values()}
                retired = set(wanted) - left
        return {
            "retired": [name for name in wanted if name in retired],
            "unknown": unknown,
            "unfinished": [name for name in wanted if name not in retired],
        }


class _Handler(RequestHandler):
    def initialize(self, routes: Routes) -> None:
        self.routes = routes

    def set_default_headers(self) -> None:
        self.set_header("Cache-Control", "no-store")

    def refuse(self, message: str) -> None:
        self.set_status(400)
        self.write({"code": "bad-request", "message": message})


class _Code(_Handler):
    def post(self) -> None:
        self.write({"code": self.routes.gate.new_code()})


class _State(_Handler):
    def get(self) -> None:
        self.write(dict(self.routes.throughput.snapshot()))


class _Retire(_Handler):
    async def post(self) -> None:
        try:
            body: Any = json.loads(self.request.body)
        except ValueError:
            body = None
        names = body.get("workers") if isinstance(body, dict) else None
        timeout = body.get("timeoutSeconds", 60) if isinstance(body, dict) else None
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            self.refuse("'workers' must be a list of workers' names.")
        elif not isinstance(timeout, (int, float)) or not 0 < timeout <= MOST_RETIRE_SECONDS:
            self.refuse(f"'timeoutSeconds' must be between 0 and {MOST_RETIRE_SECONDS:.0f}.")
        else:
            self.write(await self.routes.retire(names, timeout))


class _Watch(WebSocketHandler):
    def initialize(self, routes: Routes) -> None:
        self.routes = routes
        self._sent: dict[str, Any] = {}
        self._sending = False

    def check_origin(self, origin: str) -> bool:
        return True  # the gate has looked already, more strictly

    def open(self, *args: str, **kwargs: str) -> None:
        self.routes.add(self)

    def on_message(self, message: str | bytes) -> None:
        """Nothing that a watcher says matters."""

    def on_close(self) -> None:
        self.routes.remove(self)

    def offer(self, snapshot: Snapshot) -> None:
        """Send a snapshot if it differs from the last; a slow reader gets the newest later."""
        content = {name: value for name, value in snapshot.items() if name != "time"}
        if self._sending or content == self._sent:
            return
        self._sent = content
        self._sending = True
        self._sender = asyncio.ensure_future(self._send(json.dumps(snapshot)))

    async def _send(self, text: str) -> None:
        try:
            await self.write_message(text)
        except (WebSocketClosedError, StreamClosedError):
            self.routes.remove(self)
        finally:
            self._sending = False
