"""The outcome, for people."""

from statistics import median

HEAD = ("#", "quantity", "floor", "median", "best", "aim", "gate", "")


def render(measured):
    rows = [HEAD, *(row(value) for value in measured)]
    widths = [max(len(line[column]) for line in rows) for column in range(len(HEAD))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip() for line in rows]
    return "\n".join([lines[0], "  ".join("-" * width for width in widths).rstrip(), *lines[1:]])


def row(value):
    limit = value.limit
    return (
        value.key,
        limit.name,
        value.floor,
        figure(median(value.rounds), limit),
        figure(value.best, limit),
        bound(limit.aim, limit),
        bound(limit.gate, limit),
        verdict(value),
    )


def verdict(value):
    limit = value.limit
    for name, allowed in (("aim", limit.aim), ("gate", limit.gate), ("as reached", limit.limit)):
        if limit.allows(value.best, allowed):
            return name
    return "ABOVE THE LIMIT"


def describe(value):
    limit = value.limit
    return f"{limit.name}: {figure(value.best, limit)}, limit {bound(limit.limit, limit)}"


def figure(number, limit):
    return f"{number:.2f} {limit.unit}"


def bound(number, limit):
    return f"{'≥' if limit.at_least else '≤'} {number:g} {limit.unit}"
