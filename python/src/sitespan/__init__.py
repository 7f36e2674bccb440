"""Sitespan: one Dask cluster over many grid sites. The Python side.

``sitespan.Cluster("name")`` is a cluster: docs/python.md. ``sitespan.expect(files=90)`` says how
much an analysis will process: docs/throughput.md. Importing this package loads nothing, so that a
job may do it before it knows whether its environment has Dask; and any Python can read it.
"""

__all__ = ["Cluster", "SitespanError", "expect"]


def __getattr__(name: str) -> object:
    if name == "Cluster":
        from sitespan.cluster import Cluster

        return Cluster
    if name == "SitespanError":
        from sitespan.errors import SitespanError

        return SitespanError
    if name == "expect":
        from sitespan.expectation import expect

        return expect
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> "list[str]":
    return sorted({*globals(), *__all__})
