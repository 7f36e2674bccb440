from __future__ import annotations

from typing import Any

import pytest

from sitespan.kernels import outputs
from sitespan.kernels.outputs import Outputs


def stream(text: str, name: str = "stdout") -> tuple[str, dict[str, Any]]:
    return "stream", {"name": name, "text": text}


def shown(data: str, display_id: str | None = None) -> tuple[str, dict[str, Any]]:
    transient = {} if display_id is None else {"display_id": display_id}
    content = {"data": {"text/plain": data}, "metadata": {}, "transient": transient}
    return "display_data", content


CLEAR = ("clear_output", {"wait": False})
CLEAR_NEXT = ("clear_output", {"wait": True})


def heard(*messages: tuple[str, dict[str, Any]]) -> list[str]:
    cell = Outputs()
    for kind, content in messages:
        cell.hear(kind, content)
    return [o.get("text") or o["data"]["text/plain"] for o in cell.as_nbformat()]


def test_one_stream_is_joined_and_another_starts_anew() -> None:
    assert heard(stream("a"), stream("b"), stream("c", "stderr"), stream("d")) == ["ab", "c", "d"]


def test_a_progress_bar_is_one_line() -> None:
    assert heard(stream("start\n"), stream("\r10 %"), stream("\r100 %\n"), stream("end")) == [
        "start\n100 %\nend"
    ]
    assert heard(stream("10 %\r"), stream("20 %\r"), stream("30 %")) == ["30 %"]
    assert heard(stream("ab\b\bcd")) == ["cd"]


def test_lines_ended_as_on_windows_keep_their_text() -> None:
    assert heard(stream("a\r\nb\r"), stream("\nc")) == ["a\r\nb\r\nc"]


def test_clearing_now_and_clearing_at_the_next_output() -> None:
    assert heard(stream("a"), CLEAR) == []
    assert heard(stream("a"), CLEAR_NEXT) == ["a"]
    assert heard(stream("a"), CLEAR_NEXT, stream("b")) == ["b"]
    assert heard(stream("a"), CLEAR_NEXT, shown("b"), shown("c")) == ["b", "c"]


def test_an_update_reaches_every_display_of_its_id_and_no_other() -> None:
    cell = Outputs()
    for message in (shown("a", "x"), shown("b"), shown("c", "x"), shown("d", "y")):
        cell.hear(*message)
    assert cell.update(shown("new", "x")[1])
    assert [o["data"]["text/plain"] for o in cell.as_nbformat()] == ["new", "b", "new", "d"]
    assert not cell.update(shown("new", "z")[1])
    assert not cell.update({"data": {}, "metadata": {}, "transient": {}})


def test_what_is_not_output_changes_nothing() -> None:
    assert not Outputs().hear("status", {"execution_state": "idle"})


def test_of_endless_output_head_and_tail_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outputs, "STREAM_LIMIT", 100)
    (text,) = heard(stream("first"), *[stream(f"{n:9}\n") for n in range(1000)])
    assert len(text) <= 100
    assert text.startswith("first")
    assert text.endswith("999\n")
    assert text.count("output left out") == 1
