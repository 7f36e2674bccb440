"""``sitespan.Cluster`` with a real keeper, relay, scheduler and workers."""

from __future__ import annotations

import http.cookiejar
import json
import os
import signal
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest
from distributed import Client, Status

import api_rig
import rig
import sitespan
from sitespan.keeper import Keeper

SITES = {"north": 4, "south": 4}


@pytest.fixture(scope="module", autouse=True)
def home() -> Iterator[Path]:
    with api_rig.own_home() as folder:
        yield folder


@pytest.fixture(scope="module")
def shared(home: Path) -> Iterator[sitespan.Cluster]:
    """A cluster with one worker or more."""
    with sitespan.Cluster("shared", n_workers=1, sites=SITES) as cluster:
        cluster.wait_for_workers(1, timeout=api_rig.PATIENCE)
        yield cluster


def folder_of(cluster: sitespan.Cluster) -> Path:
    return next(Path(os.environ["XDG_STATE_HOME"]).glob(f"sitespan/*/{cluster.name}"))


def files_under(folder: Path) -> Iterator[bytes]:
    """What the files of a cluster hold, some of which go while one looks."""
    for base, _, names in os.walk(folder):
        for name in names:
            path = Path(base, name)
            if path.is_file():  # not a socket
                with suppress(FileNotFoundError):
                    yield path.read_bytes()


def test_is_scaled_and_computes_for_a_client(shared: sitespan.Cluster) -> None:
    assert shared.status == Status.running and shared.created
    assert shared.scheduler_address == "relay://scheduler:8786"
    with Client(shared) as client:
        shared.scale(3)
        client.wait_for_workers(3, timeout=api_rig.PATIENCE)
        assert client.submit(lambda x: x + 1, 41).result(timeout=api_rig.PATIENCE) == 42
        api_rig.wait_until(lambda: len(shared.observed) == 3, "3 workers are seen")
        assert shared.plan == shared.requested == shared.observed == set(shared.workers)
        shared.scale(1)
        api_rig.wait_until(lambda: len(shared.requested) == 1, "2 workers are gone")
        api_rig.wait_until(lambda: shared.observed == shared.plan, "the scheduler knows it")


def test_what_one_only_attaches_to_goes_on(shared: sitespan.Cluster) -> None:
    with sitespan.Cluster("shared") as again:
        assert not again.created and again == shared
        assert set(again.observed) == set(shared.observed)
    assert again.status == Status.closed
    assert "shared" in api_rig.open_clusters()


def test_another_process_attaches_and_computes(shared: sitespan.Cluster) -> None:
    printed = api_rig.python(
        "import sitespan\n"
        "from distributed import Client\n"
        "with sitespan.Cluster('shared', create=False) as cluster, Client(cluster) as client:\n"
        "    print(cluster.created, client.submit(sum, [1, 2]).result(timeout=60))\n"
    )
    assert printed.split() == ["False", "3"]
    assert "shared" in api_rig.open_clusters()


def test_leaving_ends_what_it_has_made_and_a_name_is_free_again_at_once() -> None:
    for _ in range(2):
        with sitespan.Cluster("short") as cluster:
            assert cluster.created and "short" in api_rig.open_clusters()
        assert cluster.status == Status.closed
        assert "short" not in api_rig.open_clusters()
    cluster.close()  # once more does nothing


def test_one_that_nobody_closes_outlives_its_process() -> None:
    api_rig.python("import sitespan\nsitespan.Cluster('outlives')")
    assert "outlives" in api_rig.open_clusters()
    attached = sitespan.Cluster("outlives", create=False)
    attached.shutdown()
    assert "outlives" not in api_rig.open_clusters()


def test_says_when_somebody_else_has_ended_it() -> None:
    with sitespan.Cluster("taken") as cluster:
        api_rig.end("taken")
        api_rig.wait_until(lambda: cluster.status == Status.failed, "it notices")
        with pytest.raises(sitespan.SitespanError, match=r"taken .* has ended") as refused:
            cluster.scale(1)
        assert refused.value.code == "cluster-unknown"


def test_a_keeper_that_is_dead_with_its_watchdog_is_started_again(
    shared: sitespan.Cluster,
) -> None:
    mark = json.loads((folder_of(shared) / "keeper" / "kept.json").read_text())["mark"]
    os.killpg(mark["pid"], signal.SIGKILL)
    shared.scale(2)
    shared.wait_for_workers(2, timeout=api_rig.PATIENCE)


def test_adapts_to_the_work_there_is(shared: sitespan.Cluster) -> None:
    adaptation = shared.adapt(minimum=2, maximum=3)
    assert (adaptation.minimum, adaptation.maximum) == (2, 3)
    assert "adapts, 2 to 3" in shared._repr_html_()
    shared.wait_for_workers(2, timeout=api_rig.PATIENCE)
    adaptation.stop()
    assert "adapts" not in shared._repr_html_()


def test_more_than_the_limit_is_confirmed_first(shared: sitespan.Cluster) -> None:
    with pytest.raises(sitespan.SitespanError, match="confirmed=True") as refused:
        shared.scale(51)
    assert refused.value.code == "confirmation-needed"


def test_a_second_pool_has_workers_of_its_own_kind(shared: sitespan.Cluster) -> None:
    shared.add_pool("gpu", sites=["south"], cores=2, memory="1 GB", resources={"GPU": 1})
    with Client(shared) as client:
        shared.scale(1, pool="gpu")
        future = client.submit(sum, [1, 2], resources={"GPU": 1})
        assert future.result(timeout=api_rig.PATIENCE) == 3
        infos = client.scheduler_info(n_workers=-1)["workers"].values()
        kinds = [(i["nthreads"], i["memory_limit"]) for i in infos if i["name"] == "gpu-1"]
        assert kinds == [(2, 10**9)]
        shared.scale(0, pool="gpu")


def test_has_the_logs_of_keeper_scheduler_and_workers(shared: sitespan.Cluster) -> None:
    logs = shared.get_logs()
    assert "keeping" in logs["Cluster"]
    assert "Scheduler" in logs and len(logs) > 2
    assert set(shared.get_logs(cluster=False, workers=False)) == {"Scheduler"}


def test_a_notebook_shows_it_without_widgets(shared: sitespan.Cluster) -> None:
    from IPython.core.formatters import DisplayFormatter

    formatter = DisplayFormatter()
    formatter.active_types = formatter.format_types
    shown, _ = formatter.format(shared)
    assert set(shown) == {"text/plain", "text/html"}
    assert "sitespan.Cluster(shared" in shown["text/plain"]
    assert "<td>main</td><td>north, south</td>" in shown["text/html"]


def test_the_dashboard_opens_once(shared: sitespan.Cluster) -> None:
    link = shared.dashboard_link
    cookies = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
    browser = urllib.request.build_opener(urllib.request.ProxyHandler({}), cookies)
    with browser.open(link, timeout=api_rig.PATIENCE) as page:
        assert page.status == 200
    status = link.partition("/sitespan/")[0] + "/status"
    with browser.open(status, timeout=api_rig.PATIENCE) as page:
        assert b"Dask" in page.read()
    stranger = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with pytest.raises(urllib.error.HTTPError, match="401"):
        stranger.open(link, timeout=api_rig.PATIENCE)


def test_its_key_is_in_memory_only_and_is_not_shown(shared: sitespan.Cluster) -> None:
    assert shared.security is not None
    identity = shared.security.identity
    secrets = [identity.credential.key.encode(), str(identity.tls.key).encode()]
    shown = f"{shared.security!r} {shared!r} {shared._repr_html_()}".encode()
    files = list(files_under(folder_of(shared)))
    assert len(files) > 10
    assert not any(secret in text for secret in secrets for text in [shown, *files])


def test_in_a_kernel_its_own_cluster_is_the_one_without_a_name(
    shared: sitespan.Cluster, tmp_path: Path
) -> None:
    import nbformat

    cell = "import sitespan\nwith sitespan.Cluster() as c:\n    print(c.name, c.created, c.status)"
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell)])
    nbformat.write(notebook, tmp_path / "own.ipynb")
    keeper = Keeper.ensure("shared", {"create": False})
    kernel = keeper.call("/v1/kernel/start", {"cwd": str(tmp_path)})["id"]
    api_rig.wait_until(
        lambda: any(k["phase"] == "idle" for k in keeper.state()["kernels"]), "the kernel is there"
    )
    saved = tmp_path / "done.ipynb"
    run = {"kernel": kernel, "path": str(tmp_path / "own.ipynb"), "save": str(saved)}
    keeper.call("/v1/kernel/notebook", run)

    def ended() -> bool:
        cells = keeper.state()["kernels"][-1]["cells"]
        return bool(cells["done"] + cells["failed"] == 1)

    api_rig.wait_until(ended, "the cell has ended")
    outputs = nbformat.read(saved, as_version=4).cells[0].outputs
    assert [output.text.strip() for output in outputs] == ["shared False Status.running"]
    keeper.call("/v1/kernel/shutdown", {"kernel": kernel})


async def test_asynchronous_use_is_as_of_other_clusters() -> None:
    async with sitespan.Cluster("async", n_workers=1, asynchronous=True) as cluster:
        assert cluster.status == Status.running
        async with Client(cluster, asynchronous=True) as client:
            assert await client.submit(sum, [1, 2]) == 3
        cluster.scale(2)  # need not be awaited
        await cluster.wait_for_workers(2, timeout=api_rig.PATIENCE)
        assert (await cluster.adapt(minimum=0, maximum=2)).maximum == 2
        await cluster.scale(0)
    assert cluster.status == Status.closed
    assert "async" not in api_rig.open_clusters()


@pytest.mark.parametrize(
    ("name", "options", "code", "sentence"),
    [
        ("nowhere", {"create": False}, "cluster-unknown", "no cluster"),
        ("not a name", {}, "name-invalid", "letters, digits"),
        ("snake", {"python": "/nonexistent/python"}, "python-missing", "no interpreter"),
        ("mute", {"python": "/bin/true"}, "environment-strange", "/bin/true"),
        ("nosite", {"sites": ["moon"]}, "site-unknown", "no site moon"),
    ],
)
def test_what_cannot_be_is_one_sentence_and_leaves_nothing_behind(
    name: str, options: dict[str, object], code: str, sentence: str
) -> None:
    with pytest.raises(sitespan.SitespanError, match=sentence) as refused:
        sitespan.Cluster(name, **options)  # type: ignore[arg-type]
    assert refused.value.code == code
    assert name not in api_rig.open_clusters()


def test_of_two_that_want_the_same_at_once_one_makes_it_and_both_have_it() -> None:
    wish = {"python": sys.executable}
    with ThreadPoolExecutor(2) as both:
        keepers = list(both.map(lambda _: Keeper.ensure("race", wish), range(2)))
    assert sorted(keeper.created for keeper in keepers) == [False, True]
    assert {keeper.state()["name"] for keeper in keepers} == {"race"}
    keepers[0].shut_down()
    keepers[1].shut_down()  # once more does nothing


def test_the_program_says_what_it_does_not_understand() -> None:
    with pytest.raises(sitespan.SitespanError, match="ensure") as refused:
        Keeper.ensure("shared", {"no such wish": 1})
    assert refused.value.code == "bad-request"


def test_importing_the_package_loads_nothing() -> None:
    code = "import sys, sitespan; print({'dask', 'distributed', 'tornado'} & set(sys.modules))"
    ran = rig.printed_by(code)
    assert ran == "set()"
    assert set(sitespan.__all__) <= set(dir(sitespan))
    with pytest.raises(AttributeError, match="Clusters"):
        sitespan.Clusters  # type: ignore[attr-defined]  # noqa: B018
