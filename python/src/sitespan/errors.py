"""The one class of failures that a person may see."""

from __future__ import annotations


class SitespanError(Exception):
    """One sentence that says what failed, where, and what to do.

    Attributes
    ----------
    code
        Stable and searchable, e.g. ``cluster-unknown``; the keeper's own where it refused.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code

    def __reduce__(self) -> tuple[type[SitespanError], tuple[str, str]]:
        return type(self), (self.code, str(self))
