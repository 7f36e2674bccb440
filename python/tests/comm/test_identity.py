import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import rig
from sitespan import identity
from sitespan.client import security
from sitespan.identity import Identity, IdentityError, Owner, owner_of

STANDARD_LIBRARY_ALONE = (
    "identity.py",
    "comm/prelude.py",
    "comm/step_down.py",
    "comm/dial_blocking.py",
)


def test_what_is_written_is_read_again(cluster: rig.RelayedCluster) -> None:
    worker = cluster.identity("worker", "north-3")
    assert Identity.load(str(cluster.save(worker))) == worker


def test_an_identity_that_others_may_read_is_refused(cluster: rig.RelayedCluster) -> None:
    path = cluster.save(cluster.identity("worker", "north-3"))
    path.chmod(0o640)
    with pytest.raises(IdentityError, match="set it to 600"):
        Identity.load(str(path))


def test_a_joiner_holds_no_key_and_may_be_read(cluster: rig.RelayedCluster) -> None:
    path = cluster.save(cluster.identity("joiner", "join-1"))
    path.chmod(0o644)
    assert Identity.load(str(path)).tls.key is None


@pytest.mark.parametrize(
    ("part", "field", "value"),
    [
        ("relay", "port", 0),
        ("relay", "port", True),
        ("relay", "host", ""),
        ("credential", "role", "root"),
        ("credential", "key", "00"),
        ("credential", "subject", "a.b"),
        ("credential", "expires", -1),
        ("tls", "ca", None),
    ],
)
def test_the_wrong_field_is_named(
    cluster: rig.RelayedCluster, part: str, field: str, value: object
) -> None:
    document = json.loads(json.dumps(cluster.identity("joiner", "join-1").to_json()))
    document[part][field] = value
    with pytest.raises(IdentityError, match=f"{part}.{field}"):
        Identity.parse(json.dumps(document))


def test_another_version_is_refused(cluster: rig.RelayedCluster) -> None:
    document = {**cluster.identity("joiner", "join-1").to_json(), "version": 2}
    with pytest.raises(IdentityError, match="version"):
        Identity.parse(json.dumps(document))


def test_no_secret_is_printed(cluster: rig.RelayedCluster) -> None:
    worker = cluster.identity("worker", "north-3")
    shown = f"{worker} {worker!r}"
    assert worker.credential.key not in shown
    assert "PRIVATE" not in shown
    joiner = cluster.identity("joiner", "join-1")._replace(join_secret="ab" * 32)
    assert "ab" * 32 not in f"{joiner} {joiner!r}"
    assert Identity.parse(json.dumps(joiner.to_json())) == joiner


def test_no_key_is_left_on_disk(
    cluster: rig.RelayedCluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    cluster.identity("worker", "north-3").server_context()
    assert os.listdir(tmp_path / "temporary") == []


def test_the_current_identity_is_the_one_used_else_that_of_the_environment(
    cluster: rig.RelayedCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(IdentityError, match="SITESPAN_IDENTITY"):
        Identity.current()
    named, told = cluster.identity("worker", "north-3"), cluster.identity("worker", "north-4")
    monkeypatch.setenv("SITESPAN_IDENTITY", str(cluster.save(named)))
    assert Identity.current() == named
    identity.use(told)
    assert Identity.current() == told


def test_a_certificate_names_its_owner() -> None:
    names = ((("organizationalUnitName", "worker"),), (("commonName", "north-3"),))
    assert owner_of({"subject": names}) == Owner("worker", "north-3")
    for wrong in (names[:1], (*names, names[1]), ()):
        with pytest.raises(IdentityError):
            owner_of({"subject": wrong})
    with pytest.raises(IdentityError):
        owner_of(None)


def test_the_security_loader_answers_for_our_addresses_alone(cluster: rig.RelayedCluster) -> None:
    assert security({"address": "tcp://127.0.0.1:8786"}) is None
    assert security({"address": None}) is None
    me = cluster.identity("client", "notebook-1")
    identity.use(me)
    loaded = security({"address": "relay://scheduler:8786"})
    assert loaded is not None
    assert loaded.identity == me


def test_enrolment_can_dial_without_dask_and_under_an_old_python() -> None:
    program = "import sys, sitespan.comm.dial_blocking; print('dask' in sys.modules)"
    environment = {**os.environ, "PYTHONPATH": str(rig.SOURCE)}
    run = [sys.executable, "-S", "-c", program]
    assert subprocess.check_output(run, env=environment, text=True, timeout=30) == "False\n"
    sources = [str(rig.SOURCE / "sitespan" / name) for name in STANDARD_LIBRARY_ALONE]
    vermin = [Path(sys.executable).with_name("vermin"), "-t=3.6-", "--no-tips", *sources]
    assert subprocess.run(vermin, timeout=60, capture_output=True).returncode == 0
