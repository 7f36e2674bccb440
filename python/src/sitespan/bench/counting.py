"""What counting costs a worker: ``python -m sitespan.bench.counting --folder F --data D``.

Runs the example analysis on one worker of the kind that jobs run, over the relay, and prints the
time inside the counters' hooks beside the CPU time of the worker's process. The example's folder
must be on the path.
"""

from __future__ import annotations

import argparse
import json
import logging
import time
from contextlib import ExitStack
from importlib import import_module
from pathlib import Path

from coffea import processor
from distributed import Client, Worker

from sitespan.bench.ends import security
from sitespan.bench.transport import end
from sitespan.bench.usage import cpu_seconds

_START_SECONDS = 60.0
_CHUNKSIZE = 25_000


def hook_seconds(dask_worker: Worker) -> float:
    """Return the seconds that a worker's counting hooks have taken so far."""
    return float(dask_worker.task_counters.overhead_seconds)


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m sitespan.bench.counting")
    parser.add_argument("--folder", type=Path, required=True, help="where the identities are")
    parser.add_argument("--data", type=Path, required=True, help="the example's data")
    given = parser.parse_args()
    logging.getLogger("distributed").setLevel(logging.WARNING)
    # The example's own modules, by PYTHONPATH; only there when it runs.
    read_fileset = import_module("utils.fileset").read_fileset
    TtbarProcessor = import_module("utils.processor").TtbarProcessor
    ReducedNanoAODSchema = import_module("utils.schema").ReducedNanoAODSchema

    fileset = read_fileset(given.data)
    with ExitStack() as ends:
        where = str(given.folder)
        _, address = ends.enter_context(end("scheduler", "relay", where))
        worker, _ = ends.enter_context(end("counted", "relay", where, address))
        client = ends.enter_context(
            Client(
                address,
                security=security("relay", given.folder, "client"),
                timeout=_START_SECONDS,
            )
        )
        client.wait_for_workers(1, timeout=_START_SECONDS)
        before = sum(client.run(hook_seconds).values()), cpu_seconds(worker)
        begun = time.monotonic()
        runner = processor.Runner(
            executor=processor.DaskExecutor(client=client, status=False),
            schema=ReducedNanoAODSchema,
            chunksize=_CHUNKSIZE,
            savemetrics=True,
        )
        _, metrics = runner(fileset, TtbarProcessor())
        seconds = time.monotonic() - begun
        cpu = cpu_seconds(worker) - before[1]
        hooks = sum(client.run(hook_seconds).values()) - before[0]
    print(
        json.dumps(
            {
                "events": int(metrics["entries"]),
                "bytes": int(metrics["bytesread"]),
                "chunks": int(metrics["chunks"]),
                "cpu": cpu,
                "hooks": hooks,
                "seconds": seconds,
            }
        ),
        flush=True,
    )


if __name__ == "__main__":
    main()
