"""What a host answers to what it cannot do."""

from __future__ import annotations


class Refused(Exception):
    """A request that cannot be carried out: a stable code and one sentence."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
