"""One site's worker nodes: DIRAC's own JobAgent, which a pilot runs, matching and running jobs.

Only its pace is changed. The stock agent never cycles faster than every 10 s, and waits longer and
longer after each match that finds nothing, since a pilot would soon give up; this one asks again
about every second for as long as it runs.

    python job_agent.py WorkloadManagement/JobAgent --cfg pilot.cfg
"""

import sys
from typing import Any

from DIRAC.Core.Base import AgentReactor
from DIRAC.Core.scripts.dirac_agent import main
from DIRAC.WorkloadManagementSystem.Agent.JobAgent import JobAgent

stock_check = JobAgent._checkMatchingIssues
stock_scheduler = AgentReactor.ThreadScheduler.ThreadScheduler


def forget_failures(agent: JobAgent, job_request: dict[str, Any]) -> dict[str, Any]:
    """Judge a match as the stock agent does, and do not count the ones that found nothing."""
    judged = stock_check(agent, job_request)
    agent.matchFailedCount = 0
    return judged


def quick_scheduler(**options: Any) -> Any:
    """Make the agent's scheduler without its lower limit of 10 s between two cycles."""
    return stock_scheduler(**{**options, "minPeriod": 1})


if __name__ == "__main__":
    JobAgent._checkMatchingIssues = forget_failures
    AgentReactor.ThreadScheduler.ThreadScheduler = quick_scheduler
    sys.argv[0] = "dirac-agent"
    main()
