"""Writes down what was measured: as JSON, as a picture, and in the README."""

import json
from statistics import median

from . import plot, table

BEGIN = "<!-- the cost, written by benches/run --record -->"
END = "<!-- end of the cost -->"
PICTURE = (
    "![Time on a processor for each request, as a multiple of the bare proxy's, against the size of requests, the length "
    "of streams, the number of rules and of connections](docs/cost.svg)"
)


def write(root, where, measured, curves):
    results = {
        "machine": where,
        "quantities": [quantity(value) for value in measured],
        "curves": curves,
    }
    (root / "benches" / "results.json").write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n")
    (root / "docs" / "cost.svg").write_text(plot.draw(curves))
    readme = root / "README.md"
    text = readme.read_text()
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    readme.write_text(f"{before}{BEGIN}\n\n{section(where, measured)}\n\n{END}{after}")


def quantity(value):
    limit = value.limit
    return {
        "key": value.key,
        "name": limit.name,
        "unit": limit.unit,
        "floor": value.floor,
        "values": [round(number, 3) for number in value.values],
        "median": round(median(value.values), 3),
        "best": round(value.best, 3),
        "aim": limit.aim,
        "gate": limit.gate,
    }


def section(where, measured):
    lines = ["| | floor | gateway | aim |", "|---|---|---|---|"]
    for value in measured:
        limit = value.limit
        lines.append(f"| {limit.name} | {value.floor} | {told(value)} | {table.bound(limit.aim, limit)} |")
    place = "{processor}, {cores} cores, Linux {kernel}, rustc {rustc}, {date}".format(**where)
    busy = f", while others kept {where['load']:.0f} threads busy" if where["load"] >= 1 else ""
    return "\n".join([*lines, "", f"({place}{busy}; the median of interleaved rounds.)", "", PICTURE])


def told(value):
    own = median(value.values)
    if value.is_noise:
        return "lost in noise"
    return table.figure(own, value.limit) + (" ✓" if value.limit.allows(own, value.limit.aim) else "")
