from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path

import pytest

from sitespan.kernels.record import Record, RecordTaken


def lines(data: bytes) -> list[dict[str, object]]:
    return [json.loads(line) for line in data.splitlines()]


async def test_a_reader_gets_whole_lines_from_its_offset_on(tmp_path: Path) -> None:
    record = Record(tmp_path / "record.jsonl")
    record.host("one")
    offset = record.offset
    record.host("two")
    record.message("cell", "stream", {"name": "stdout", "text": "x" * 5000}, {})
    assert [line["event"] for line in lines(record.read(0, limit=offset + 5))] == ["one"]
    assert lines(record.read(offset, limit=10))[0]["event"] == "two"
    assert len(lines(record.read(0))) == 3
    assert record.read(record.offset) == b""
    record.close()


async def test_a_line_longer_than_the_limit_is_read_whole(tmp_path: Path) -> None:
    record = Record(tmp_path / "record.jsonl")
    record.message("cell", "stream", {"name": "stdout", "text": "x" * 5000}, {})
    record.host("after")
    assert lines(record.read(0, limit=10))[0]["cell"] == "cell"
    record.close()


async def test_waiting_ends_with_growth_and_with_its_time(tmp_path: Path) -> None:
    record = Record(tmp_path / "record.jsonl")
    await record.wait_beyond(0, 0.01)
    waiting = [asyncio.create_task(record.wait_beyond(0, 30)) for _ in range(3)]
    await asyncio.sleep(0)
    assert not any(task.done() for task in waiting)
    record.host("grown")
    await asyncio.wait_for(asyncio.gather(*waiting), 5)
    record.close()


async def test_a_torn_last_line_is_cut_off(tmp_path: Path) -> None:
    path = tmp_path / "record.jsonl"
    path.write_bytes(b'{"a":1}\n{"b":')
    record = Record(path)
    assert record.offset == 8
    record.host("next")
    record.close()
    assert len(lines(path.read_bytes())) == 2


async def test_only_one_writes_a_record(tmp_path: Path) -> None:
    record = Record(tmp_path / "record.jsonl")
    with pytest.raises(RecordTaken):
        Record(tmp_path / "record.jsonl")
    record.close()
    Record(tmp_path / "record.jsonl").close()


async def test_output_beyond_the_limit_is_left_out_and_events_are_not(tmp_path: Path) -> None:
    record = Record(tmp_path / "record.jsonl", limit=200)
    for number in range(10):
        record.message("cell", "stream", {"name": "stdout", "text": f"{number:50}"}, {})
    record.host("cell-ended", "cell")
    kinds = [line.get("event", line["type"]) for line in lines(record.read(0))]
    assert kinds == ["stream", "stream", "note", "cell-ended"]
    record.close()


async def test_what_is_no_unicode_is_recorded_as_json_all_the_same(tmp_path: Path) -> None:
    record = Record(tmp_path / "record.jsonl")
    record.message("cell", "stream", {"name": "stdout", "text": "é\udcff\n"}, {})
    (line,) = lines(record.read(0))
    assert line["content"] == {"name": "stdout", "text": "é\udcff\n"}
    record.close()


async def test_a_full_disk_costs_lines_and_the_record_says_how_many(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = Record(tmp_path / "record.jsonl")
    record.host("before")
    write = os.write

    def full(file: int, data: bytes) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    record.host("lost")
    record.host("lost too")
    monkeypatch.setattr(os, "write", write)
    record.host("after")
    events = [(line["event"], line.get("message")) for line in lines(record.read(0))]
    assert events[0] == ("before", None)
    assert events[1] == ("note", "The disk was full: 2 lines of the record are missing here.")
    assert events[2] == ("after", None)
    record.close()
