"""How each quantity is measured."""

import resource
from dataclasses import dataclass
from statistics import median

from .limits import Measured
from .programs import PASSES, RENAMES, TRANSLATES, stack


@dataclass(frozen=True)
class Pace:
    rounds: int
    milliseconds: int
    streams: int = 0
    flow: int = 0


QUICK = Pace(rounds=5, milliseconds=600, streams=2_000, flow=128 << 20)
LONG = Pace(rounds=9, milliseconds=1500, streams=9_000, flow=512 << 20)

SMALL, BIG = 1024, 189_000
CONNECTIONS = 16
EVENTS = 200
# Bytes of an event of OpenAI's format around its text.
FRAME = 175


def run(pace, only=None):
    measured = []
    for keys, scenario in SCENARIOS.items():
        if only is None or set(only) & set(keys.split()):
            measured += scenario(pace)
    return [value for value in measured if only is None or value.key.split()[0] in only]


def small(pace):
    outcomes = take_turns(pace, three(PASSES), request_bytes=SMALL)
    throughput = median(of(outcomes, "floor", "requests_per_second"))
    return [
        cpu("1", outcomes, "pass"),
        Measured("2", f"{throughput / 1000:.1f} k/s", ratios(outcomes, "pass", "requests_per_second")),
        cpu("5", outcomes, "translate"),
    ]


def big(pace):
    outcomes = take_turns(pace, three(RENAMES), request_bytes=BIG)
    return [cpu("4", outcomes, "pass"), cpu("6", outcomes, "translate")]


def alone(pace):
    outcomes = take_turns(pace, {"floor": PASSES, "pass": PASSES}, connections=1)
    return [added("3", outcomes, "latency_us", percentile) for percentile in ("p50", "p99")]


def events(pace):
    outcomes = take_turns(pace, three(PASSES), behaviour={"events": EVENTS})
    return [cpu("7 pass", outcomes, "pass", EVENTS), cpu("7 translate", outcomes, "translate", EVENTS)]


def paced(pace):
    behaviour = {"events": 10, "event_bytes": 40, "pace_ms": 10, "stamped": True}
    # More would wait for each other: the double's clock wakes them together.
    outcomes = take_turns(pace, {"floor": PASSES, "pass": PASSES}, connections=4, behaviour=behaviour)
    first = [added("8", outcomes, "first_us", percentile) for percentile in ("p50", "p99")]
    return [*first, added("8", outcomes, "event_delay_us", "p99", name="step")]


def idle(pace):
    # Each takes a descriptor towards the client and one towards the provider.
    descriptors = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    streams = min(pace.streams, (descriptors - 200) // 2)
    floor, passed, translated = (
        for_each(memory(name, model, {"held": {"streams": streams}}, behaviour={"events": 1, "held": True}))
        for name, model in three(PASSES).items()
    )
    shown = f"{floor / 1024:.1f} KB"
    return [
        Measured("12 pass", shown, [passed / floor]),
        Measured("12 translate", shown, [(translated - floor) / 1024]),
    ]


def flow(pace):
    plain = {"answer_bytes": pace.flow}
    # 10^6 in 512 MiB.
    many = {"events": pace.flow // 537, "event_bytes": 537 - FRAME}
    targets = three(PASSES)
    measured = []
    for key, behaviour in (("plain", plain), ("pass", many), ("translate", many)):
        name = "pass" if key == "plain" else key
        floor, gateway = (
            grown(memory(target, targets[target], "flow", behaviour=behaviour)) / (1 << 20) for target in ("floor", name)
        )
        measured.append(Measured(f"13 {key}", f"{floor:.1f} MB", [gateway]))
    return measured


def waiting(pace):
    floor, passed, translated = (
        memory(name, model, {"buffered": {"requests": 16}}, behaviour={"wait_ms": 3000}, request_bytes=8_000_000)
        for name, model in three(PASSES).items()
    )
    by_body = lambda outcome: for_each(outcome) / outcome["request_bytes"]
    shown = f"{by_body(floor):.2f} ×"
    return [Measured("14 pass", shown, [by_body(passed)]), Measured("14 translate", shown, [by_body(translated)])]


def slow(pace):
    events = {"events": 1_000_000, "event_bytes": 1_000}
    targets = three(PASSES)
    measured = []
    for key, behaviour in (("plain", {"answer_bytes": 64 << 20}), ("pass", events), ("translate", events)):
        name = "pass" if key == "plain" else key
        floor, gateway = (
            for_each(memory(target, targets[target], {"slow": {"readers": 16}}, behaviour=behaviour)) / 1024
            for target in ("floor", name)
        )
        measured.append(Measured(f"slow {key}", f"{floor:.0f} KB", [gateway]))
    return measured


# By the numbers of the quantities that each gives.
SCENARIOS = {
    "1 2 5": small,
    "3": alone,
    "4 6": big,
    "7": events,
    "8": paced,
    "12": idle,
    "13": flow,
    "14": waiting,
    "slow": slow,
}


def three(model):
    """The floor, and the gateway with this model and with one that is translated."""
    return {"floor": model, "pass": model, "translate": TRANSLATES}


def take_turns(pace, targets, connections=CONNECTIONS, rules=None, **plan):
    measure = {"connections": connections, "count": pace.rounds, "milliseconds": pace.milliseconds}
    with stack(rules) as running:
        return running.load({"rounds": measure}, targets, **plan)


def memory(name, model, measure, **plan):
    """Of processes that have done nothing else: what an earlier case has left behind would be used again."""
    with stack() as running:
        return running.load(measure, {name: model}, **plan)[0]


def grown(outcome):
    return outcome["during_bytes"] - outcome["before_bytes"]


def for_each(outcome):
    return grown(outcome) / outcome["count"]


def of(outcomes, target, field):
    """One figure for each round."""
    own = [outcome for outcome in outcomes if outcome["target"] == target]
    return [outcome[field] for outcome in sorted(own, key=lambda outcome: outcome["round"])]


def ratios(outcomes, target, field):
    return [own / floor for own, floor in zip(of(outcomes, target, field), of(outcomes, "floor", field))]


def cpu(key, outcomes, target, parts=1):
    floor = median(of(outcomes, "floor", "cpu_us")) / parts
    return Measured(key, f"{floor:.{0 if floor > 10 else 1}f} µs", ratios(outcomes, target, "cpu_us"))


def added(key, outcomes, field, percentile, name=None):
    floor, own = ([spread[percentile] for spread in of(outcomes, target, field)] for target in ("floor", "pass"))
    return Measured(
        f"{key} {name or percentile}",
        f"{median(floor):.0f} µs",
        [own - floor for own, floor in zip(own, floor)],
        [own / floor for own, floor in zip(own, floor)],
    )
