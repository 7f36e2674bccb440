"""Sitespan: one Dask cluster over many grid sites. The Python side.

``sitespan.Cluster("name")`` is a cluster, ``sitespan.DiracCluster(...)`` one at a DIRAC in the
words of dask-dirac: docs/python.md. ``sitespan.expect(files=90)`` says how
much an analysis will process: docs/throughput.md. Importing this package loads nothing, so that a
job may do it before it knows whether its environment has Dask; and any Python can read it.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sitespan.cluster import Cluster
    from sitespan.dirac_cluster import DiracCluster
    from sitespan.errors import SitespanError
    from sitespan.expectation import expect

__all__ = ["Cluster", "DiracCluster", "SitespanError", "expect"]


def __getattr__(name: str) -> object:
    if name == "Cluster":
        from sitespan.cluster import Cluster

        return Cluster
    if name == "DiracCluster":
        from sitespan.dirac_cluster import DiracCluster

        return DiracCluster
    if name == "SitespanError":
        from sitespan.errors import SitespanError

        return SitespanError
    if name == "expect":
        from sitespan.expectation import expect

        return expect
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> "list[str]":
    return sorted({*globals(), *__all__})
