"""What a ``sitespan.Cluster`` asks of its keeper: pools, and how many workers are in each."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

from sitespan.errors import SitespanError
from sitespan.keeper import Keeper
from sitespan.pool import Pool

FIRST_POOL = "main"


class ClusterWishes:
    """Pools made, scaled, adapted; the one that is meant is found where none was named.

    Parameters
    ----------
    name
        The cluster's, for sentences.
    first_pool
        Made where one is needed and there is none.
    keeper
        Gives the keeper, or raises where there is no connection.
    """

    def __init__(self, name: str, first_pool: Pool, keeper: Callable[[], Keeper]) -> None:
        self._name = name
        self._first_pool = first_pool
        self._keeper = keeper

    def add_first_pool(self) -> None:
        """Make the pool ``main``, where it was found that its workers can go."""
        self._add(FIRST_POOL, self._first_pool, self._keeper().place)

    def add_pool(self, name: str, pool: Pool) -> None:
        """Make a pool with no worker in it yet."""
        self._add(name, pool, {})

    def _add(self, name: str, pool: Pool, place: Mapping[str, object]) -> None:
        keeper = self._keeper()
        settings = json.loads((keeper.folder / "cluster.json").read_text("utf-8"))
        local_sites = [site["name"] for site in settings["localSites"]]
        keeper.call("/v1/pool/create", {**pool.request(name, local_sites), **place})

    def scale(self, n: int, pool: str | None, confirmed: bool) -> None:
        """Have so many workers."""
        body = {"pool": self._chosen(pool), "workers": n}
        self._ask("/v1/pool/scale", body, confirmed)

    def adapt(self, minimum: int, maximum: int, pool: str | None, confirmed: bool) -> None:
        """Follow the scheduler's own target."""
        body = {"pool": self._chosen(pool), "minimum": minimum, "maximum": maximum}
        self._ask("/v1/pool/adapt", body, confirmed)

    def stop_adapting(self, pool: str | None) -> None:
        """Stay at the number there is."""
        name = self._chosen(pool)
        wanted = {each["name"]: each["desired"] for each in self._keeper().state()["pools"]}
        self._ask("/v1/pool/scale", {"pool": name, "workers": wanted[name]}, True)

    def _ask(self, path: str, body: dict[str, object], confirmed: bool) -> None:
        try:
            # An older keeper knows no confirmation: it is not told of one that was not given.
            self._keeper().call(path, {**body, "confirmed": True} if confirmed else body)
        except SitespanError as error:
            if error.code != "confirmation-needed":
                raise
            sentence = f"{error} From Python, that is confirmed=True."
            raise SitespanError(error.code, sentence) from error

    def _chosen(self, pool: str | None) -> str:
        """Return the pool that is meant; where there is none, the first is made."""
        if pool is not None:
            return pool
        names = [each["name"] for each in self._keeper().state()["pools"]]
        if not names:
            self.add_first_pool()
            return FIRST_POOL
        if len(names) == 1:
            return str(names[0])
        if FIRST_POOL in names:
            return FIRST_POOL
        raise SitespanError(
            "pool-unknown",
            f"The cluster {self._name} has the pools {', '.join(names)}; say which one (pool=…).",
        )
