"""Pictures as SVG, drawn here: no browser, no script, nothing fetched; texts are escaped, colours stand in print."""

import math
from collections.abc import Sequence
from datetime import datetime

from markupsafe import Markup

from core.language import Language
from core.language.numbers import number
from core.reports.document import Picture
from core.reports.periods import Period
from core.reports.spelling import label, spelt

WIDTH, HEIGHT = 720, 220
COLORS = ("#E30519", "#2B3A55", "#12858A", "#D98E1F", "#7A5C99", "#4D83D6", "#A3A6AB", "#4C956C")
"""The shades of ``core.reports.document.TONES`` on white paper."""
_LEFT, _TOP, _BOTTOM, _RIGHT = 52, 30, 24, 8
_RANK_HEIGHT, _RANK_LEFT, _RANK_RIGHT = 24, 230, 70
_MOST_LABELS = 12
_LONGEST_LABEL = 34


def drawn(picture: Picture, period: Period, language: Language) -> Markup:
    """A picture as an ``svg`` element that scales to the width it is given."""
    if picture.form == "ranks":
        return _ranks(picture, period, language)
    return _over_time(picture, period, language)


def _svg(height: float, title: str, parts: Sequence[Markup]) -> Markup:
    return Markup(
        '<svg viewBox="0 0 {} {}" role="img" xmlns="http://www.w3.org/2000/svg"><title>{}</title>{}</svg>'
    ).format(WIDTH, round(height), title, Markup("").join(parts))


def _text(x: float, y: float, text: str, anchor: str = "start") -> Markup:
    return Markup('<text x="{}" y="{}" text-anchor="{}">{}</text>').format(round(x, 1), round(y, 1), anchor, text)


def _bar(place: tuple[float, float], size: tuple[float, float], color: str, told: str) -> Markup:
    return Markup('<rect x="{}" y="{}" width="{}" height="{}" fill="{}"><title>{}</title></rect>').format(
        *(round(one, 2) for one in (*place, *size)), color, told
    )


def _line(begin: tuple[float, float], end: tuple[float, float]) -> Markup:
    return Markup('<line class="grid" x1="{}" y1="{}" x2="{}" y2="{}"/>').format(
        *(round(one, 1) for one in (*begin, *end))
    )


def _round_up(value: float, *, is_counted: bool) -> float:
    """The next of 1, 2, 2.5, 5 and 10 times a power of ten; of what is counted one whose half is whole too."""
    value = max(value, 2.0) if is_counted else value
    if value <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(value))
    steps = (1, 2, 3, 4, 5, 6, 8, 10) if is_counted else (1, 2, 2.5, 5, 10)
    tops = [step * power for step in steps if step * power >= value * 0.9999]
    return next(top for top in tops if not is_counted or top % 2 == 0)


def _over_time(picture: Picture, period: Period, language: Language) -> Markup:
    count = len(picture.labels)
    stacked = picture.form == "bars"
    sums = [sum(one.values[i] for one in picture.series) for i in range(count)]
    singles = [value for one in picture.series for value in one.values]
    top = _round_up(max(sums if stacked else singles, default=0.0), is_counted=picture.kind == "count")
    high, wide = HEIGHT - _TOP - _BOTTOM, (WIDTH - _LEFT - _RIGHT) / max(count, 1)
    parts = [*_legend(picture), *_scale(picture, top, high, period, language)]
    if stacked:
        parts += _stacks(picture, period, language, (top, high, wide))
    else:
        parts += _lines(picture, (top, high, wide))
    every = max(1, math.ceil(count / _MOST_LABELS))
    for position in range(0, count, every):
        text = label(picture.labels[position], period)
        parts.append(_text(_LEFT + (position + 0.5) * wide, HEIGHT - 8, text, "middle"))
    return _svg(HEIGHT, picture.title, parts)


def _scale(picture: Picture, top: float, high: float, period: Period, language: Language) -> list[Markup]:
    parts = []
    for part in (0.0, 0.5, 1.0):
        y = _TOP + high * (1 - part)
        decimals = 0 if top >= 4 or part in (0.0, 1.0) or picture.kind == "count" else 1
        text = (
            number(top * part, decimals, language)
            if picture.kind in ("count", "number")
            else spelt(top * part, picture.kind, language, period.clock)
        )
        parts += [_line((_LEFT, y), (WIDTH - _RIGHT, y)), _text(_LEFT - 6, y + 4, text, "end")]
    return parts


def _stacks(picture: Picture, period: Period, language: Language, scale: tuple[float, float, float]) -> list[Markup]:
    top, high, wide = scale
    parts = []
    for position, at in enumerate(picture.labels):
        y = _TOP + high
        for which, one in enumerate(picture.series):
            value = one.values[position]
            height = high * value / top
            y -= height
            if value:
                shown = spelt(value, picture.kind, language, period.clock)
                told = f"{_told(at, period)} {one.title}: {shown}"
                place = (_LEFT + position * wide + wide * 0.1, y)
                parts.append(_bar(place, (wide * 0.8, height), COLORS[picture.tone(which)], told))
    return parts


def _told(at: datetime | str, period: Period) -> str:
    return at if isinstance(at, str) else at.astimezone(period.clock).strftime("%Y-%m-%d %H:%M")


def _lines(picture: Picture, scale: tuple[float, float, float]) -> list[Markup]:
    top, high, wide = scale
    parts = []
    for which, one in enumerate(picture.series):
        points = " ".join(
            f"{_LEFT + (position + 0.5) * wide:.1f},{_TOP + high * (1 - value / top):.1f}"
            for position, value in enumerate(one.values)
        )
        color = COLORS[picture.tone(which)]
        parts.append(Markup('<polyline points="{}" fill="none" stroke="{}" stroke-width="2"/>').format(points, color))
    return parts


def _legend(picture: Picture) -> list[Markup]:
    parts: list[Markup] = []
    x = float(_LEFT)
    for which, one in enumerate(picture.series):
        title = one.title[:_LONGEST_LABEL]
        parts.append(_bar((x, 6), (10, 10), COLORS[picture.tone(which)], title))
        parts.append(_text(x + 15, 15, title))
        x += 32 + 6.5 * len(title)
    return parts


def _ranks(picture: Picture, period: Period, language: Language) -> Markup:
    values = picture.series[0].values if picture.series else ()
    most = max(values, default=0.0) or 1.0
    wide = WIDTH - _RANK_LEFT - _RANK_RIGHT
    parts = []
    for position, (at, value) in enumerate(zip(picture.labels, values, strict=True)):
        y = position * _RANK_HEIGHT
        name = label(at, period)
        short = name if len(name) <= _LONGEST_LABEL else name[: _LONGEST_LABEL - 1] + "…"
        shown = spelt(value, picture.kind, language, period.clock)
        reach = max(1.0, wide * value / most)
        parts += [
            _text(_RANK_LEFT - 8, y + 16, short, "end"),
            _bar((_RANK_LEFT, y + 4), (reach, _RANK_HEIGHT - 9), COLORS[picture.tone(0)], f"{name}: {shown}"),
            _text(_RANK_LEFT + reach + 6, y + 16, shown),
        ]
    return _svg(max(1, len(picture.labels)) * _RANK_HEIGHT + 4, picture.title, parts)
