"""Draws the curves, in colours that can be read on white and on black."""

import math

TITLE = "Time on a processor for each request, as a multiple of a bare proxy's"
HEAD, WIDTH, HEIGHT = 24, 400, 240
LEFT, RIGHT, TOP, BOTTOM = 44, 96, 20, 44
TEXT, GRID = "#7d8590", "#7d859055"
COLOURS = {"passed": "#2f81f7", "renamed": "#2da44e", "translated": "#d1792b"}


def draw(curves):
    columns = 2
    rows = math.ceil(len(curves) / columns)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {columns * WIDTH} {HEAD + rows * HEIGHT}"'
        f' font-family="system-ui, sans-serif" font-size="11" fill="{TEXT}">',
        f"<title>{TITLE}</title>",
        label(LEFT, 14, TITLE),
    ]
    for number, curve in enumerate(curves):
        x, y = number % columns * WIDTH, HEAD + number // columns * HEIGHT
        parts += [f'<g transform="translate({x} {y})">', *panel(curve), "</g>"]
    return "\n".join([*parts, "</svg>", ""])


def panel(curve):
    points = curve["points"]
    scale = marks(max(max(line) for line in curve["lines"].values()))
    top = scale[-1]

    def across(point):
        share = math.log(point / points[0]) / math.log(points[-1] / points[0])
        return LEFT + share * (WIDTH - LEFT - RIGHT)

    def up(ratio):
        return HEIGHT - BOTTOM - ratio / top * (HEIGHT - TOP - BOTTOM)

    parts = []
    for ratio in scale:
        parts += [rule(up(ratio)), label(LEFT - 6, up(ratio) + 4, f"{ratio:g} ×", "end")]
    parts += [rule(up(1), dashed=True), label(WIDTH - RIGHT + 8, up(1) + 4, "floor")]
    parts += [label(across(point), HEIGHT - BOTTOM + 16, short(point), "middle") for point in points]
    parts.append(label(LEFT + (WIDTH - LEFT - RIGHT) / 2, HEIGHT - 10, curve["title"], "middle"))
    ends = spread({name: up(line[-1]) for name, line in curve["lines"].items()}, up(1))
    for name, line in curve["lines"].items():
        places = [(across(point), up(ratio)) for point, ratio in zip(points, line)]
        parts += [*stroke(places, COLOURS[name]), label(WIDTH - RIGHT + 8, ends[name] + 4, name, colour=COLOURS[name])]
    return parts


def rule(y, dashed=False):
    style = f'stroke="{TEXT}" stroke-dasharray="4 3"' if dashed else f'stroke="{GRID}"'
    return f'<path d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}" {style}/>'


def stroke(places, colour):
    path = "L".join(f"{x:.1f} {y:.1f}" for x, y in places)
    yield f'<path d="M{path}" fill="none" stroke="{colour}" stroke-width="2"/>'
    for x, y in places:
        yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.5" fill="{colour}"/>'


def label(x, y, text, anchor="start", colour=TEXT):
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}">{text}</text>'


def spread(places, taken):
    """Names that would stand on each other stand above each other."""
    free = taken
    apart = {}
    for name, place in sorted(places.items(), key=lambda item: -item[1]):
        free = apart[name] = min(place, free - 13)
    return apart


def marks(highest):
    """Round numbers from 0 to the highest or a little above, five at most."""
    steps = (digit * 10**power for power in range(5) for digit in (0.5, 1, 2, 2.5, 5))
    step = next(step for step in steps if step * 4 >= highest)
    return [step * number for number in range(math.ceil(highest / step) + 1)]


def short(number):
    for unit, size in (("M", 1_000_000), ("k", 1_000)):
        if number >= size:
            return f"{number / size:.0f}{unit}"
    return str(number)
