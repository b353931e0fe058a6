"""Three small charts as SVG text: a trend, peers on one line, a word-sized trend. Drawn on the server, no script.

A chart never stands alone: the components put the finding above it and the table below it.
"""

from collections.abc import Sequence

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from quxin.ui.words import num

Point = tuple[str, float | None]
WIDTH, HEIGHT, PAD = 400, 130, 22


def trend(points: Sequence[Point], label: str) -> SafeString:
    """A line through the values; gaps where a value is None; the last value marked and printed."""
    known = [float(value) for _, value in points if value is not None]
    if not known:
        return mark_safe("")
    place = _scale(known, HEIGHT - PAD, PAD)
    step = (WIDTH - 2 * PAD) / max(1, len(points) - 1)
    spots = [(PAD + i * step, None if v is None else place(float(v))) for i, (_, v) in enumerate(points)]
    last = max(i for i, (_, y) in enumerate(spots) if y is not None)
    x, y = spots[last]
    marks = format_html(
        '<circle class="end" cx="{}" cy="{}" r="4"/><text class="me" x="{}" y="{}" text-anchor="end">{}</text>',
        f"{x:.1f}", f"{y:.1f}", f"{x:.1f}", f"{(y or 0) - 10:.1f}", num(points[last][1]),
    )  # fmt: skip
    ends = [(points[0][0], PAD, "start"), (points[-1][0], WIDTH - PAD, "end")] if len(points) > 1 else []
    names = format_html_join(
        "", '<text x="{}" y="{}" text-anchor="{}">{}</text>', ((x, HEIGHT - 4, side, name) for name, x, side in ends)
    )
    axis = format_html('<line class="axis" x1="{0}" x2="{1}" y1="{2}" y2="{2}"/>', PAD, WIDTH - PAD, HEIGHT - PAD)
    return _svg(WIDTH, HEIGHT, label, axis, _path(spots), marks, names)


def dots(points: Sequence[Point], mine: str, unit: str, label: str) -> SafeString:
    """Each peer a dot at its value; mine drawn last, larger and named; both ends of the scale printed."""
    known = [(name, float(value)) for name, value in points if value is not None]
    if not known:
        return mark_safe("")
    values = [value for _, value in known]
    place = _scale(values, PAD, WIDTH - PAD)
    others = format_html_join(
        "", '<circle class="dot" cx="{}" cy="36" r="5"><title>{} {}{}</title></circle>',
        ((f"{place(v):.1f}", n, num(v), unit) for n, v in known if n != mine),
    )  # fmt: skip
    own = mark_safe("")
    for name, value in known:
        if name == mine:
            x = place(value)
            side = "start" if x < WIDTH / 3 else "end" if x > 2 * WIDTH / 3 else "middle"
            own = format_html(
                '<circle class="dot me" cx="{0}" cy="36" r="7"/>'
                '<text class="me" x="{0}" y="16" text-anchor="{1}">{2} {3}{4}</text>',
                f"{x:.1f}", side, name, num(value), unit,
            )  # fmt: skip
    axis = format_html('<line class="axis" x1="{}" x2="{}" y1="36" y2="36"/>', PAD, WIDTH - PAD)
    ends = format_html(
        '<text x="{}" y="64" text-anchor="start">{}{}</text><text x="{}" y="64" text-anchor="end">{}{}</text>',
        PAD, num(min(values)), unit, WIDTH - PAD, num(max(values)), unit,
    )  # fmt: skip
    return _svg(WIDTH, 72, label, axis, others, own, ends)


def spark(values: Sequence[float | None], label: str) -> SafeString:
    """80 × 20, the last value marked."""
    known = [float(v) for v in values if v is not None]
    if not known:
        return mark_safe("")
    place = _scale(known, 17, 3)
    step = 74 / max(1, len(values) - 1)
    spots = [(3 + i * step, None if v is None else place(float(v))) for i, v in enumerate(values)]
    x, y = next((x, y) for x, y in reversed(spots) if y is not None)
    end = format_html('<circle class="end" cx="{}" cy="{}" r="2.5"/>', f"{x:.1f}", f"{y:.1f}")
    return _svg(80, 20, label, _path(spots), end, css="spark")


def _scale(values: Sequence[float], low: float, high: float):
    """A function from a value to a place between `low` and `high`; all-equal values stand in the middle."""
    bottom, top = min(values), max(values)
    span = top - bottom
    if not span:
        return lambda value: (low + high) / 2
    return lambda value: low + (high - low) * (value - bottom) / span


def _path(spots: Sequence[tuple[float, float | None]]) -> SafeString:
    """One path, lifted wherever a value is missing; a lone value becomes a short dash so that it is seen."""
    parts: list[str] = []
    pen = False
    for x, y in spots:
        if y is None:
            pen = False
            continue
        parts.append(f"{'L' if pen else 'M'}{x:.1f} {y:.1f}" if pen else f"M{x:.1f} {y:.1f}h.1")
        pen = True
    return format_html('<path class="trend" d="{}"/>', "".join(parts))


def _svg(width: int, height: int, label: str, *inside: SafeString, css: str = "") -> SafeString:
    named = format_html('role="img" aria-label="{}"', label) if label else mark_safe('aria-hidden="true"')
    return format_html(
        '<svg viewBox="0 0 {} {}" {}{}>{}</svg>',
        width, height, named, format_html(' class="{}"', css) if css else "", mark_safe("".join(inside)),  # noqa: S308
    )  # fmt: skip
