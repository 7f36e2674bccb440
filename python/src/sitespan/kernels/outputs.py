"""A code cell's outputs as nbformat keeps them, built from the kernel's messages."""

from __future__ import annotations

from typing import Any

#: Characters kept of one stream output; of more, the head and the tail survive.
STREAM_LIMIT = 2_000_000

_LEFT_OUT = "\n… output left out …\n"


class Outputs:
    """The list ``outputs`` of one code cell, in nbformat 4.5.

    Streams are joined, returns and backspaces overwrite as on a terminal (a progress bar is one
    line in the file, not thousands), ``clear_output`` and ``update_display_data`` are
    carried out.
    """

    def __init__(self) -> None:
        self._entries: list[dict[str, Any]] = []
        # nbformat has no place for a display id, so it is kept beside each entry.
        self._display_ids: list[str | None] = []
        self._clear_next = False

    def hear(self, kind: str, content: dict[str, Any]) -> bool:
        """Take in one message that belongs to this cell; True if the outputs changed."""
        if kind == "clear_output":
            if content.get("wait"):
                self._clear_next = True
                return False
            self._clear()
            return True
        if kind == "stream":
            self._clear_if_asked()
            self._stream(str(content["name"]), str(content["text"]))
        elif kind in ("display_data", "execute_result"):
            self._clear_if_asked()
            entry: dict[str, Any] = {"output_type": kind, "data": content["data"]}
            entry["metadata"] = content.get("metadata", {})
            if kind == "execute_result":
                entry["execution_count"] = content.get("execution_count")
            self._add(entry, content.get("transient", {}).get("display_id"))
        elif kind == "error":
            self._clear_if_asked()
            error = {key: content[key] for key in ("ename", "evalue", "traceback")}
            self._add({"output_type": "error", **error}, None)
        else:
            return False
        return True

    def update(self, content: dict[str, Any]) -> bool:
        """Take in ``update_display_data``, of whichever cell; True if it was about one of these."""
        wanted = content.get("transient", {}).get("display_id")
        changed = False
        for entry, display_id in zip(self._entries, self._display_ids, strict=True):
            if display_id is not None and display_id == wanted:
                entry["data"] = content["data"]
                entry["metadata"] = content.get("metadata", {})
                changed = True
        return changed

    def as_nbformat(self) -> list[dict[str, Any]]:
        """Return the outputs; the list is the caller's, its entries are not."""
        return list(self._entries)

    def _add(self, entry: dict[str, Any], display_id: str | None) -> None:
        self._entries.append(entry)
        self._display_ids.append(display_id)

    def _stream(self, name: str, text: str) -> None:
        last = self._entries[-1] if self._entries else None
        if last is None or last.get("output_type") != "stream" or last["name"] != name:
            last = {"output_type": "stream", "name": name, "text": ""}
            self._add(last, None)
        joined = _append(last["text"], text)
        if len(joined) > STREAM_LIMIT:
            joined = joined[: STREAM_LIMIT // 4] + _LEFT_OUT + joined[-STREAM_LIMIT // 2 :]
        last["text"] = joined

    def _clear_if_asked(self) -> None:
        if self._clear_next:
            self._clear()

    def _clear(self) -> None:
        self._entries.clear()
        self._display_ids.clear()
        self._clear_next = False


def _append(written: str, text: str) -> str:
    """Add `text`, letting its control characters overwrite the last line written."""
    if "\r" not in text and "\b" not in text and "\r" not in written[-1:]:
        return written + text
    start = written.rfind("\n") + 1
    lines = (written[start:] + text).split("\n")
    return written[:start] + "\n".join(_overwritten(line) for line in lines)


def _overwritten(line: str) -> str:
    # What is behind the last return starts the line anew. One at the end of the line waits for
    # what follows: tqdm writes it before a bar, others behind it.
    ending = "\r" if line.endswith("\r") else ""
    body = line.rstrip("\r").rpartition("\r")[2]
    kept: list[str] = []
    for character in body:
        if character != "\b":
            kept.append(character)
        elif kept:
            kept.pop()
    return "".join(kept) + ending
