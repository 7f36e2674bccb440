from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from jupyter_client.manager import KernelManager

NOTEBOOK = Path(__file__).parents[3] / "examples" / "agc-ttbar" / "ttbar.ipynb"


@pytest.fixture
def notebook() -> Any:
    return nbformat.read(NOTEBOOK, as_version=nbformat.NO_CONVERT)


@pytest.fixture
def kernel(tmp_path: Path, default_data: Path) -> Iterator[Any]:
    """Start a kernel beside the notebook; of the environment only the data are set."""
    manager = KernelManager(transport="ipc", ip=str(tmp_path / "k"))
    given = {"AGC_DATA": str(default_data), "AGC_RESULTS": str(tmp_path / "results.json")}
    absent = ("DASK_SCHEDULER_ADDRESS", "SITESPAN_IDENTITY", "MPLBACKEND")
    environment = {k: v for k, v in os.environ.items() if k not in absent}
    manager.start_kernel(cwd=str(NOTEBOOK.parent), env=environment | given)
    client = manager.client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=30)
        yield client
    finally:
        client.stop_channels()
        manager.shutdown_kernel()


def test_it_is_a_clean_notebook(notebook: Any) -> None:
    nbformat.validate(notebook)
    assert (notebook.nbformat, notebook.nbformat_minor) == (4, 5)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert all(cell.outputs == [] and cell.execution_count is None for cell in code)
    assert [cell.id for cell in code if "parameters" in cell.metadata.get("tags", [])] == [
        "parameters"
    ]


def test_it_runs_from_top_to_bottom_and_agrees_with_the_plain_run(
    example: Any, notebook: Any, kernel: Any, tmp_path: Path, default_output: Any
) -> None:
    figures = 0
    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        outputs: list[Any] = []
        reply = kernel.execute_interactive(cell.source, timeout=60, output_hook=outputs.append)
        assert reply["content"]["status"] == "ok", (cell.id, reply["content"])
        for output in outputs:
            data = output["content"].get("data", {})
            if "image/png" in data:
                assert data["image/svg+xml"].lstrip().startswith("<?xml")
                figures += 1
    assert figures == 5
    result = json.loads((tmp_path / "results.json").read_text())
    assert example.checks.differences(example.checks.numbers(default_output), result) == []
    expected = example.fit.fit(default_output["hist"])
    assert result["fit"]["ttbar_norm"] == pytest.approx(expected.ttbar_norm, rel=1e-3)
