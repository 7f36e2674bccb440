from __future__ import annotations

import json
from typing import Any

import pytest

import rig
from sitespan.comm import message, prelude
from sitespan.comm.hello import Hello
from sitespan.identity import Credential

GOLDEN: dict[str, Any] = json.loads(
    (rig.PROJECT / "test" / "fixtures" / "relay-v1.json").read_text()
)
CREDENTIALS = {found["subject"]: Credential(**found) for found in GOLDEN["credentials"]}


@pytest.mark.parametrize("golden", GOLDEN["preludes"], ids=lambda golden: golden["name"])
def test_preludes_are_those_of_the_fixture(golden: dict[str, Any]) -> None:
    built = prelude.build(
        CREDENTIALS[golden["credential"]],
        golden["target"],
        golden.get("secret", ""),
        golden["ms"],
        golden["nonce"],
    )
    assert built.decode() == golden["head"]


@pytest.mark.parametrize("golden", GOLDEN["hellos"], ids=lambda golden: golden["name"])
def test_hellos_are_those_of_the_fixture(golden: dict[str, Any]) -> None:
    hello = Hello(golden["kind"], bytes.fromhex(golden["session"]), golden["count"])
    assert hello.pack().hex() == golden["bytes"]
    assert Hello.unpack(bytes.fromhex(golden["bytes"])) == hello


@pytest.mark.parametrize("golden", GOLDEN["messageHeads"], ids=lambda golden: golden["name"])
def test_heads_are_those_of_the_fixture(golden: dict[str, Any]) -> None:
    head = message.HEAD.pack(int(golden["length"]), int(golden["received"]))
    assert head.hex() == golden["bytes"]


def test_answers_are_understood() -> None:
    answers = {golden["name"]: golden["head"].encode() for golden in GOLDEN["answers"]}
    headers = prelude.Answer.parse(answers["accept"]).accepted("/v1/accept")
    assert headers["sitespan-from"] == "notebook-1:1"
    for name, code in (("stranger", "stranger"), ("refusal", "unknown-target")):
        with pytest.raises(prelude.Refused) as refused:
            prelude.Answer.parse(answers[name]).accepted("/v1/connect")
        assert refused.value.code == code
