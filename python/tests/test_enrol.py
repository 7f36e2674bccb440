"""What a job does with the keeper's answers, through the real relay."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

import rig
from keeper_rig import keeper
from sitespan import enrol as enrol_module
from sitespan.enrol import EnrolmentRefused, KeeperUnreachable, enrol, grid_job
from sitespan.identity import Identity

ENVIRONMENT = {"python": "3.11.7"}
ANSWER = {
    "identity": {"version": 1},
    "scheduler": "relay://scheduler:8786",
    "name": "north-3",
    "nthreads": 1,
    "memoryBytes": 0,
    "resources": {},
    "deathTimeoutSeconds": 60,
    "lifetimeSeconds": 3600,
}


@pytest.fixture
def join(cluster: rig.RelayedCluster) -> Identity:
    return cluster.identity("joiner", "token-1", lifetime=600)._replace(join_secret="ab" * 32)


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(enrol_module, "LONGEST_PAUSE_SECONDS", 0.05)


def ask(join: Identity, limit: float = 10) -> dict[str, Any]:
    return enrol(
        join,
        ENVIRONMENT,
        "job-7",
        limit_seconds=limit,
        say=lambda sentence: None,
        node={"cores": 8},
    )


def test_an_accepted_job_gets_what_it_needs(cluster: rig.RelayedCluster, join: Identity) -> None:
    with keeper(cluster.identity("keeper", "keeper"), lambda n, _: (200, ANSWER)) as running:
        assert ask(join) == ANSWER
    [request] = running.requests
    assert (request["token"], request["secret"], request["job"]) == ("token-1", "ab" * 32, "job-7")
    assert request["environment"] == ENVIRONMENT
    assert request["node"]["cores"] == 8
    assert abs(request["node"]["time"] - time.time()) < 60
    assert request["pid"] > 0


@pytest.mark.parametrize(
    ("status", "code"),
    [(403, "token-expired"), (403, "job-unknown"), (409, "environment-differs")],
)
def test_a_refusal_is_final(
    cluster: rig.RelayedCluster, join: Identity, status: int, code: str
) -> None:
    body = {"code": code, "message": "Python is 3.9 here and 3.11 in the cluster."}
    with keeper(cluster.identity("keeper", "keeper"), lambda n, _: (status, body)) as running:
        with pytest.raises(EnrolmentRefused, match=r"Python is 3\.9") as refused:
            ask(join)
    assert refused.value.code == code
    assert len(running.requests) == 1


def test_not_yet_is_asked_again_until_it_is_time(
    cluster: rig.RelayedCluster, join: Identity
) -> None:
    def answer(n: int, request: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        return (503, {"code": "not-yet"}) if n < 3 else (200, ANSWER)

    with keeper(cluster.identity("keeper", "keeper"), answer) as running:
        assert ask(join)["name"] == "north-3"
    assert len(running.requests) == 4


def test_a_keeper_that_is_being_restarted_loses_no_job(
    cluster: rig.RelayedCluster, join: Identity
) -> None:
    running = keeper(cluster.identity("keeper", "keeper"), lambda n, _: (200, ANSWER))
    with ThreadPoolExecutor(1) as job:
        answer = job.submit(ask, join, 40)
        with pytest.raises(TimeoutError):
            answer.result(0.3)
        with running:
            assert answer.result(40) == ANSWER


def test_it_gives_up_at_its_limit(cluster: rig.RelayedCluster, join: Identity) -> None:
    body = {"code": "not-yet"}
    with keeper(cluster.identity("keeper", "keeper"), lambda n, _: (503, body)):
        with pytest.raises(KeeperUnreachable, match="503 not-yet"):
            ask(join, limit=0.5)


def test_a_relay_that_is_not_there_is_named(join: Identity) -> None:
    with pytest.raises(KeeperUnreachable, match=r"127\.0\.0\.1:1 cannot be reached"):
        ask(rig.through(join, 1), limit=0.3)


def test_who_is_not_the_keeper_is_shown_no_token(
    cluster: rig.RelayedCluster, join: Identity
) -> None:
    impostor = cluster.identity("keeper", "keeper", owner=("worker", "north-1"))
    with keeper(impostor, lambda n, _: (200, ANSWER)) as running:
        with pytest.raises(EnrolmentRefused) as refused:
            ask(join)
    assert refused.value.code == "not-the-keeper"
    assert running.requests == []


def test_a_keeper_of_another_ca_is_shown_no_token(
    cluster: rig.RelayedCluster, join: Identity, shared_relay: rig.RelayProcess
) -> None:
    other = rig.RelayedCluster(shared_relay, cluster.folder).identity("keeper", "keeper")
    impostor = cluster.identity("keeper", "keeper")._replace(tls=other.tls)
    with keeper(impostor, lambda n, _: (200, ANSWER)) as running:
        with pytest.raises(KeeperUnreachable, match="TLS with the keeper failed"):
            ask(join, limit=0.5)
    assert running.requests == []


def test_an_expired_token_asks_nobody(cluster: rig.RelayedCluster) -> None:
    expired = cluster.identity("joiner", "token-1", lifetime=-3600)
    with pytest.raises(EnrolmentRefused) as refused:
        ask(expired)
    assert refused.value.code == "token-expired"


def test_an_answer_without_what_a_worker_needs_is_refused(
    cluster: rig.RelayedCluster, join: Identity
) -> None:
    with keeper(cluster.identity("keeper", "keeper"), lambda n, _: (200, {"name": "x"})):
        with pytest.raises(EnrolmentRefused, match="no usable 'identity'"):
            ask(join)


def test_the_grids_job_id_is_found_whatever_the_grid_calls_it() -> None:
    assert grid_job({"JOBID": "5", "DIRACJOBID": "77"}) == "77"
    assert grid_job({"SITESPAN_JOB": "local-1", "JOBID": "5"}) == "local-1"
    assert grid_job({}) == ""
