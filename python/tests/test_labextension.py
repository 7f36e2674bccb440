"""That tools which make clusters by a factory, as dask-labextension does, can use ours."""

from __future__ import annotations

import importlib
from collections.abc import AsyncIterator
from inspect import isawaitable
from typing import Any

import dask
import pytest
from dask.utils import format_bytes

import api_rig


@pytest.fixture
async def cluster() -> AsyncIterator[Any]:
    """A cluster made from what stands in Dask's configuration; its name is the tool's to choose."""
    factory = {
        "module": "sitespan",
        "class": "Cluster",
        "args": [],
        "kwargs": {"shutdown-on-close": True, "sites": {"north": 2}},
    }
    with api_rig.own_home(), dask.config.set({"labextension": {"factory": factory}}):
        module = importlib.import_module(dask.config.get("labextension.factory.module"))
        kind = getattr(module, dask.config.get("labextension.factory.class"))
        given = dask.config.get("labextension.factory.kwargs")
        keywords = {name.replace("-", "_"): value for name, value in given.items()}
        made = await kind(
            *dask.config.get("labextension.factory.args"), **keywords, asynchronous=True
        )
        yield made
        await made.close()


def model(cluster: Any) -> dict[str, Any]:
    """What such a tool shows of a cluster."""
    workers = cluster.scheduler_info["workers"].values()
    return {
        "address": cluster.scheduler_address,
        "dashboard": cluster.dashboard_link or "",
        "workers": len(workers),
        "cores": sum(worker["nthreads"] for worker in workers),
        "memory": format_bytes(sum(worker["memory_limit"] for worker in workers)),
    }


async def test_a_factory_makes_scales_adapts_and_closes_it(cluster: Any) -> None:
    assert cluster.name.startswith("dask-")
    assert cluster.scheduler_comm.address == "relay://scheduler:8786"
    assert model(cluster)["workers"] == 0
    assert model(cluster)["dashboard"].startswith("http://127.0.0.1:")

    scaling = cluster.scale(2)
    if isawaitable(scaling):
        await scaling
    await cluster.wait_for_workers(2, timeout=api_rig.PATIENCE)
    assert (model(cluster)["workers"], model(cluster)["cores"]) == (2, 2)

    adaptive = cluster.adapt(minimum=0, maximum=2)
    assert (adaptive.minimum, adaptive.maximum) == (0, 2)
    await adaptive.stop()

    await cluster.close()
    assert model(cluster)["dashboard"] == ""
    assert api_rig.open_clusters() == []
