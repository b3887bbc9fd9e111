"""What each quantity may cost.

`aim` is what we want to be able to say, `gate` what must not be exceeded. Where the gate is not yet reached, `reached` is
what holds instead, so that nothing gets worse unseen; it goes once the gate holds.

Times are compared as ratios only, gateway by floor within one round, and the best round counts: noise only adds. Where aim
and gate are times that are added, `ratio` is what is enforced. Memory is the same every time and is compared as it is.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Limit:
    key: str
    name: str
    aim: float
    gate: float
    reached: float = None
    unit: str = "×"
    ratio: float = None
    at_least: bool = False  # for what is better when it is more
    added: bool = False  # to what the floor takes

    def allows(self, value, bound):
        return value >= bound if self.at_least else value <= bound


LIMITS = [
    Limit("1", "CPU per request, 1 KB passed, 16 connections", 1.25, 1.5, reached=2.6),
    Limit("2", "requests per second, same", 0.85, 0.70, reached=0.4, at_least=True),
    Limit("3 p50", "latency at 1 connection, half of all", 15, 30, unit="µs", added=True, ratio=3),
    Limit("3 p99", "latency at 1 connection, 99 of 100", 50, 100, unit="µs", added=True, ratio=4),
    Limit("4", "CPU per request, 187 KB, the model renamed", 1.9, 2.8),
    Limit("5", "CPU per request, 1 KB, openai to anthropic", 1.4, 1.8, reached=3.3),
    Limit("6", "CPU per request, 187 KB, openai to anthropic", 4.5, 6, reached=6.5),
    Limit("7 pass", "CPU per event, 200 events passed", 1.05, 1.15, reached=1.4),
    Limit("7 translate", "CPU per event, 200 events anthropic to openai", 1.2, 1.4),
    Limit("8 p50", "first text, events 10 ms apart, half of all", 50, 200, unit="µs", added=True, ratio=2.5),
    Limit("8 p99", "first text, events 10 ms apart, 99 of 100", 300, 1000, unit="µs", added=True, ratio=4),
    # A step of 40 ms, by acknowledgements that wait for each other, would be 40,000 µs.
    Limit("8 step", "delay of an event, 99 of 100", 300, 1000, unit="µs", added=True, ratio=10),
    Limit("12 pass", "memory of an idle stream, passed", 1.1, 1.3),
    Limit("12 translate", "memory of an idle stream, translated, over the floor's", 4, 10, unit="KB", added=True),
    Limit("13 plain", "memory that grows as a long answer flows", 8, 16, unit="MB"),
    Limit("13 pass", "memory that grows as many events flow, passed", 8, 16, unit="MB"),
    Limit("13 translate", "memory that grows as many events flow, translated", 8, 16, unit="MB"),
    Limit("14 pass", "memory of a request that waits, by its body, passed", 1.05, 1.3),
    Limit("14 translate", "memory of a request that waits, by its body, translated", 2.2, 3),
    Limit("slow plain", "memory of a long answer that is not read", 256, 256, unit="KB"),
    Limit("slow pass", "memory of events that are not read, passed", 256, 256, unit="KB"),
    Limit("slow translate", "memory of events that are not read, translated", 256, 256, unit="KB"),
]

BY_KEY = {limit.key: limit for limit in LIMITS}


@dataclass(frozen=True)
class Measured:
    """A quantity: of the floor, as people read it, and a figure for each round; the ratios, where the figures are times."""

    key: str
    floor: str
    values: list
    ratios: list = None

    @property
    def limit(self):
        return BY_KEY[self.key]

    @property
    def best(self):
        return max(self.values) if self.limit.at_least else min(self.values)

    @property
    def is_noise(self):
        """Whether rounds differ by more than the gateway may add: then nothing can be said."""
        return self.limit.added and max(self.values) - min(self.values) > self.limit.gate

    @property
    def enforced(self):
        """The figure that must hold, and its bound."""
        limit = self.limit
        if limit.ratio is not None:
            return min(self.ratios), limit.ratio
        return self.best, limit.gate if limit.reached is None else limit.reached

    @property
    def holds(self):
        return self.limit.allows(*self.enforced)
