import json

import pytest

import rig
from sitespan.comm.hello import Hello
from sitespan.comm.message import ACKNOWLEDGEMENT, GOODBYE, HEAD
from sitespan.comm.prelude import Answer, Refused, build
from sitespan.identity import Credential

GOLDEN = json.loads((rig.PROJECT / "test/fixtures/relay-v1.json").read_text())
CREDENTIALS = {c["subject"]: Credential(**c) for c in GOLDEN["credentials"]}


@pytest.mark.parametrize("golden", GOLDEN["preludes"], ids=lambda golden: golden["name"])
def test_a_prelude_is_byte_for_byte_what_the_relay_signs(golden: dict) -> None:
    head = build(
        CREDENTIALS[golden["credential"]],
        golden["target"],
        golden.get("secret", ""),
        golden["ms"],
        golden["nonce"],
    )
    assert head.decode() == golden["head"]


@pytest.mark.parametrize("golden", GOLDEN["hellos"], ids=lambda golden: golden["name"])
def test_a_hello_is_written_and_read(golden: dict) -> None:
    hello = Hello(golden["kind"], bytes.fromhex(golden["session"]), golden["count"])
    assert hello.pack().hex() == golden["bytes"]
    assert Hello.unpack(bytes.fromhex(golden["bytes"])) == hello


@pytest.mark.parametrize("golden", GOLDEN["messageHeads"], ids=lambda golden: golden["name"])
def test_a_message_head_is_length_and_count(golden: dict) -> None:
    assert HEAD.pack(int(golden["length"]), int(golden["received"])).hex() == golden["bytes"]


def test_the_special_lengths_are_those_of_the_fixture() -> None:
    lengths = {golden["name"]: int(golden["length"]) for golden in GOLDEN["messageHeads"]}
    assert lengths["acknowledgement alone"] == ACKNOWLEDGEMENT
    assert lengths["goodbye"] == GOODBYE


def test_answers_are_told_apart() -> None:
    answers = {golden["name"]: golden["head"].encode() for golden in GOLDEN["answers"]}
    assert Answer.parse(answers["connect or control"]).accepted("/v1/accept")
    headers = Answer.parse(answers["accept"]).accepted("/v1/accept")
    assert (headers["sitespan-from"], headers["sitespan-role"]) == ("notebook-1:1", "client")
    with pytest.raises(Refused) as stranger:
        Answer.parse(answers["stranger"]).accepted("/v1/accept")
    assert (stranger.value.code, stranger.value.relay_ms) == ("stranger", 1780000000130)
    with pytest.raises(Refused, match="nobody is registered") as refused:
        Answer.parse(answers["refusal"]).accepted("/v1/connect?to=a:1&from=b:1")
    assert (refused.value.code, refused.value.final) == ("unknown-target", False)
