"""``sitespan.DiracCluster``: in the place of dask-dirac's, with one line changed."""

from __future__ import annotations

import secrets
import sys
import warnings
from collections.abc import Mapping, Sequence
from typing import Any

from sitespan.adaptation import Adaptation
from sitespan.cluster_making import ClusterMaking, chosen_relay, whole_path
from sitespan.errors import SitespanError
from sitespan.job_size import JobSize
from sitespan.jobqueue_arguments import take_up, threads_of
from sitespan.kept_cluster import KeptCluster
from sitespan.pool import Pool

#: By which its cluster knows a DIRAC that has no name (src/owner/gridPlace.ts).
_UNNAMED_GRID = "dirac"
_US = "sitespan.DiracCluster"
_OWN_RELAY = (
    f"{_US}: its relay listens on this computer only, where workers elsewhere cannot reach it; name"
    " one that they can, with relay= or in Dask's configuration (docs/python.md)."
)
_OWN_PYTHON = (
    f"{_US}: workers look for {{}} at the sites; where the nodes do not have it, give container=,"
    " environment= or python=."
)
_MOST_ADAPTED = 50
#: Of dask-jobqueue's `adapt`.
_PACE = ("interval", "wait_count", "target_duration")


class DiracCluster(KeptCluster):
    """One Dask cluster whose workers are jobs of a DIRAC, each of one worker.

    Takes what dask-dirac's class of this name takes; docs/python.md says what becomes of each
    argument, also of those that are not here. The grid is found out from `submission_url` with
    the proxy; what cannot be is asked for, in a sentence.

    Parameters
    ----------
    n_workers
        Scale to so many.
    cores
        Of each job, which asks for so many processors; 1.
    memory
        Limit of each worker, ``"24GB"`` or bytes; none.
    walltime
        How long a worker may live: ``"12h"``, ``"12:00:00"`` or seconds; a day.
    dirac_site, dirac_sites
        Where the jobs may go, in any case of letters; all sites that are open to you.
    submission_url, server_url
        Where DIRAC's services are, ``https://dirac.example:8443``.
    user_proxy
        A file; ``$X509_USER_PROXY``, else ``/tmp/x509up_u<uid>``.
    cert_path
        Folder with certificates of authorities; ``$X509_CERT_DIR``, else
        ``/etc/grid-security/certificates``.
    owner_group
        DIRAC's group; that of the proxy.
    container, image
        An image that the nodes have or can fetch: the workers' Python is its ``python3``.
    python
        The workers' interpreter, as the nodes see it; the one that runs this program.
    environment
        Another way to the workers' Python: ``"conda:/prefix"``, ``"script:/path/setup.sh"``.
    nthreads
        As `cores`.
    resources
        Dask resources of each worker.
    grid
        A grid that was added with "sitespan grid add", in the place of all addresses.
    setup, vo, configuration, cfg
        What is not found out: DIRAC's setup, your VO, the address of the configuration server, a
        client's ``dirac.cfg``.
    relay
        One that others run: ``{"address": "host:port", "key": FILE}`` (docs/python.md).
    name
        As of `sitespan.Cluster`: one of that name is attached to, and outlives this process where
        nobody closes it. Without one it is new, and ends with this process.
    shutdown_on_close, asynchronous, loop, quiet, scheduler_sync_interval
        As of `sitespan.Cluster`.

    Raises
    ------
    SitespanError
        One sentence: what failed, where, and what to do.

    Examples
    --------
    >>> cluster = DiracCluster(cores=8, submission_url="https://dirac.example:8443")
    >>> cluster.scale(jobs=2)
    >>> client = Client(cluster)
    """

    _name = _US

    def __init__(
        self,
        n_workers: int | None = None,
        *,
        cores: int | None = None,
        memory: str | int | None = None,
        walltime: str | float | None = None,
        dirac_site: str | Sequence[str] | None = None,
        dirac_sites: str | Sequence[str] | None = None,
        submission_url: str | None = None,
        server_url: str | None = None,
        user_proxy: str | None = None,
        cert_path: str | None = None,
        owner_group: str | None = None,
        container: str | None = None,
        image: str | None = None,
        python: str | None = None,
        environment: str | None = None,
        nthreads: int | None = None,
        resources: Mapping[str, float] | None = None,
        grid: str | None = None,
        setup: str | None = None,
        vo: str | None = None,
        configuration: str | None = None,
        cfg: str | None = None,
        relay: Mapping[str, str] | None = None,
        name: str | None = None,
        shutdown_on_close: bool | None = None,
        asynchronous: bool = False,
        loop: Any = None,
        quiet: bool = False,
        scheduler_sync_interval: float | str = "10s",
        **others: Any,
    ) -> None:
        remarks = take_up(others, _US)
        self._size = JobSize(threads_of(cores, nthreads, _US), memory)
        clues = {
            "url": submission_url or server_url,
            "configuration": configuration,
            "cfg": cfg and whole_path(cfg),
            "setup": setup,
            "vo": vo,
            "group": owner_group,
            "proxy": user_proxy and whole_path(user_proxy),
            "caDirectory": cert_path and whole_path(cert_path),
        }
        sites = _names(dirac_site) + _names(dirac_sites)
        making = ClusterMaking(
            name or f"dirac-{secrets.token_hex(4)}",
            grid=grid or _known({what: value for what, value in clues.items() if value}),
            sites=sites,
            environment=_environment(container or image, python, environment),
            relay=relay,
        )
        if chosen_relay(relay) is None:
            remarks.append(_OWN_RELAY)
        if making.environment is None and python is None and not _is_everywhere(sys.executable):
            remarks.append(_OWN_PYTHON.format(sys.executable))
        for remark in remarks:
            warnings.warn(remark, stacklevel=2)
        super().__init__(
            making,
            Pool(
                sites, grid or _UNNAMED_GRID, self._size.cores, memory, walltime, python, resources
            ),
            n_workers=n_workers,
            shutdown_on_close=shutdown_on_close,
            ends_with_process=name is None and shutdown_on_close is not False,
            asynchronous=asynchronous,
            loop=loop,
            quiet=quiet,
            scheduler_sync_interval=scheduler_sync_interval,
        )

    def scale(
        self,
        n: int | None = None,
        jobs: int | None = None,
        memory: str | int | None = None,
        cores: int | None = None,
        *,
        pool: str | None = None,
        confirmed: bool = False,
    ) -> Any:
        """Have so many jobs; returns when that is written down, not when they have come.

        Parameters
        ----------
        n, jobs
            How many in all; 0 for none.
        memory, cores
            As many as have so much together.
        pool, confirmed
            As of `sitespan.Cluster.scale`.
        """
        wanted = self._size.at_least(jobs=(n, jobs), cores=cores, memory=memory)
        return super().scale(wanted or 0, pool=pool, confirmed=confirmed)

    def adapt(
        self,
        minimum: int | None = None,
        maximum: int | None = None,
        *,
        minimum_jobs: int | None = None,
        maximum_jobs: int | None = None,
        minimum_cores: int | None = None,
        maximum_cores: int | None = None,
        minimum_memory: str | int | None = None,
        maximum_memory: str | int | None = None,
        pool: str | None = None,
        confirmed: bool = False,
        **pace: Any,
    ) -> Adaptation:
        """Let the keeper choose the number of jobs by the work there is, also without us.

        Parameters
        ----------
        minimum, maximum, minimum_jobs, maximum_jobs
            Of jobs; 0, and 50 unless `minimum` is more.
        minimum_cores, maximum_cores, minimum_memory, maximum_memory
            Of all jobs together.
        pool, confirmed
            As of `sitespan.Cluster.adapt`.
        **pace
            Of dask-jobqueue's; the keeper has a pace of its own.
        """
        for name in pace:
            if name not in _PACE:
                raise TypeError(f"{_US}.adapt() got an unexpected keyword argument {name!r}")
            sentence = f"{_US}.adapt does without {name}=: the keeper has a pace of its own."
            warnings.warn(sentence, stacklevel=2)
        fewest = self._size.at_least(
            jobs=(minimum, minimum_jobs), cores=minimum_cores, memory=minimum_memory
        )
        most = self._size.at_most(
            jobs=(maximum, maximum_jobs), cores=maximum_cores, memory=maximum_memory
        )
        fewest = fewest or 0
        return super().adapt(
            fewest,
            max(_MOST_ADAPTED, fewest) if most is None else most,
            pool=pool,
            confirmed=confirmed,
        )


def _names(sites: str | Sequence[str] | None) -> list[str]:
    if sites is None:
        return []
    return [sites] if isinstance(sites, str) else list(sites)


def _known(clues: Mapping[str, str]) -> Mapping[str, str]:
    if clues.keys() & {"url", "configuration", "cfg"}:
        return clues
    raise SitespanError(
        "grid-clues-missing",
        f"{_US} is not told which DIRAC it is; give submission_url=, where its services are, or"
        ' grid=, the name of one that was added with "sitespan grid add".',
    )


def _environment(image: str | None, python: str | None, environment: str | None) -> str | None:
    """Return what is not just an interpreter, as our program reads it."""
    given = [each for each in (image, python, environment) if each is not None]
    if len(given) > 1:
        raise SitespanError(
            "argument-unusable",
            f"{_US} takes one of container=, python= and environment=: each says how a worker gets"
            " its Python.",
        )
    return environment if image is None else f"container:{image}"


def _is_everywhere(path: str) -> bool:
    return path.startswith("/cvmfs/")
