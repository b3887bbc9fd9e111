"""How each quantity is measured."""

from dataclasses import dataclass
from statistics import median

from .limits import Measured
from .programs import PASSES, RENAMES, TRANSLATES, stack


@dataclass(frozen=True)
class Pace:
    rounds: int
    milliseconds: int


QUICK = Pace(rounds=5, milliseconds=600)
LONG = Pace(rounds=9, milliseconds=1500)

SMALL, BIG = 1024, 189_000
CONNECTIONS = 16
EVENTS = 200


def run(pace, only=None):
    measured = []
    for keys, scenario in SCENARIOS.items():
        wanted = only is None or any(key in only for key in keys.split())
        if wanted:
            with stack() as running:
                measured += scenario(running, pace)
    return [value for value in measured if only is None or value.key.split()[0] in only]


def rounds(pace, connections=CONNECTIONS):
    return {"rounds": {"connections": connections, "count": pace.rounds, "milliseconds": pace.milliseconds}}


def of(outcomes, target, field):
    """One figure for each round."""
    values = [outcome for outcome in outcomes if outcome["target"] == target]
    return [outcome[field] for outcome in sorted(values, key=lambda outcome: outcome["round"])]


def ratios(outcomes, target, field):
    return [value / floor for value, floor in zip(of(outcomes, target, field), of(outcomes, "floor", field))]


def cpu(key, outcomes, target, parts=1):
    floor = median(of(outcomes, "floor", "cpu_us")) / parts
    return Measured(key, f"{floor:.{0 if floor > 10 else 1}f} µs", ratios(outcomes, target, "cpu_us"))


def small(running, pace):
    targets = {"floor": PASSES, "passes": PASSES, "translates": TRANSLATES}
    outcomes = running.load(rounds(pace), targets, request_bytes=SMALL)
    throughput = median(of(outcomes, "floor", "requests_per_second"))
    return [
        cpu("1", outcomes, "passes"),
        Measured("2", f"{throughput / 1000:.1f} k/s", ratios(outcomes, "passes", "requests_per_second")),
        cpu("5", outcomes, "translates"),
    ]


def big(running, pace):
    targets = {"floor": RENAMES, "renames": RENAMES, "translates": TRANSLATES}
    outcomes = running.load(rounds(pace), targets, request_bytes=BIG)
    return [cpu("4", outcomes, "renames"), cpu("6", outcomes, "translates")]


def events(running, pace):
    targets = {"floor": PASSES, "passes": PASSES, "translates": TRANSLATES}
    outcomes = running.load(rounds(pace), targets, behaviour={"events": EVENTS})
    return [cpu("7 pass", outcomes, "passes", EVENTS), cpu("7 translate", outcomes, "translates", EVENTS)]


# By the numbers of the quantities that each gives.
SCENARIOS = {"1 2 5": small, "4 6": big, "7": events}
