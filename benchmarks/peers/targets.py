"""What the dashboards must reach beside their peers, and the README's lines about it."""

from __future__ import annotations

from typing import Any

Found = dict[str, Any]
OURS = "ours"


def _median(result: Found, tool: str, name: str) -> float | None:
    value = result["tools"].get(tool, {}).get(name)
    return value["median"] if isinstance(value, dict) else value


def _share(result: Found, name: str, other: str) -> float | None:
    mine, theirs = _median(result, OURS, name), _median(result, other, name)
    return None if mine is None or not theirs else round(mine / theirs, 3)


def judged(result: Found) -> list[Found]:
    """Return each target with its limit, what was measured, and whether it is met.

    What could not be measured is not met.
    """
    own = result.get("own_kernels", {})

    def ours(name: str, unit: float = 1) -> float | None:
        value = _median(result, OURS, name)
        return None if value is None else round(value / unit, 3)

    chart, change = "first_chart_ms", "change_ms"
    rows = [
        ("first chart, times stock Voila", 0.15, _share(result, chart, "voila")),
        *(
            (f"first chart, times {label}", 1.0, _share(result, chart, name))
            for name, label in (("panel", "Panel"), ("streamlit", "Streamlit"), ("dash", "Dash"))
        ),
        ("first chart, times the static page", 1.5, _share(result, chart, "static")),
        ("filter change, times the static page", 1.2, _share(result, change, "static")),
        ("requests and messages of a filter change", 0, ours("change_messages")),
        ("kB on the wire, first visit", 600, ours("first_wire_bytes", 1000)),
        ("kB on the wire, later visit", 100, ours("repeat_wire_bytes", 1000)),
        ("seconds of server CPU a page view", 0.6, ours("server_cpu_s")),
        ("MB of a dashboard kernel, at most", 60, own.get("kernel_memory_mb")),
        ("kernels beyond the pool after 30 s", 0, own.get("kernels_beyond_pool")),
    ]
    return [
        {
            "target": target,
            "limit": limit,
            "measured": measured,
            "met": measured is not None and measured <= limit,
        }
        for target, limit, measured in rows
    ]


def said(rows: list[Found]) -> list[str]:
    """Return one line per target."""
    return [
        f"{'met   ' if row['met'] else 'MISSED'}  {row['target']}: {_number(row['measured'])} "
        f"(at most {_number(row['limit'])})"
        for row in rows
    ]


def _number(value: float | None) -> str:
    return "not measured" if value is None else f"{value:,.4g}"


def lines(result: Found) -> list[str]:
    """Return the README's lines: one row per tool, then the targets that are missed."""
    tools = result["tools"]
    measured = [at for at in tools.values() if "not_measured" not in at]
    charts = ("first_chart_ms", "repeat_chart_ms")
    runs = [at[name]["runs"] for at in measured for name in charts if name in at]
    absent = [
        f"{at['label']} ({at['not_measured']})" for at in tools.values() if "not_measured" in at
    ]
    machine = result["machine"]
    text = [
        "| the Measurement page in | first chart | later visit | filter | messages | first visit "
        "| later visit | server CPU | memory per reader | if its process dies |",
        "|---" * 10 + "|",
        *("| " + " | ".join(_row(at)) + " |" for at in measured),
        "",
        f"The same questions, filters and tables; medians of {result['rounds']} rounds"
        f"{_fewer(runs, result['rounds'])} with warm servers, {machine['cores']} cores, "
        f"Chromium {machine['chromium'].split('.')[0]}. "
        + _verdict(result["targets"])
        + " Repeat with `make bench`.",
    ]
    if absent:
        text[-1] += f" Not measured: {'; '.join(absent)}."
    return text


def _fewer(runs: list[int], rounds: int) -> str:
    return f" ({min(runs)} visits where a visit takes long)" if runs and min(runs) < rounds else ""


def _verdict(rows: list[Found]) -> str:
    missed = [row for row in rows if not row["met"]]
    if not missed:
        return f"All {len(rows)} targets are met."
    words = "; ".join(
        f"{row['target']}: {_number(row['measured'])}, at most {_number(row['limit'])}"
        for row in missed
    )
    return f"{len(rows) - len(missed)} of {len(rows)} targets are met. **Missed:** {words}."


def _row(at: Found) -> list[str]:
    def cell(key: str, unit: float, form: str, after: str) -> str:
        value = at.get(key)
        value = value["median"] if isinstance(value, dict) else value
        # Less memory with readers than without them: other kernels ended meanwhile.
        absent = value is None or round(value) < 0
        return "–" if absent else f"{value / unit:{form}}{after}"

    change = cell("change_ms", 1, ",.0f", " ms")
    if not at.get("changes_not_followed", "0 of").startswith("0 of"):
        change += f"; chart unchanged in {at['changes_not_followed']}"
    label = " ".join(part for part in (at["label"], at.get("version")) if part)
    if failed := len(at.get("failed", [])):
        label += f"; {failed} visit{'s' if failed > 1 else ''} failed"
    return [
        label,
        cell("first_chart_ms", 1000, ",.2f", " s"),
        cell("repeat_chart_ms", 1000, ",.2f", " s"),
        change,
        cell("change_messages", 1, ",.0f", ""),
        cell("first_wire_bytes", 1000, ",.0f", " kB"),
        cell("repeat_wire_bytes", 1000, ",.0f", " kB"),
        cell("server_cpu_s", 1, ",.2f", " s"),
        cell("viewer_memory_mib", 1, "z,.0f", " MiB"),
        death(at),
    ]


def death(at: Found) -> str:
    """Say what readers see when the process behind their page dies: its kernel, else the server."""
    seen = at.get("kernel_dies", at.get("server_dies"))
    if seen is None:
        return "–"
    if seen["follows"]:
        return "keeps filtering"
    return "frozen, says so" if seen["says"] else "frozen without a message"
