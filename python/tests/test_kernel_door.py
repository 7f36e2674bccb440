from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_unix_socket
from tornado.web import Application

from sitespan.kernels import door as module
from sitespan.kernels.door import Door


def serve(path: Path) -> HTTPServer:
    server = HTTPServer(Application())
    server.add_socket(bind_unix_socket(str(path)))
    return server


async def until_there(path: Path) -> None:
    for _ in range(6000):
        if path.exists():
            return
        await asyncio.sleep(0.01)
    raise AssertionError(f"{path} did not come")


async def test_the_socket_comes_back_and_moves_to_where_the_keeper_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_LOOK_SECONDS", 0.01)
    first, second = tmp_path / "first.sock", tmp_path / "new" / "second.sock"
    door = Door(serve, tmp_path, first)
    door.keep()
    first.unlink()
    await until_there(first)
    (tmp_path / "socket").write_text(str(second))
    await asyncio.sleep(0.1)
    assert first.exists(), "it stays where it can until the new place can be used"
    second.parent.mkdir()
    await until_there(second)
    await asyncio.open_unix_connection(str(second))
    door.close()
    assert not second.exists()
