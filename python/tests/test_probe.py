"""What a probe says of a place."""

from __future__ import annotations

import json
import socket

import pytest

from sitespan import probe


def test_it_says_what_a_worker_would_find(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        assert probe.main([f"127.0.0.1:{server.getsockname()[1]}"]) == 0
    lines = capsys.readouterr().out.splitlines()
    said = dict(line[len("sitespan-probe ") :].split("=", 1) for line in lines)
    assert json.loads(said["environment"])["packages"]["distributed"]
    assert json.loads(said["node"])["cores"] >= 1
    assert said["relay"] == "reached"


def test_it_says_why_the_relay_is_not_reached() -> None:
    assert probe.reach("127.0.0.1:1") == "refused"
    assert probe.reach("nowhere.invalid:443") == "the name nowhere.invalid is not known there"
    assert "invalid literal" in probe.reach("relay:x")
    # Filled by one that waits, and nobody accepts: the next gets no answer.
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        address = full.getsockname()
        waiting = [socket.socket() for _ in range(2)]
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(address)
        try:
            assert probe.reach(f"127.0.0.1:{address[1]}", 0.5).startswith("no answer within")
        finally:
            for one in waiting:
                one.close()
