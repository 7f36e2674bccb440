"""A cluster as a notebook shows it: plain HTML that stays readable when the notebook is saved."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape
from typing import Any

_WAITING = ("requested", "submitted", "waiting", "matched", "starting", "enrolled")


def cluster_html(state: Mapping[str, Any], *, threads: int, memory: str, dashboard: str) -> str:
    """Return a table of the pools, and what hinders the cluster.

    Parameters
    ----------
    state
        ``clusterSnapshot`` of the keeper's API.
    threads, memory
        Of all workers that work.
    dashboard
        A link, or empty.
    """
    tasks = state["tasks"]
    parts = [
        "<div>",
        f"<h3 style='margin-bottom:0'>Sitespan cluster {escape(state['name'])}</h3>",
        f"<p style='margin-top:0'>{escape(state['phase'])}; {threads} threads, {escape(memory)};"
        f" tasks: {tasks['processing']} processing, {tasks['waiting']} waiting,"
        f" {tasks['erred']} erred</p>",
        *(f"<p><strong>{escape(each['message'])}</strong></p>" for each in state["problems"]),
        _table(
            ("Pool", "Sites", "Wanted", "Working", "Coming", "Leaving"),
            (_row(pool) for pool in state["pools"]),
        ),
    ]
    if dashboard:
        link = escape(dashboard, quote=True)
        parts.append(
            f"<p><a href='{link}' target='_blank'>Dask dashboard</a>"
            " (opens once, within a minute; show the cluster again for a fresh link)</p>"
        )
    return "\n".join([*parts, "</div>"])


def _row(pool: Mapping[str, Any]) -> tuple[str, ...]:
    lives, adaptive = pool["lives"], pool.get("adaptive")
    wanted = str(pool["desired"])
    if adaptive is not None:
        wanted += f" (adapts, {adaptive['minimum']} to {adaptive['maximum']})"
    numbers = (
        lives.get("working", 0),
        sum(lives.get(phase, 0) for phase in _WAITING),
        lives.get("draining", 0),
    )
    return (pool["name"], ", ".join(pool["sites"]), wanted, *map(str, numbers))


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    def line(cells: Iterable[str], tag: str) -> str:
        return f"<tr>{''.join(f'<{tag}>{escape(cell)}</{tag}>' for cell in cells)}</tr>"

    body = "".join(line(row, "td") for row in rows)
    return f"<table><thead>{line(head, 'th')}</thead><tbody>{body}</tbody></table>"
