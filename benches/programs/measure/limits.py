"""What each quantity may cost.

`aim` is what we want to be able to say, `gate` what must not be exceeded. Where the gate is not yet reached, `reached` is
what holds instead, so that nothing gets worse unseen; it goes once the gate holds.

A ratio is taken within one round, gateway by floor, and the best round counts: noise only adds. Nothing here is a time.
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
    at_least: bool = False  # for what is better when it is more

    @property
    def limit(self):
        return self.gate if self.reached is None else self.reached

    def allows(self, value, limit):
        return value >= limit if self.at_least else value <= limit


LIMITS = [
    Limit("1", "CPU per request, 1 KB passed, 16 connections, 20 rules", 1.25, 1.5, 3.8),
    Limit("2", "requests per second, same", 0.85, 0.70, 0.25, at_least=True),
    Limit("4", "CPU per request, 187 KB, the model renamed", 1.9, 2.8, 9.5),
    Limit("5", "CPU per request, 1 KB, openai to anthropic", 1.4, 1.8, 4.8),
    Limit("6", "CPU per request, 187 KB, openai to anthropic", 4.5, 6, 14),
    Limit("7 pass", "CPU per event, 200 events passed", 1.05, 1.15, 2.1),
    Limit("7 translate", "CPU per event, 200 events anthropic to openai", 1.2, 1.4, 2.1),
]

BY_KEY = {limit.key: limit for limit in LIMITS}


@dataclass(frozen=True)
class Measured:
    """A quantity: of the floor, as people read it, and one figure for each round."""

    key: str
    floor: str
    rounds: list

    @property
    def limit(self):
        return BY_KEY[self.key]

    @property
    def best(self):
        return max(self.rounds) if self.limit.at_least else min(self.rounds)


def holds(value):
    return value.limit.allows(value.best, value.limit.limit)
