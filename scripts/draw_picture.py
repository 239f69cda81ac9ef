"""Draws docs/architecture.svg from docs/architecture.picture, whose first lines say how that is written."""

import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import escape
from pathlib import Path

DOCS = Path(__file__).parents[1] / "docs"
TEXT, PICTURE = DOCS / "architecture.picture", DOCS / "architecture.svg"
LINE_HEIGHT = 16
TITLE_SIZE, TEXT_SIZE = 15, 12
COLOURS = {"outside": "#f1f1f1", "process": "#dcebfb", "files": "#fdf0d0", "store": "#dff2df"}
STYLE = f"""<style>
text {{ font: {TEXT_SIZE}px 'Helvetica Neue', Arial, sans-serif; fill: #222; text-anchor: middle }}
.title {{ font-size: {TITLE_SIZE}px; font-weight: bold }}
.box, .frame {{ stroke: #555; stroke-width: 1.2 }}
.frame {{ fill: none; stroke-dasharray: 6 4 }}
.flow {{ fill: none; stroke: #333; stroke-width: 1.4; marker-end: url(#head) }}
.exchange {{ marker-start: url(#head) }}
</style>"""
HEAD = (
    '<marker id="head" viewBox="0 0 10 10" refX="9.5" refY="5" markerWidth="8" markerHeight="8"'
    ' orient="auto-start-reverse"><path d="M0,0 L10,5 L0,10 z" fill="#333"/></marker>'
)

Point = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle with lines of text, the first of which is its title. Lengths in pixels."""

    kind: str
    x: int
    y: int
    width: int
    height: int
    lines: tuple[str, ...]

    def edge(self, side: str, place: int) -> Point:
        """Return the point of `side` at `place`.

        Raises:
            ValueError: the side has no such place.
        """
        across = side in ("left", "right")
        start, length = (self.y, self.height) if across else (self.x, self.width)
        if not start <= place <= start + length:
            raise ValueError(f"{place} is not on the {side} side of {self.lines[0]!r}: {start} to {start + length}")
        points = {
            "left": (self.x, place),
            "right": (self.x + self.width, place),
            "top": (place, self.y),
            "bottom": (place, self.y + self.height),
        }
        return points[side]

    def texts(self) -> Iterator[tuple[int, int, str]]:
        """Yield each line with its middle and base line."""
        top = self.y + (self.height - len(self.lines) * LINE_HEIGHT) // 2
        for index, line in enumerate(self.lines):
            yield self.x + self.width // 2, top + index * LINE_HEIGHT + 12, line


@dataclass(frozen=True, slots=True)
class Flow:
    """An arrow along `points`, to both ends if it is an exchange; its label's lines are centred below `label_at`."""

    points: tuple[Point, ...]
    label: tuple[str, ...]
    label_at: Point
    exchange: bool

    def texts(self) -> Iterator[tuple[int, int, str]]:
        """Yield each line of the label with its middle and base line."""
        x, y = self.label_at
        for index, line in enumerate(self.label):
            yield x, y + index * LINE_HEIGHT + 12, line


@dataclass(slots=True)
class Picture:
    """All that is drawn."""

    size: Point = (0, 0)
    frames: list[Box] = field(default_factory=list)
    boxes: dict[str, Box] = field(default_factory=dict)
    flows: list[Flow] = field(default_factory=list)


def read(text: str) -> Picture:
    """Read what a picture consists of.

    Raises:
        ValueError: a line cannot be understood.
    """
    picture = Picture()
    for number, line in enumerate(text.splitlines(), 1):
        try:
            _add(picture, shlex.split(line, comments=True))
        except (ValueError, KeyError, IndexError) as error:
            raise ValueError(f"line {number} cannot be understood ({error}): {line}") from error
    return picture


def _add(picture: Picture, words: list[str]) -> None:
    match words:
        case []:
            pass
        case ["size", width, height]:
            picture.size = int(width), int(height)
        case ["frame", x, y, width, height, title]:
            picture.frames.append(Box("frame", int(x), int(y), int(width), int(height), (title,)))
        case ["flow" | "exchange" as kind, begin, *corners, end, label, label_at]:
            points = (_end(picture, begin), *map(_point, corners), _end(picture, end))
            picture.flows.append(Flow(points, tuple(label.split("|")), _point(label_at), kind == "exchange"))
        case [kind, name, x, y, width, height, *lines] if kind in COLOURS and lines:
            picture.boxes[name] = Box(kind, int(x), int(y), int(width), int(height), tuple(lines))
        case _:
            raise ValueError("no such line")


def _point(word: str) -> Point:
    x, y = word.split(",")
    return int(x), int(y)


def _end(picture: Picture, word: str) -> Point:
    name, _, place = word.partition("@")
    name, _, side = name.partition(".")
    return picture.boxes[name].edge(side, int(place))


def draw(picture: Picture) -> str:
    """Return the picture as SVG."""
    width, height = picture.size
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}">',
        "<title>renvoi: processes of a node, stores, and what flows between them</title>",
        STYLE,
        f"<defs>{HEAD}</defs>",
        f'<rect width="{width}" height="{height}" fill="#fff"/>',
    ]
    for frame in picture.frames:
        lines.append(_rectangle(frame, "frame", ""))
        lines.append(_text(frame.x + frame.width // 2, frame.y + 22, frame.lines[0], title=True))
    for flow in picture.flows:
        points = " ".join(f"{x},{y}" for x, y in flow.points)
        lines.append(f'<polyline class="flow{" exchange" if flow.exchange else ""}" points="{points}"/>')
    for box in picture.boxes.values():
        lines.append(_rectangle(box, "box", f' fill="{COLOURS[box.kind]}"'))
        lines += [_text(x, y, line, title=index == 0) for index, (x, y, line) in enumerate(box.texts()) if line]
    lines += [_text(x, y, line) for flow in picture.flows for x, y, line in flow.texts()]
    return "\n".join([*lines, "</svg>", ""])


def _rectangle(box: Box, name: str, fill: str) -> str:
    place = f'x="{box.x}" y="{box.y}" width="{box.width}" height="{box.height}"'
    return f'<rect class="{name}" {place} rx="6"{fill}/>'


def _text(x: int, y: int, line: str, *, title: bool = False) -> str:
    return f'<text{" class=" + chr(34) + "title" + chr(34) if title else ""} x="{x}" y="{y}">{escape(line)}</text>'


if __name__ == "__main__":
    PICTURE.write_text(draw(read(TEXT.read_text())))
