"""The table client × provider × feature, and its copy in the README."""

from arms import MATRIX, ROOT

README = ROOT / "README.md"
BEGIN = "<!-- the clients, written by tests/clients/run --write -->\n"
END = "<!-- end of the clients -->\n"


def render(rows):
    """One line for each client, one column for each provider, one mark for each feature."""
    outcomes = {(row["client"], row["provider"], row["feature"]): row for row in rows}
    reasons = []
    providers = MATRIX["providers"].items()
    lines = [
        "| client | " + " | ".join(f"`{provider['format']}`" for _, provider in providers) + " |",
        "|---|" + "---|" * len(providers),
    ]
    for client in MATRIX["clients"]:
        cells = []
        for provider, _ in providers:
            marks = [
                _mark(outcomes.get((client, provider, feature)), reasons)
                for feature in MATRIX["features"]
            ]
            cells.append(" ".join(marks))
        lines.append(f"| {client} | " + " | ".join(cells) + " |")
    count = sum(row["passed"] for row in rows)
    gaps = sum(row["passed"] and row["gap"] is not None for row in rows)
    features = ", ".join(MATRIX["features"])
    lines += ["", f"In each cell: {features}. {count - gaps} of {len(rows)} go, {gaps} can't:", ""]
    lines += [f"* –{number}: {reason}" for number, reason in enumerate(reasons, 1)]
    return "\n".join(lines) + "\n"


def _mark(row, reasons):
    if row is None or not row["passed"]:
        return "✗"
    if row["gap"] is None:
        return "✓"
    if row["gap"] not in reasons:
        reasons.append(row["gap"])
    return f"–{reasons.index(row['gap']) + 1}"


def check(rows, write):
    """Whether the README's table is another, after it was written if that is wanted."""
    text = README.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    written, _, after = rest.partition(END)
    table = f"\n{render(rows)}\n"
    if write:
        README.write_text(before + BEGIN + table + END + after, encoding="utf-8")
        return 0
    if written == table:
        return 0
    print("The README has another table: tests/clients/run --write")
    return 1
