"""The ladder of a call as a picture: who takes part side by side, what passed between them from top to bottom.

Where everything lies is a pure function of the steps (`drawn`); `svg` writes that as SVG 1.1 with classes of the
stylesheet alone, since the pages' policy admits no inline styles, and `svg_file` as a file that has its own.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from renvoi.domain.calls.step_text import ExplainedStep
from renvoi.domain.calls.steps import CALLER, EDGE, StepKind

MOST_ROWS = 80
"""Steps that are drawn: of a call with more, the first and the last ones. The list beside the picture has all."""
MOST_COLUMNS = 7
"""Sides that have a column of their own; the others share the last one."""
_LEFT, _APART, _RIGHT = 130, 180, 90
"""Pixels from the left edge to the first column, from one column to the next, from the last one to the right edge."""
_BOX, _TOP, _ROW, _LOOP = 132, 40, 38, 60
_NARROW = 3
"""Columns that a card beside another one has room for."""
_TIP = 9
_LETTER = 7
"""Pixels that a letter takes at the most, at the size of the stylesheet, nearly: a label that is too long is cut."""
_BAD = frozenset({StepKind.SILENT, StepKind.UNSENT, StepKind.CANCEL})
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 (§2.2) has no place for, not even escaped."""

WORDS: Mapping[str, Mapping[str, str]] = {
    "title": {"en": "Ladder of the call", "fr": "Échelle de l’appel"},
    "description": {
        "en": "{steps} steps between {sides}. The list of steps says the same.",
        "fr": "{steps} étapes entre {sides}. La liste des étapes dit la même chose.",
    },
    "others": {"en": "Others", "fr": "Autres"},
    "gap": {"en": "{n} steps are not drawn", "fr": "{n} étapes ne sont pas dessinées"},
}
_STYLE = Markup("""
svg { background: #fff; font-family: system-ui, sans-serif; }
text { fill: #1a1b1d; font-size: 13px; }
.who { font-weight: 600; text-anchor: middle; }
.box { fill: #f1f1ee; stroke: #e3e3de; }
.say { text-anchor: middle; paint-order: stroke; stroke: #fff; stroke-width: 4px; }
.at { fill: #5a5d62; font-size: 12px; }
.life { stroke: #85857e; stroke-dasharray: 3 4; }
.arrow { stroke: #1f52c7; stroke-width: 1.5; }
.tip { fill: #1f52c7; }
.bad .arrow { stroke: #ad241c; }
.bad .tip, .bad .say { fill: #ad241c; }
.good .arrow { stroke: #12673a; }
.good .tip, .good .say { fill: #12673a; }
""")


@dataclass(frozen=True, slots=True)
class Column:
    """A side of the call: where its line is, and its name."""

    x: int
    name: str


@dataclass(frozen=True, slots=True)
class Arrow:
    """A step: an arrow from `x1` to `x2` at the height `y`, with a label around `middle`; `about` describes it.

    `tone` is `good`, `bad` or empty.
    """

    y: int
    x1: int
    x2: int
    at: str
    label: str
    middle: int
    about: str
    tone: str


@dataclass(frozen=True, slots=True)
class Gap:
    """Where steps are left out."""

    y: int
    label: str


@dataclass(frozen=True, slots=True)
class Picture:
    """A ladder with the places of all its parts, in pixels."""

    width: int
    height: int
    columns: Sequence[Column]
    arrows: Sequence[Arrow]
    gap: Gap | None
    title: str
    description: str


def drawn(steps: Sequence[ExplainedStep], language: str) -> Picture:
    """Return the picture of a call with these steps, the first of which is its beginning."""

    def text(name: str, **args: object) -> str:
        return WORDS[name][language].format(**args)

    columns, places = _columns(steps, text("others"))
    left_out = max(0, len(steps) - MOST_ROWS)
    first = len(steps) if not left_out else MOST_ROWS // 2
    arrows = [_arrow(step, row, steps[0].step.at_ms, places) for row, step in enumerate(steps[:first])]
    gap = Gap(_y(first), text("gap", n=left_out)) if left_out else None
    last = steps[first + left_out :]
    arrows += [_arrow(step, first + 1 + row, steps[0].step.at_ms, places) for row, step in enumerate(last)]
    rows = len(arrows) + (gap is not None)
    names = ", ".join(column.name for column in columns)
    return Picture(
        max(columns[-1].x, _LEFT + _APART) + _RIGHT,
        _y(rows),
        columns,
        arrows,
        gap,
        text("title"),
        text("description", steps=len(steps), sides=names),
    )


def seconds(step: ExplainedStep, began_at_ms: int) -> str:
    """Return when a step happened, from the beginning of its call."""
    return f"{(step.step.at_ms - began_at_ms) / 1000:.3f} s"


def tone_of(step: ExplainedStep) -> str:
    """Return `good` for what takes the call, `bad` for what does not."""
    status = step.step.status
    if step.step.kind is StepKind.ANSWER and status is not None:
        return "good" if 200 <= status < 300 else "bad"
    return "bad" if step.step.kind in _BAD else ""


def _columns(steps: Sequence[ExplainedStep], others: str) -> tuple[Sequence[Column], Mapping[str, int]]:
    """Return the columns, and where each side of the call has its own: the caller first, renvoi, then as they come."""
    names = {CALLER: "", EDGE: ""}
    for each in steps:
        names[each.step.sender] = each.sender
        names[each.step.receiver] = each.receiver
    sides = [side for side, name in names.items() if name]
    places = {side: _LEFT + min(place, MOST_COLUMNS - 1) * _APART for place, side in enumerate(sides)}
    columns = [Column(places[side], names[side]) for side in sides[:MOST_COLUMNS]]
    if len(sides) > MOST_COLUMNS:
        columns[-1] = Column(columns[-1].x, others)
    return columns, places


def _y(row: int) -> int:
    return _TOP + _ROW * (row + 1)


def _arrow(step: ExplainedStep, row: int, began_at_ms: int, places: Mapping[str, int]) -> Arrow:
    x1, x2 = places[step.step.sender], places[step.step.receiver]
    middle = (x1 + x2) // 2
    if x1 == x2:
        # From the side to itself: in front of its line, where there is room for the label.
        back = -1 if x2 > _LEFT else 1
        x1, middle = x2 + back * _LOOP, x2 + back * _APART // 2
    about = f"{step.sender} → {step.receiver}: {step.what}. {step.why}"
    room = max(abs(x2 - x1) // _LETTER - 1, _APART // _LETTER - 1)
    return Arrow(_y(row), x1, x2, seconds(step, began_at_ms), _cut(_label(step), room), middle, about, tone_of(step))


def _label(step: ExplainedStep) -> str:
    """Return what stands on an arrow: of an INVITE the called number alone, as the rest of its address says little."""
    if step.step.kind is not StepKind.INVITE:
        return step.what[:1].upper() + step.what[1:]
    user = step.step.uri.removeprefix("sips:").removeprefix("sip:").partition("@")[0]
    return f"INVITE {user}"


def _cut(text: str, room: int) -> str:
    return text if len(text) <= room else text[: room - 1] + "…"


def svg(picture: Picture, *, name: str = "ladder") -> Markup:
    """Return a picture as an element of a page; `name` begins the ids in it."""
    head = Markup(
        '<svg class="{}" width="{}" height="{}" viewBox="0 0 {} {}" role="img" '
        'aria-labelledby="{}-title {}-description">'
        '<title id="{}-title">{}</title><desc id="{}-description">{}</desc>'
    )
    size = (picture.width, picture.height)
    # It shrinks to its place until its letters would be too small; then it scrolls.
    kind = "ladder wide" if len(picture.columns) > _NARROW else "ladder"
    names = (name, name, name, picture.title, name, _xml(picture.description))
    return head.format(kind, *size, *size, *names) + _content(picture) + Markup("</svg>")


def svg_file(picture: Picture) -> str:
    """Return a picture as a file of its own."""
    head = Markup(
        '<svg xmlns="http://www.w3.org/2000/svg" width="{}" height="{}" viewBox="0 0 {} {}" role="img">'
        "<title>{}</title><desc>{}</desc><style>{}</style>\n"
    )
    size = (picture.width, picture.height)
    begun = head.format(*size, *size, picture.title, _xml(picture.description), _STYLE)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{begun}{_content(picture)}</svg>\n'


def _content(picture: Picture) -> Markup:
    parts = [_column(column, picture.height) for column in picture.columns]
    parts += [_written(arrow) for arrow in picture.arrows]
    if picture.gap is not None:
        middle = (picture.columns[0].x + picture.columns[-1].x) // 2
        label = Markup('<text class="say" x="{}" y="{}">… {} …</text>')
        parts.append(label.format(middle, picture.gap.y, picture.gap.label))
    return Markup("\n").join(parts)


def _column(column: Column, height: int) -> Markup:
    x = column.x
    return Markup(
        '<line class="life" x1="{x}" y1="{top}" x2="{x}" y2="{bottom}"/>'
        '<rect class="box" x="{left}" y="6" width="{width}" height="30" rx="6"/>'
        '<text class="who" x="{x}" y="26">{name}</text>'
    ).format(
        x=x,
        top=_TOP,
        bottom=height - 10,
        left=x - _BOX // 2,
        width=_BOX,
        name=_xml(_cut(column.name, _BOX // _LETTER - 1)),
    )


def _written(arrow: Arrow) -> Markup:
    back = 1 if arrow.x1 > arrow.x2 else -1
    return Markup(
        '<g{tone}><title>{about}</title><text class="at" x="8" y="{below}">{at}</text>'
        '<text class="say" x="{middle}" y="{above}">{label}</text>'
        '<line class="arrow" x1="{x1}" y1="{y}" x2="{end}" y2="{y}"/>'
        '<path class="tip" d="M{x2} {y}l{tip} -4.5v9z"/></g>'
    ).format(
        tone=Markup(' class="{}"').format(arrow.tone) if arrow.tone else "",
        about=_xml(arrow.about),
        at=arrow.at,
        label=_xml(arrow.label),
        x1=arrow.x1,
        x2=arrow.x2,
        end=arrow.x2 + back * (_TIP - 2),
        tip=back * _TIP,
        y=arrow.y,
        above=arrow.y - 7,
        below=arrow.y + 4,
        middle=arrow.middle,
    )


def _xml(text: str) -> str:
    return _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", text)
