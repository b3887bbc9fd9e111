"""What the gateway costs against what grows: time on a processor for each request, as a ratio to the floor's."""

from dataclasses import dataclass
from statistics import median

from .programs import PASSES, RENAMES, TRANSLATES
from .scenarios import Pace, ratios, take_turns

PACE = Pace(rounds=5, milliseconds=600)


@dataclass(frozen=True)
class Curve:
    key: str
    title: str
    points: tuple
    lines: dict
    plan: object  # of a point: what `take_turns` takes


BOTH = {"passed": PASSES, "translated": TRANSLATES}

CURVES = [
    Curve(
        "body",
        "bytes of a request",
        (1_000, 4_000, 16_000, 64_000, 250_000, 1_000_000, 4_000_000),
        {"passed": PASSES, "renamed": RENAMES, "translated": TRANSLATES},
        lambda size: {"request_bytes": size},
    ),
    Curve("events", "events of a stream", (1, 10, 100, 1_000, 10_000), BOTH, lambda events: {"behaviour": {"events": events}}),
    Curve("rules", "rules", (10, 100, 1_000, 10_000), BOTH, lambda rules: {"rules": rules}),
    Curve("connections", "connections", (1, 4, 16, 64, 256, 1_024), BOTH, lambda count: {"connections": count}),
]


def run():
    return [{"key": curve.key, "title": curve.title, "points": curve.points, "lines": lines(curve)} for curve in CURVES]


def lines(curve):
    lines = {name: [] for name in curve.lines}
    for point in curve.points:
        outcomes = take_turns(PACE, {"floor": PASSES, **curve.lines}, **curve.plan(point))
        for name, line in lines.items():
            line.append(round(median(ratios(outcomes, name, "cpu_us")), 2))
    return lines
