"""The outcome, for people."""

from statistics import median

HEAD = ("#", "quantity", "floor", "median", "best", "ratio", "aim", "gate", "")


def render(measured):
    rows = [HEAD, *(row(value) for value in measured)]
    widths = [max(len(line[column]) for line in rows) for column in range(len(HEAD))]
    rule = tuple("-" * width for width in widths)
    lines = [rows[0], rule, *rows[1:]]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip() for line in lines)


def row(value):
    limit = value.limit
    return (
        value.key,
        limit.name,
        value.floor,
        figure(median(value.values), limit),
        figure(value.best, limit),
        f"{min(value.ratios):.2f}" if value.ratios else "",
        bound(limit.aim, limit),
        bound(limit.gate, limit),
        verdict(value),
    )


def verdict(value):
    """By the median, which is what is to be believed; what is enforced is the best round."""
    limit = value.limit
    if not value.holds:
        return "ABOVE THE LIMIT"
    if value.is_noise:
        return "noise"
    if limit.allows(median(value.values), limit.aim):
        return "aim"
    return "gate" if limit.allows(median(value.values), limit.gate) else "above the gate"


def describe(value):
    own, limit = value.enforced
    return f"{value.key}, {value.limit.name}: {own:.2f}, limit {limit:g}"


def figure(number, limit):
    digits = {"×": 2, "µs": 0}.get(limit.unit, 1)
    return f"{number:{'+' if limit.added else ''}.{digits}f} {limit.unit}"


def bound(number, limit):
    return f"{'≥' if limit.at_least else '≤'} {number:g} {limit.unit}"
