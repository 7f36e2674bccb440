from typing import Any

from sitespan.kernels.parameters import fault_of, inject


def _notebook(*cells: tuple[str, list[str]]) -> dict[str, Any]:
    made = [
        {"cell_type": "code", "id": name, "metadata": {"tags": tags}, "source": ""}
        for name, tags in cells
    ]
    return {"nbformat": 4, "cells": made}


def _order(notebook: dict[str, Any]) -> list[str]:
    return [cell["id"] for cell in notebook["cells"]]


def test_they_come_after_the_cell_that_is_tagged_or_first() -> None:
    tagged = _notebook(("imports", []), ("defaults", ["parameters"]), ("work", []))
    inject(tagged, {"n": 1})
    assert _order(tagged) == ["imports", "defaults", "injected-parameters", "work"]
    plain = _notebook(("work", []))
    inject(plain, {"n": 1})
    assert _order(plain) == ["injected-parameters", "work"]


def test_they_take_the_place_of_an_earlier_run_s() -> None:
    notebook = _notebook(("defaults", ["parameters"]), ("work", []))
    inject(notebook, {"n": 1})
    inject(notebook, {"n": 2})
    assert _order(notebook) == ["defaults", "injected-parameters", "work"]
    assert "n = 2" in notebook["cells"][1]["source"]


def test_the_cell_gives_python_the_values_that_json_had() -> None:
    values = {"a": None, "b": [True, 1.5], "c": {"k": "it's \"\\ \n"}}
    notebook = _notebook(("work", []))
    inject(notebook, values)
    names: dict[str, Any] = {}
    exec(notebook["cells"][0]["source"], names)
    assert {name: names[name] for name in values} == values


def test_without_parameters_nothing_is_changed() -> None:
    notebook = _notebook(("work", []))
    inject(notebook, {})
    assert _order(notebook) == ["work"]


def test_what_is_no_name_is_refused_with_a_sentence() -> None:
    assert fault_of({"n": 1}) is None
    for name in ("a b", "class", "x; import os", ""):
        assert repr(name) in (fault_of({name: 1}) or "")
