"""The user's modules on real workers: processes of their own, started where nothing lies."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dask
import pytest
from distributed import Client, LocalCluster
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from sitespan import modules


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalCluster]:
    before = os.getcwd()
    os.chdir(tmp_path_factory.mktemp("empty"))
    try:
        with LocalCluster(
            n_workers=1,
            threads_per_worker=1,
            processes=True,
            host="127.0.0.1",
            dashboard_address="127.0.0.1:0",
            local_directory=str(tmp_path_factory.mktemp("workers")),
        ) as cluster:
            yield cluster
    finally:
        os.chdir(before)


class Notebook:
    """A folder, and cells that run beside its modules."""

    def __init__(self, folder: Path, shell: InteractiveShell) -> None:
        self.folder = folder
        self.shell = shell

    def write(self, name: str, text: str) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def cell(self, code: str, **names: Any) -> Any:
        self.shell.push(names)
        result = self.shell.run_cell(code)
        result.raise_error()
        return result.result


@pytest.fixture
def notebook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Notebook]:
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    monkeypatch.syspath_prepend(str(tmp_path / "notebook"))
    (tmp_path / "notebook").mkdir()
    config = Config({"HistoryManager": {"enabled": False}})
    shell = InteractiveShell.instance(config=config)
    with dask.config.set({"distributed.client.preload": []}):
        modules.watch(tmp_path / "notebook", addresses=("tcp://",))
        try:
            yield Notebook(tmp_path / "notebook", shell)
        finally:
            modules._watch = None
            InteractiveShell.clear_instance()


def test_a_function_beside_the_notebook_works_in_the_cell_that_makes_the_client(
    notebook: Notebook, cluster: LocalCluster
) -> None:
    notebook.write("alpha/__init__.py", "")
    notebook.write("alpha/cuts.py", "def pt():\n    return 25\n")
    cell = """
from distributed import Client
from alpha.cuts import pt
with Client(address, set_as_default=False) as client:
    answer = client.submit(pt, pure=False).result(30)
answer
"""
    assert notebook.cell(cell, address=cluster.scheduler_address) == 25


def test_an_edit_is_in_force_from_the_next_cell(notebook: Notebook, cluster: LocalCluster) -> None:
    notebook.write("beta/inner.py", "def value():\n    return 'first'\n")
    notebook.write(
        "beta_top.py", "from beta.inner import value\n\ndef both():\n    return value()\n"
    )
    with Client(cluster, set_as_default=False) as client:
        ask = "import beta_top\nclient.submit(beta_top.both, pure=False).result(30)"
        assert notebook.cell(ask, client=client) == "first"
        notebook.write("beta/inner.py", "def value():\n    return 'second one'\n")
        assert notebook.cell(ask) == "second one"
        notebook.write("beta/inner.py", "def value():\n    return 'first'\n")
        assert notebook.cell(ask) == "first"


def test_a_module_that_was_deleted_is_gone_from_the_workers(
    notebook: Notebook, cluster: LocalCluster
) -> None:
    notebook.write("gamma.py", "x = 1\n")
    notebook.write("gamma_old.py", "x = 2\n")
    with Client(cluster, set_as_default=False) as client:
        ask = "client.submit(lambda: __import__('gamma_old').x, pure=False).result(30)"
        assert notebook.cell(ask, client=client) == 2
        (notebook.folder / "gamma_old.py").unlink()
        with pytest.raises(ModuleNotFoundError):
            notebook.cell(ask)


def test_two_clients_both_have_the_modules_as_they_are_now(
    notebook: Notebook, cluster: LocalCluster, tmp_path: Path
) -> None:
    code = "def value():\n    return {}, 'workers' in __file__\n"
    notebook.write("delta.py", code.format(1))
    ask = "import delta\n[c.submit(delta.value, pure=False).result(30) for c in clients]"
    with (
        LocalCluster(
            n_workers=1,
            processes=True,
            host="127.0.0.1",
            dashboard_address="127.0.0.1:0",
            local_directory=str(tmp_path / "other-workers"),
        ) as other,
        Client(cluster, set_as_default=False) as first,
        Client(other, set_as_default=False) as second,
    ):
        assert notebook.cell(ask, clients=[first, second]) == [(1, True), (1, True)]
        notebook.write("delta.py", code.format(22))
        assert notebook.cell(ask) == [(22, True), (22, True)]


def test_a_worker_that_joins_later_has_the_modules_of_then(
    notebook: Notebook, cluster: LocalCluster
) -> None:
    notebook.write("epsilon.py", "def value():\n    return 1\n")
    with Client(cluster, set_as_default=False) as client:
        notebook.cell("", client=client)
        notebook.write("epsilon.py", "def value():\n    return 333\n")
        notebook.cell("1")
        cluster.scale(2)
        try:
            client.wait_for_workers(2, timeout=30)
            ask = "client.run(lambda: (lambda m: (m.value(), m.__file__))(__import__('epsilon')))"
            answers = notebook.cell(ask).values()
            assert [value for value, _ in answers] == [333, 333]
            # Not by the path that a process of this computer might inherit from the notebook's.
            assert not any(str(notebook.folder) in place for _, place in answers)
        finally:
            cluster.scale(1)


def test_an_asynchronous_client_has_them_too(notebook: Notebook, cluster: LocalCluster) -> None:
    notebook.write("zeta.py", "def value():\n    return 7\n")

    async def use() -> int:
        import zeta

        async with Client(
            cluster.scheduler_address, asynchronous=True, set_as_default=False
        ) as client:
            return await client.submit(zeta.value, pure=False)

    assert asyncio.run(use()) == 7


def test_a_cluster_that_is_not_ours_is_left_alone(
    notebook: Notebook, cluster: LocalCluster
) -> None:
    notebook.write("eta.py", "x = 1\n")
    modules.watch(notebook.folder)
    with Client(cluster, set_as_default=False) as client:
        notebook.cell("1", client=client)
        names = client.run(lambda dask_worker: list(dask_worker.plugins)).popitem()[1]
        source = modules._Watch(notebook.folder, ())._source
        assert f"sitespan-modules-{source}" not in names


def test_what_is_not_sent_is_said_once(
    notebook: Notebook, cluster: LocalCluster, capsys: pytest.CaptureFixture[str]
) -> None:
    notebook.write("theta.py", "#" * (2 << 20))
    with Client(cluster, set_as_default=False) as client:
        notebook.cell("1", client=client)
        notebook.cell("2")
    assert capsys.readouterr().err.count("not sent to the workers: theta.py") == 1


def test_workers_that_cannot_take_them_do_not_stop_the_cell(
    notebook: Notebook, cluster: LocalCluster, capsys: pytest.CaptureFixture[str]
) -> None:
    notebook.write("iota.py", "x = 1\n")
    with Client(cluster, set_as_default=False) as client:

        def fill(dask_worker: Any) -> None:
            dask_worker.local_directory, dask_worker.kept = "/dev/null", dask_worker.local_directory

        def mend(dask_worker: Any) -> None:
            dask_worker.local_directory = dask_worker.kept

        client.run(fill)
        try:
            notebook.write("iota.py", "x = 22\n")
            assert notebook.cell("40 + 2", client=client) == 42
        finally:
            client.run(mend)
        assert "did not reach every worker" in capsys.readouterr().err
        ask = "client.submit(lambda: __import__('iota').x, pure=False).result(30)"
        assert notebook.cell(ask) == 22
