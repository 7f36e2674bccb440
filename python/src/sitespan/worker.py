"""What a grid job runs: ``python -m sitespan.worker --join join.json``.

Describes its environment and its node, enrols at the keeper, and is a Dask worker from then on. No
syntax younger than Python 3.6 here and no Dask before enrolment: a job with the wrong Python, or
without Dask, must still be able to say so to the keeper.

Exit codes: 0 an orderly end; 2 a wrong command; 3 refused, or the environment cannot do it;
4 nobody could be reached, or the scheduler was lost.
"""

import argparse
import json
import logging
import os
import sys
from typing import NoReturn

from sitespan import identity
from sitespan.enrol import LIMIT_SECONDS, EnrolmentRefused, KeeperUnreachable, enrol, grid_job
from sitespan.environment import describe
from sitespan.node import find_node

REFUSED, UNREACHABLE = 3, 4


def main(arguments: "list[str] | None" = None) -> int:
    """Run the job; return its exit code."""
    parser = argparse.ArgumentParser(prog="python -m sitespan.worker", description=__doc__)
    parser.add_argument("--join", required=True, help="the joiner's identity (join.json)")
    parser.add_argument(
        "--enrol-seconds", type=float, default=LIMIT_SECONDS, help="how long to try to enrol"
    )
    options = parser.parse_args(arguments)
    try:
        join = identity.Identity.load(options.join)
        answer = enrol(
            join,
            describe(),
            grid_job(os.environ),
            limit_seconds=options.enrol_seconds,
            say=_say,
            node=find_node(),
        )
        identity.use(identity.Identity.parse(json.dumps(answer["identity"])))
    except EnrolmentRefused as refusal:
        _say_why(f"Refused ({refusal.code}): {refusal}")
        return REFUSED
    except KeeperUnreachable as error:
        _say_why(str(error))
        return UNREACHABLE
    except identity.IdentityError as error:
        _say_why(str(error))
        return REFUSED
    _say("Enrolled as {}.".format(answer["name"]))
    try:
        import asyncio

        from sitespan.dask_worker import serve
    except ImportError as error:
        _say_why(f"The environment of this job cannot load Dask: {error}.")
        return REFUSED
    return asyncio.get_event_loop_policy().new_event_loop().run_until_complete(serve(answer))


def _say(sentence: str) -> None:
    print("sitespan: " + sentence, flush=True)


def _say_why(sentence: str) -> None:
    """Leave the reason in the job's std.err, where people look; the keeper reads it, too."""
    sys.stdout.flush()
    print("sitespan: " + sentence, file=sys.stderr, flush=True)


def _exit(code: int) -> NoReturn:
    # A task may still run in its thread: waiting for it, as Python's own exit does, would keep the
    # slot until the grid kills us.
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    _exit(main())
