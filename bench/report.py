"""The report: what was measured, on what, and what of the goals is met."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from bench.measure import Figure, machine
from jiesu.rules.moments import BEIJING

HEAD = """# Speed

Written by `make bench` ({command}) on {day} in {minutes:.0f} minutes, on {machine}, load {load} at the start.

Absolute times mean little on a shared machine: what counts is the ratio, ours ÷ what it is measured
beside in the same run. Each line is the median of {rounds} rounds, both sides taken in turns, save where
it says once. Ours runs as shipped: login, rights, record and forms' protection on, the embedded
PostgreSQL with its durable settings. Pages are asked in process through all middleware, so that the CPU
of a request can be read ("CPU"); "served" and "by the clock" are what they say. The record holds
{cases:,} invented cases of the demo street, nearly all closed; the import starts from an empty one.

| what | ours | beside | ratio | goal | stretch | |
| --- | --- | --- | --- | --- | --- | --- |
"""
NOT_YET = """
Not measured, because the product does not have it yet: the monthly report, dashboards
over 20 million rows, classification.
"""


def text(
    figures: Sequence[Figure],
    *,
    cases: int,
    command: str,
    began: datetime,
    load: float,
    rounds: int,
) -> str:
    """Return the report as Markdown."""
    now = datetime.now(BEIJING)
    head = HEAD.format(
        command=command, day=now.date().isoformat(), minutes=(now - began).total_seconds() / 60,
        machine=machine(), load=f"{load:.1f}", rounds=rounds, cases=cases,
    )  # fmt: skip
    lines = [_line(figure) for figure in figures]
    missed = [figure for figure in figures if figure.verdict == "MISSED"]
    told = (
        "\nMissed: "
        + ("; ".join(f"{f.what} ({_number(f.ratio)})" for f in missed) or "none")
        + ".\n"
    )
    notes = [f"- {figure.what}: {figure.note}." for figure in figures if figure.note]
    return (
        head + "\n".join(lines) + "\n" + told + "\n## Notes\n\n" + "\n".join(notes) + "\n" + NOT_YET
    )


def _line(one: Figure) -> str:
    goal = f"{one.sense.label} {one.goal:g}" if one.goal is not None else ""
    stretch = f"{one.sense.label} {one.stretch:g}" if one.stretch is not None else ""
    return (
        f"| {one.what} | {one.ours} | {one.beside} | {_number(one.ratio)} | {goal} | {stretch} | "
        f"{one.verdict} |"
    )


def _number(ratio: float | None) -> str:
    if ratio is None:
        return ""
    return f"{ratio:.1f}" if ratio >= 10 else f"{ratio:.2f}" if ratio >= 0.1 else f"{ratio:.4f}"


def say(figures: Sequence[Figure]) -> None:
    """Print figures as they come."""
    for one in figures:
        goal = f"{one.sense.label} {one.goal:g}" if one.goal is not None else ""
        print(
            f"{one.what}: {one.ours} beside {one.beside}: {_number(one.ratio)} {goal} {one.verdict}",
            flush=True,
        )
        if one.note:
            print(f"    {one.note}", flush=True)


def write(path: Path, told: str) -> None:
    path.write_text(told, encoding="utf-8")
