"""The plots of the page, drawn as SVG.

Plotly would bring a script of 4.5 MB into each page; these few marks need none, so the page is
small enough to be mailed, opens at once, prints, and may forbid all scripts. An arm has a color and
a shape, so that it can be told without its color; every mark says its numbers when pointed at.
Colors come from the page's style, by class.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.evaluation.pages import Markup, text
from core.evaluation.report.amounts import percent, tokens, with_interval
from core.figures.marks import COLORS, MARK, sizes_of

COLORS_ON_DARK = ("#4aa3df", "#e8762c", "#22b88f", "#d98cbb", "#e6a91f", "#7cc4ee")
SHAPES = ("circle", "square", "diamond", "up", "down", "hourglass", "cross")
WIDTH, HEIGHT = 760, 430
LEFT, RIGHT, TOP, BOTTOM = 60, 24, 16, 50
ROW, LETTERS, LETTER = 24, 46, 6.6  # of labels: pixels, characters, pixels of one

_COLORED = "".join(f".arm-{at} {{ --arm: {color}; }}\n" for at, color in enumerate(COLORS))
_ON_DARK = "".join(
    f"  .arm-{at} {{ --arm: {color}; }}\n" for at, color in enumerate(COLORS_ON_DARK)
)
STYLE = f"""
svg {{ display: block; max-width: 100%; height: auto; font-size: 12px; }}
svg text {{ fill: currentColor; }}
svg .quiet {{ fill: #6c6a63; }}
svg .grid {{ stroke: #ddd8ca; stroke-width: 1; }}
svg .zero {{ stroke: #6c6a63; stroke-width: 1.2; stroke-dasharray: 4 3; }}
svg .line {{ stroke: var(--arm); stroke-width: 2; fill: none; }}
svg .reach {{ stroke: var(--arm); stroke-width: 1.6; opacity: 0.5; }}
svg .mark {{ stroke: #fdfcf9; fill: var(--arm); vector-effect: non-scaling-stroke; }}
.key {{ display: inline-block; margin-right: 1.4rem; }}
.key svg {{ display: inline-block; vertical-align: -0.15rem; margin-right: 0.35rem; }}
{_COLORED}@media (prefers-color-scheme: dark) {{
  svg .quiet {{ fill: #a09d94; }}
  svg .grid {{ stroke: #363d45; }}
  svg .zero {{ stroke: #a09d94; }}
  svg .mark {{ stroke: #15181c; }}
{_ON_DARK}}}
"""


@dataclass(frozen=True)
class Reach:
    """One line of a plot of intervals: a value with its interval, or without one."""

    label: str
    arm: str
    value: float | None
    interval: Sequence[float] | None
    told: str


@dataclass(frozen=True)
class Axis:
    """From `low` to `high` in numbers, from `start` to `end` in pixels."""

    low: float
    high: float
    start: float
    end: float

    def at(self, value: float) -> float:
        share = (value - self.low) / (self.high - self.low)
        return round(self.start + share * (self.end - self.start), 1)

    def ticks(self) -> list[float]:
        step = nice_step((self.high - self.low) / 8)
        first = math.ceil(self.low / step - 1e-9)
        last = math.floor(self.high / step + 1e-9)
        return [number * step for number in range(first, last + 1)]


def nice_step(least: float) -> float:
    """The smallest of 1, 2, 5, 10, 20, ... (and 0.1, 0.2, ...) that is no smaller."""
    ten = 10.0 ** math.floor(math.log10(least))
    return next(ten * one for one in (1, 2, 5, 10) if ten * one >= least * (1 - 1e-9))


def axis_over(values: Iterable[float], start: float, end: float, most: float = math.inf) -> Axis:
    """Around the values, with some room; from 0 where that wastes little. Never beyond `most`."""
    known = list(values)
    low, high = min(known), max(known)
    room = (high - low) * 0.08 or abs(high) * 0.2 or 1.0
    lowest = low - room
    if low >= 0 and low < high * 0.4:
        lowest = 0.0
    elif low >= 0:
        lowest = max(0.0, lowest)
    return Axis(lowest, min(most, high + room) if high <= most else high + room, start, end)


def curve_plot(rows: Sequence[Mapping[str, Any]], arms: Sequence[str]) -> Markup:
    """Accuracy against mean output tokens: a line for each arm, a mark for each budget.

    The size of a mark says its budget: words beside the marks would lie on each other. Rows are
    those of the report's arms; empty where none has both figures.
    """
    drawn = [
        one for one in rows if one["accuracy"] is not None and one["output_tokens"] is not None
    ]
    if not drawn:
        return Markup("")
    across = axis_over(_ends(drawn, "output_tokens"), LEFT, WIDTH - RIGHT)
    up = axis_over(_ends(drawn, "accuracy"), HEIGHT - BOTTOM, TOP, most=1.0)
    sizes = sizes_of({one["budget"] for one in drawn})
    parts = [*_grid(across, up)]
    for arm in _present(drawn, arms):
        own = [one for one in drawn if one["arm"] == arm]
        # The large ones first: of marks in one place the small ones are seen on them.
        own.sort(key=lambda one: one["budget"], reverse=True)
        parts += _line(own, arms, (across, up), sizes)
    title = "Accuracy against mean output tokens, for each arm and budget"
    if len(sizes) < 2:
        return _svg(WIDTH, HEIGHT, title, parts)
    return _svg(WIDTH, HEIGHT + ROW, title, [*parts, *_key(sizes)])


def interval_plot(
    rows: Sequence[Reach],
    arms: Sequence[str],
    title: str,
    told: Callable[[float], str],
    zero: float | None = None,
) -> Markup:
    """A line for each row: its value and interval; `zero` is where there is no difference.

    Empty where no row has a value.
    """
    known = [row for row in rows if row.value is not None]
    if not known:
        return Markup("")
    values = [one for row in known for one in (row.value, *(row.interval or ())) if one is not None]
    labels = 24 + LETTER * max(len(_short(row.label)) for row in known)
    across = axis_over([*values, *([] if zero is None else [zero])], labels, WIDTH - RIGHT)
    bottom = TOP + ROW * len(known)
    parts = [_vertical(across.at(tick), TOP, bottom, "grid") for tick in across.ticks()]
    parts += [
        _words(across.at(tick), bottom + 18, told(tick), "quiet", "middle")
        for tick in across.ticks()
    ]
    if zero is not None:
        parts.append(_vertical(across.at(zero), TOP, bottom, "zero"))
    for place, row in enumerate(known):
        parts.append(_row(row, TOP + ROW * (place + 0.5), across, arms))
    return _svg(WIDTH, bottom + 28, title, parts)


def legend(arms: Sequence[str], present: Iterable[str]) -> Markup:
    """The color and shape of each arm, in their order."""
    there = set(present)
    keys = [
        f'<span class="key"><svg class="{_class(arm, arms)}" width="14" height="14" '
        f'aria-hidden="true">{_mark(arm, arms, 7, 7)}</svg>{text(arm)}</span>'
        for arm in arms
        if arm in there
    ]
    return Markup(f"<p>{''.join(keys)}</p>")


def _present(rows: Iterable[Mapping[str, Any]], arms: Sequence[str]) -> list[str]:
    there = {one["arm"] for one in rows}
    return [arm for arm in arms if arm in there]


def _ends(rows: Iterable[Mapping[str, Any]], name: str) -> list[float]:
    return [end for one in rows for end in (one[name], *(one.get(f"{name}_interval") or ()))]


def _grid(across: Axis, up: Axis) -> Iterator[str]:
    for tick in up.ticks():
        y = up.at(tick)
        yield f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y}" y2="{y}"/>'
        yield _words(LEFT - 8, y + 4, f"{tick * 100:g}%", "quiet", "end")
    for tick in across.ticks():
        yield _vertical(across.at(tick), TOP, HEIGHT - BOTTOM, "grid")
        yield _words(across.at(tick), HEIGHT - BOTTOM + 18, f"{tick:,.10g}", "quiet", "middle")
    middle = (LEFT + WIDTH - RIGHT) / 2
    yield _words(middle, HEIGHT - 10, "mean output tokens", "quiet", "middle")


def _line(
    own: Sequence[Mapping[str, Any]],
    arms: Sequence[str],
    axes: tuple[Axis, Axis],
    sizes: Mapping[int, float],
) -> Iterator[str]:
    across, up = axes
    arm = own[0]["arm"]
    path = " ".join(f"{across.at(one['output_tokens'])},{up.at(one['accuracy'])}" for one in own)
    yield f'<g class="{_class(arm, arms)}"><polyline class="line" points="{path}"/>'
    for one in own:
        x, y = across.at(one["output_tokens"]), up.at(one["accuracy"])
        if ends := one.get("output_tokens_interval"):
            yield _reach(across.at(ends[0]), across.at(ends[1]), y, y)
        if ends := one.get("accuracy_interval"):
            yield _reach(x, x, up.at(ends[0]), up.at(ends[1]))
        yield f"<g>{_hint(_told(one))}{_mark(arm, arms, x, y, sizes[one['budget']])}</g>"
    yield "</g>"


def _key(sizes: Mapping[int, float]) -> Iterator[str]:
    """Which size is which budget, in a row of its own under the plot."""
    x, y = float(LEFT), HEIGHT + ROW / 2
    step = min(80.0, (WIDTH - LEFT - RIGHT) / (len(sizes) + 1))
    yield _words(x, y + 4, "budget", "quiet", "start")
    for budget, size in sizes.items():
        x += step
        yield f'<circle class="quiet" cx="{x:.1f}" cy="{y}" r="{size / 2:.1f}"/>'
        yield _words(x + 14, y + 4, f"{budget:,}", "quiet", "start")


def _told(one: Mapping[str, Any]) -> str:
    accuracy = with_interval(one["accuracy"], one.get("accuracy_interval"), percent)
    count = with_interval(one["output_tokens"], one.get("output_tokens_interval"), tokens)
    return f"{one['arm']} at {one['budget']:,}: {accuracy} right, {count} output tokens"


def _row(row: Reach, y: float, across: Axis, arms: Sequence[str]) -> str:
    x = across.at(row.value or 0.0)
    ends = row.interval
    reach = _reach(across.at(ends[0]), across.at(ends[1]), y, y) if ends else ""
    label = _words(across.start - 12, y + 4, _short(row.label), "", "end")
    mark = _mark(row.arm, arms, x, y)
    return f'<g class="{_class(row.arm, arms)}">{_hint(row.told)}{label}{reach}{mark}</g>'


def _short(label: str) -> str:
    return label if len(label) <= LETTERS else f"{label[: LETTERS - 1]}…"


def _class(arm: str, arms: Sequence[str]) -> str:
    return f"arm-{arms.index(arm) % len(COLORS)}"


def _reach(x1: float, x2: float, y1: float, y2: float) -> str:
    return f'<line class="reach" x1="{x1}" x2="{x2}" y1="{y1}" y2="{y2}"/>'


def _vertical(x: float, y1: float, y2: float, name: str) -> str:
    return f'<line class="{name}" x1="{x}" x2="{x}" y1="{y1}" y2="{y2}"/>'


def _words(x: float, y: float, words: str, name: str, anchor: str) -> str:
    return f'<text class="{name}" x="{x}" y="{y}" text-anchor="{anchor}">{text(words)}</text>'


def _hint(words: str) -> str:
    return f"<title>{text(words)}</title>"


_PATHS = {
    "square": "M-4-4h8v8h-8z",
    "diamond": "M0-5.5 5.5 0 0 5.5-5.5 0z",
    "up": "M0-5.5 5 4-5 4z",
    "down": "M0 5.5 5-4-5-4z",
    "hourglass": "M-4.5-5h9l-9 10h9z",
    "cross": "M-2-6h4v4h4v4h-4v4h-4v-4h-4v-4h4z",
}


def _mark(arm: str, arms: Sequence[str], x: float, y: float, size: float = MARK) -> str:
    shape = SHAPES[arms.index(arm) % len(SHAPES)]
    if shape == "circle":
        return f'<circle class="mark" cx="{x}" cy="{y}" r="{size / 2:.1f}"/>'
    scaled = f"translate({x} {y}) scale({size / MARK:.2f})"
    return f'<path class="mark" transform="{scaled}" d="{_PATHS[shape]}"/>'


def _svg(width: float, height: float, title: str, parts: Iterable[str]) -> Markup:
    return Markup(
        f'<svg viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img" '
        f'aria-label="{text(title)}">{"".join(parts)}</svg>'
    )
