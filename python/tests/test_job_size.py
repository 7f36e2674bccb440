import pytest

from sitespan.errors import SitespanError
from sitespan.job_size import JobSize

SIZE = JobSize(cores=8, memory="24GB")


def test_as_many_jobs_as_have_all_that_was_asked_for() -> None:
    assert SIZE.at_least(jobs=(2, None)) == 2
    assert SIZE.at_least(cores=9) == 2
    assert SIZE.at_least(memory="49 GB") == 3
    assert SIZE.at_least(jobs=(1,), cores=16, memory="24 GB") == 2


def test_no_more_jobs_than_any_limit_lets() -> None:
    assert SIZE.at_most(jobs=(5, 4)) == 4
    assert SIZE.at_most(jobs=(5,), cores=23, memory="100 GB") == 2
    assert SIZE.at_most(memory="25 GB") == 1


def test_nothing_said_is_no_number() -> None:
    assert SIZE.at_least() is None
    assert SIZE.at_most(jobs=(None, None)) is None


def test_memory_counts_only_where_a_worker_has_a_limit() -> None:
    boundless = JobSize(cores=1, memory=None)
    assert boundless.at_least(cores=3) == 3
    with pytest.raises(SitespanError, match="no limit"):
        boundless.at_least(memory="1 GB")
