"""What a role may ask of our scheduler and workers, over real relayed streams."""

from __future__ import annotations

import asyncio
import operator
import secrets
from collections.abc import AsyncIterator

import dask.array as da
import pytest
import pytest_asyncio
from dask import config
from distributed import Actor, Event, Lock, Queue, Semaphore, Variable
from distributed.worker import get_client

import rig
from dask_rig import SCHEDULER, Dask, running
from sitespan import roles
from sitespan.guard import RoleRefused


@pytest_asyncio.fixture
async def dask(cluster: rig.RelayedCluster) -> AsyncIterator[Dask]:
    async with running(cluster) as dask:
        yield dask


REFUSED_TO_WORKERS = {
    "run_function": {"function": b""},
    "register_worker_plugin": {"plugin": b"", "name": "evil", "idempotent": False},
    "register_scheduler_plugin": {"plugin": b"", "name": "evil", "idempotent": False},
    "register_nanny_plugin": {"plugin": b"", "name": "evil", "idempotent": False},
    "feed": {},
    "broadcast": {"msg": {"op": "run"}},
    "proxy": {"msg": {"op": "run"}, "worker": "relay://south-1:1"},
    "register-client": {"client": "Client-evil", "versions": {}},
    "register_nanny": {"address": "relay://evil-1:1"},
    "update_data": {"who_has": {}, "nbytes": {}},
    "terminate": {},
    "restart": {},
    "gather": {"keys": []},
    "scatter": {"data": {}, "workers": None, "client": "x"},
    "connection_stream": {},
    "dump_state": {},
    "get_cluster_state": {"exclude": ()},
    "benchmark_hardware": {},
    "no_such_operation": {},
}


@pytest.mark.timeout(60)
async def test_the_scheduler_refuses_a_worker_what_it_has_no_need_of(
    dask: Dask, caplog: pytest.LogCaptureFixture
) -> None:
    for op, message in REFUSED_TO_WORKERS.items():
        with pytest.raises(RoleRefused, match="worker evil-1"):
            await dask.ask(SCHEDULER, "worker", "evil-1", op, **message)
    said = [r.getMessage() for r in caplog.records if r.name == "sitespan.guard"]
    for op in set(REFUSED_TO_WORKERS) - {"no_such_operation"}:
        assert any(op in line and "evil-1" in line for line in said), op
    assert dask.scheduler.status.name == "running"


async def test_the_keeper_may_ask_nothing_of_dask(dask: Dask) -> None:
    for address in (SCHEDULER, dask.workers[0].address):
        with pytest.raises(RoleRefused):
            await dask.ask(address, "keeper", "keeper", "identity")


async def test_a_worker_refuses_another_what_runs_code_or_ends_it(dask: Dask) -> None:
    target = dask.workers[0].address
    messages: dict[str, dict[str, object]] = {
        "run": {"function": b""},
        "run_coroutine": {"function": b""},
        "plugin-add": {"plugin": b"", "name": "evil"},
        "update_data": {"data": {"x": 1}},
        "upload_file": {"filename": "x.py", "data": b""},
        "terminate": {},
        "free_keys": {"keys": [], "stimulus_id": "x"},
        "connection_stream": {},
    }
    for op, message in messages.items():
        with pytest.raises(RoleRefused, match="worker evil-1"):
            await dask.ask(target, "worker", "evil-1", op, **message)
    assert "x" not in dask.workers[0].data


async def test_a_worker_speaks_only_of_itself(dask: Dask) -> None:
    other = dask.workers[0].address
    for op, message in {
        "unregister": {"address": other, "stimulus_id": "x"},
        "retire_workers": {"workers": [other]},
        "set_resources": {"worker": other, "resources": {"GPU": 1}},
        "heartbeat_worker": {"address": other, "metrics": {}},
    }.items():
        with pytest.raises(RoleRefused, match="about another"):
            await dask.ask(SCHEDULER, "worker", "evil-1", op, **message)
    for message in ({}, {"names": ["north-1"]}, {"workers": []}, {"n": 1}):
        with pytest.raises(RoleRefused, match="about another"):
            await dask.ask(SCHEDULER, "worker", "evil-1", "retire_workers", **message)
    assert len(dask.scheduler.workers) == 2


async def test_what_a_worker_may_not_send_in_its_stream_is_dropped(
    dask: Dask, caplog: pytest.LogCaptureFixture
) -> None:
    evil = dask.workers[1]
    evil.batched_send({"op": "update-graph", "graph_header": {}, "graph_frames": []})
    evil.batched_send({"op": "log-event", "topic": "after", "msg": 1})
    while not dask.scheduler.get_events("after"):
        await asyncio.sleep(0.01)
    assert "refused update-graph to worker south-1" in caplog.text
    assert evil.address in dask.scheduler.workers


async def test_a_worker_that_answers_for_another_in_its_stream_is_cut(dask: Dask) -> None:
    victim, evil = dask.workers
    result = await dask.client.scatter({"wanted": 1}, workers=[victim.name])
    evil.batched_send(
        {
            "op": "release-worker-data",
            "key": "wanted",
            "worker": victim.address,
            "stimulus_id": "x",
        }
    )
    while evil.address in dask.scheduler.workers:
        await asyncio.sleep(0.01)
    assert dask.scheduler.tasks["wanted"].who_has
    assert await dask.client.gather(result["wanted"]) == 1


def _coordinate(n: int) -> int:
    with Lock("lock"), Semaphore(max_leases=1, name="semaphore"):
        Event("event").set()
        Variable("variable").set(n)
        queue = Queue("queue")
        queue.put(n)
        return int(queue.get(timeout=10)) + int(Variable("variable").get(timeout=10))


async def test_tasks_coordinate_with_locks_events_variables_and_queues(dask: Dask) -> None:
    queue = await Queue("queue", client=dask.client)
    assert await dask.client.submit(_coordinate, 21) == 42
    assert await Event("event", client=dask.client).wait(timeout=10)
    assert await Variable("variable", client=dask.client).get(timeout=10) == 21
    assert await queue.qsize() == 0


class Counter:
    def __init__(self) -> None:
        self.n = 0

    def increment(self) -> int:
        self.n += 1
        return self.n


def _use(actor: Actor) -> int:
    return int(actor.increment().result(timeout=10))


async def test_actors_are_used_by_clients_and_by_other_workers(dask: Dask) -> None:
    actor = await dask.client.submit(Counter, actor=True, workers=["north-1"])
    assert await actor.increment() == 1
    assert await dask.client.submit(_use, actor, workers=["south-1"]) == 2


async def test_data_moves_between_workers_and_to_the_client(dask: Dask) -> None:
    north = await dask.client.scatter([1, 2, 3], workers=["north-1"])
    south = dask.client.submit(sum, north, workers=["south-1"])
    assert await south == 6
    assert await dask.client.gather(north, direct=True) == [1, 2, 3]
    await dask.client.replicate([south], n=2)
    assert len(dask.scheduler.tasks[south.key].who_has) == 2


async def test_workers_shuffle_peer_to_peer(dask: Dask) -> None:
    array = da.arange(10_000, chunks=500).reshape(100, 100).rechunk((10, 100))
    with config.set({"array.rechunk.method": "p2p"}):
        total = dask.client.compute(array.rechunk((100, 10)).sum(axis=0))
    assert (await total).sum() == 10_000 * 9_999 // 2


async def test_a_client_may_do_what_dask_offers_it(dask: Dask) -> None:
    assert await dask.client.run_on_scheduler(operator.add, 1, 1) == 2
    assert set((await dask.client.run(operator.add, 1, 2)).values()) == {3}
    await dask.client.publish_dataset(secrets.token_hex(1), name="data")
    assert list(await dask.client.list_datasets()) == ["data"]
    assert await dask.client.who_has() is not None
    assert await dask.client.get_versions()


async def test_a_task_that_wants_a_client_is_told_why_not(dask: Dask) -> None:
    with pytest.raises(ValueError, match="workers may not submit work"):
        await dask.client.submit(get_client)


async def test_a_worker_leaves_and_its_results_stay(dask: Dask) -> None:
    future = dask.client.submit(operator.add, 40, 2, workers=["north-1"], allow_other_workers=True)
    await future
    await dask.workers[0].leave()
    assert len(dask.scheduler.workers) == 1
    assert await future == 42


async def test_every_operation_of_distributed_has_been_read(dask: Dask) -> None:
    """A release of distributed with another operation, or without one, has to be read again."""
    nobody = {"close", "connection_stream", "register_nanny"}
    scheduler, worker = roles.SCHEDULER_RULES, roles.WORKER_RULES
    for server, rules in ((dask.scheduler, scheduler), (dask.workers[0], worker)):
        assert frozenset().union(*rules.operations.values()) == set(server.handlers) - nobody
        assert frozenset().union(*rules.stream.values()) == set(server.stream_handlers)
