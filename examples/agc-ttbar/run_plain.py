"""Run the analysis without Dask, in this process: the reference for every other way to run it."""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

from utils.checks import numbers
from utils.fileset import read_fileset


def run(
    fileset: dict[str, Any], *, chunksize: int = 100_000, objects: bool = False
) -> dict[str, Any]:
    """Process a fileset with coffea's iterative executor, and return the processor's output."""
    from coffea import processor
    from utils.processor import TtbarProcessor
    from utils.schema import ReducedNanoAODSchema

    runner = processor.Runner(
        executor=processor.IterativeExecutor(status=False),
        schema=ReducedNanoAODSchema,
        chunksize=chunksize,
        metadata_cache={},
    )
    return dict(runner(fileset, TtbarProcessor(objects=objects)))


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("inputs", help="inputs.json, or the folder that holds it")
    parser.add_argument("out", type=Path, help="where to write the numbers, as JSON")
    parser.add_argument("--files-per-sample", type=int, default=-1)
    parser.add_argument("--chunksize", type=int, default=100_000)
    given = parser.parse_args()
    started = time.monotonic()
    output = run(read_fileset(given.inputs, given.files_per_sample), chunksize=given.chunksize)
    result = numbers(output)
    given.out.write_text(json.dumps(result, indent=1) + "\n")
    seconds = time.monotonic() - started
    print(f"{sum(result['events'].values())} events in {seconds:.1f} s: {given.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
