"""What ``sitespan.DiracCluster`` makes of its arguments; at a DIRAC, see gridRecord.test.ts."""

from __future__ import annotations

import json
import sys
import warnings
from pathlib import Path
from typing import Any

import dask.config
import pytest

import sitespan
from sitespan.errors import SitespanError
from sitespan.jobqueue_arguments import INSTEAD, UNNEEDED

#: In the place of our program: writes down what it is told, and refuses.
PROGRAM = """
import { readFileSync, writeFileSync } from 'node:fs';
writeFileSync(new URL('told.json', import.meta.url), readFileSync(0));
process.stdout.write(JSON.stringify({ code: 'a-test', message: 'It is a test.' }));
process.exitCode = 1;
"""
URL = "https://dirac.example:8444"
RELAY = {"address": "relay.example:443", "key": "/keys/relay"}
SNIPPET = {
    "cores": 8,
    "memory": "24GB",
    "scheduler_options": {"port": 8786},
    "dirac_site": "LCG.UKI-SOUTHGRID-BRIS-HEP.UK",
    "cert_path": "/grid/certificates",
    "owner_group": "gridpp_user",
    "user_proxy": "/tmp/x509up_u1000",
    "submission_url": URL,
}


@pytest.fixture(autouse=True)
def told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the program writes down what it is told."""
    (tmp_path / "cli.mjs").write_text(PROGRAM)
    monkeypatch.setenv("SITESPAN_PROGRAM", str(tmp_path / "cli.mjs"))
    return tmp_path / "told.json"


def wish_for(told: Path, **arguments: Any) -> Any:
    """What our program is told for these arguments."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with pytest.raises(SitespanError, match=r"It is a test\."):
            sitespan.DiracCluster(**arguments)
    return json.loads(told.read_text())


def warned_of(**arguments: Any) -> list[str]:
    with pytest.warns(UserWarning) as seen, pytest.raises(SitespanError, match="a test"):
        sitespan.DiracCluster(**arguments)
    assert {Path(one.filename).name for one in seen} == {Path(__file__).name}
    return [str(one.message) for one in seen]


def test_the_snippet_of_dask_diracs_users_says_all_that_is_needed(told: Path) -> None:
    assert wish_for(told, **SNIPPET) == {
        "create": True,
        "python": sys.executable,
        "pool": {
            "grid": {
                "url": URL,
                "group": "gridpp_user",
                "proxy": "/tmp/x509up_u1000",
                "caDirectory": "/grid/certificates",
            },
            "sites": ["LCG.UKI-SOUTHGRID-BRIS-HEP.UK"],
        },
    }


def test_its_port_is_not_needed_and_that_is_said_once() -> None:
    remarks = warned_of(**SNIPPET)
    assert len([one for one in remarks if "scheduler_options=" in one]) == 1
    assert "no port need be open" in " ".join(remarks)


def test_says_what_else_a_site_may_miss(told: Path) -> None:
    remarks = " ".join(warned_of(submission_url=URL))
    assert "relay=" in remarks and sys.executable in remarks
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(SitespanError, match="a test"):
            sitespan.DiracCluster(submission_url=URL, relay=RELAY, container="/cvmfs/image")


def test_newer_names_are_known_too(told: Path) -> None:
    image = "docker://sameriksen/dask:centos9"
    wish = wish_for(
        told, server_url=URL, dirac_sites=["A", "b"], container=image, nthreads=2, require_gpu=False
    )
    assert wish["pool"] == {
        "grid": {"url": URL},
        "sites": ["A", "b"],
        "environment": f"container:{image}",
    }
    assert wish_for(told, server_url=URL, dirac_sites="A", image="/i")["pool"]["sites"] == ["A"]


def test_files_are_named_from_the_root(
    told: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", "/home/me")
    wish = wish_for(told, cfg="dirac.cfg", user_proxy="~/proxy", cert_path="certificates")
    assert wish["pool"]["grid"] == {
        "cfg": str(tmp_path / "dirac.cfg"),
        "proxy": "/home/me/proxy",
        "caDirectory": str(tmp_path / "certificates"),
    }


def test_a_grid_that_was_added_is_enough(told: Path) -> None:
    assert wish_for(told, grid="gridpp")["pool"] == {"grid": "gridpp", "sites": []}


def test_the_relay_is_that_of_dasks_configuration_unless_one_is_given(told: Path) -> None:
    with dask.config.set({"sitespan.relay": RELAY}):
        assert wish_for(told, submission_url=URL)["relay"] == RELAY
        other = {"address": "other.example:443", "key": "~/key"}
        wish = wish_for(told, submission_url=URL, relay=other)
        assert wish["relay"] == {**other, "key": str(Path("~/key").expanduser())}


@pytest.mark.parametrize("name", UNNEEDED)
def test_what_is_not_needed_is_accepted_and_said(name: str) -> None:
    assert any(f"{name}=" in one for one in warned_of(submission_url=URL, **{name: "something"}))


@pytest.mark.parametrize(
    "value", ["--worker-port 50000:52000", ["--worker-port=5:6", "--no-nanny"]]
)
def test_options_that_are_about_ports_are_not_needed_either(value: Any) -> None:
    assert any("extra=" in one for one in warned_of(submission_url=URL, extra=value))


@pytest.mark.parametrize(
    ("arguments", "instead"),
    [
        *(({name: ["something"]}, f"cannot do {name}=: ") for name in INSTEAD),
        ({"processes": 4}, "divide cores= and memory= by 4"),
        ({"cores": 8, "nthreads": 1}, "cores= alone"),
        ({"extra": ["--resources GPU=1"]}, "resources="),
        ({"worker_extra_args": ["--lifetime", "1h"]}, "walltime="),
        ({"python": "python3", "container": "/image"}, "one of container=, python="),
        ({"submission_url": None}, "submission_url="),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence_that_says_what_to_do(
    told: Path, arguments: dict[str, Any], instead: str
) -> None:
    with pytest.raises(SitespanError) as refused:
        sitespan.DiracCluster(**{"submission_url": URL, **arguments})
    assert instead in str(refused.value)
    assert str(refused.value).endswith(".") and "\n" not in str(refused.value)
    assert not told.exists()


def test_what_is_off_is_as_if_it_was_not_given(told: Path) -> None:
    off = {
        **dict.fromkeys(UNNEEDED),
        **dict.fromkeys(INSTEAD, ()),
        **{"processes": 1, "extra": [], "nthreads": 8, "cores": 8, "require_gpu": False},
    }
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(SitespanError, match="a test"):
            sitespan.DiracCluster(submission_url=URL, relay=RELAY, python="python3", **off)


def test_what_nobody_has_is_no_argument() -> None:
    with pytest.raises(TypeError, match="'sites_of_dirac'"):
        sitespan.DiracCluster(submission_url=URL, sites_of_dirac=[])
