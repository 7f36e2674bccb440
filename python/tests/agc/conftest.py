"""The example's own modules, its data at three sizes, and real NanoAOD where it is there."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).parents[3]
EXAMPLE = ROOT / "examples" / "agc-ttbar"
REAL = ROOT.parent / "shared" / "data"


class Example:
    """The modules beside the notebook, by attribute: `example.make_data`, `example.processor`."""

    def __getattr__(self, name: str) -> ModuleType:
        beside = name in ("make_data", "run_plain")
        package = "toydata" if name in ("nanoaod", "kinematics") else "utils"
        return importlib.import_module(name if beside else f"{package}.{name}")


@pytest.fixture(scope="package")
def example() -> Iterator[Example]:
    """Modules of the example; forgotten afterwards, for other tests have a `utils` of their own."""
    sys.path.insert(0, str(EXAMPLE))
    yield Example()
    sys.path.remove(str(EXAMPLE))
    for name in [*sys.modules]:
        if name.partition(".")[0] in ("utils", "toydata", "make_data", "run_plain"):
            del sys.modules[name]


@pytest.fixture(scope="package")
def small_data(example: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with two files of 1,500 events for each sample."""
    folder = tmp_path_factory.mktemp("small")
    example.make_data.make(folder, events=1500, files_per_sample=2)
    return folder


@pytest.fixture(scope="package")
def default_data(example: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with what `make_data.py` makes when nothing else is said."""
    folder = tmp_path_factory.mktemp("default")
    assert example.make_data.main([str(folder)]) == 0
    return folder


@pytest.fixture(scope="package")
def default_output(example: Any, default_data: Path) -> Any:
    """Return the whole analysis of the default data, without Dask."""
    return example.run_plain.run(example.fileset.read_fileset(default_data))


@pytest.fixture(params=["nano_dy.root", "nano_dimuon.root"])
def real_file(request: pytest.FixtureRequest) -> Path:
    """Return a file that CMS made: simulation with generator weights, and data without."""
    path = REAL / request.param
    if not path.is_file():
        pytest.skip("skipped: real NanoAOD not here")
    return path
