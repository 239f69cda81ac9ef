"""docs/architecture.svg: what the script makes of its text, with nothing that covers something else."""

from itertools import combinations, pairwise
from typing import NamedTuple
from xml.etree import ElementTree as ET

import pytest

from scripts.draw_picture import DOCS, PICTURE, TEXT, TEXT_SIZE, TITLE_SIZE, Box, draw, read

CHARACTER = 0.58
"""The mean width of a character to the size of the font: that of DejaVu Sans, which is wider than most."""
BOLD = 1.15


class Area(NamedTuple):
    """A rectangle that something covers."""

    left: float
    top: float
    right: float
    bottom: float
    what: str

    def meets(self, other: "Area") -> bool:
        return (
            self.left < other.right and other.left < self.right and self.top < other.bottom and other.top < self.bottom
        )

    def holds(self, other: "Area") -> bool:
        inside = self.left <= other.left and other.right <= self.right
        return inside and self.top <= other.top and other.bottom <= self.bottom


picture = read(TEXT.read_text())


def text_area(x: int, y: int, line: str, *, title: bool = False) -> Area:
    size = TITLE_SIZE if title else TEXT_SIZE
    half = len(line) * size * CHARACTER * (BOLD if title else 1) / 2
    return Area(x - half, y - size + 2, x + half, y + 3, line)


def box_area(box: Box) -> Area:
    return Area(box.x, box.y, box.x + box.width, box.y + box.height, box.lines[0])


def labels() -> list[Area]:
    return [text_area(*text) for flow in picture.flows for text in flow.texts()]


def lines() -> list[Area]:
    """Return the straight pieces of each flow, without their ends, which lie at the boxes."""
    found = []
    for flow in picture.flows:
        for (x, y), (to_x, to_y) in pairwise(flow.points):
            assert x == to_x or y == to_y, flow.label
            found.append(Area(min(x, to_x), min(y, to_y), max(x, to_x), max(y, to_y), " ".join(flow.label)))
    return found


def test_the_picture_is_what_its_text_says() -> None:
    assert PICTURE.read_text() == draw(picture), "run python scripts/draw_picture.py"
    assert ET.fromstring(PICTURE.read_text()).tag.endswith("svg")


def test_each_box_has_a_flow() -> None:
    ends = [point for flow in picture.flows for point in (flow.points[0], flow.points[-1])]
    for box in picture.boxes.values():
        assert any(box.x <= x <= box.x + box.width and box.y <= y <= box.y + box.height for x, y in ends), box.lines[0]


def test_nothing_covers_something_else() -> None:
    boxes = [box_area(box) for box in picture.boxes.values()]
    for one, other in combinations([*boxes, *labels()], 2):
        assert not one.meets(other), f"{one.what!r} covers {other.what!r}"
    for line in lines():
        for area in [*boxes, *labels()]:
            assert not line.meets(area), f"the line of {line.what!r} crosses {area.what!r}"


def test_texts_fit() -> None:
    for box in picture.boxes.values():
        for index, text in enumerate(box.texts()):
            area = text_area(*text, title=index == 0)
            assert box_area(box).holds(area), area.what
    whole = Area(0, 0, *picture.size, "the picture")
    for area in [*labels(), *(box_area(box) for box in picture.boxes.values())]:
        assert whole.holds(area), area.what


def test_the_pages_show_it() -> None:
    assert f"]({PICTURE.name})" in (DOCS / "architecture.md").read_text()
    assert f"](docs/{PICTURE.name})" in (DOCS.parent / "README.md").read_text()


@pytest.mark.parametrize(
    "line", ["outside a 0 0 10 10", 'flow a.left@5 b.left@5 "x" 1,1', 'cloud a 0 0 10 10 "a"', 'frame a 0 0 0 "a"']
)
def test_a_line_that_cannot_be_understood_is_named(line: str) -> None:
    with pytest.raises(ValueError, match=r"line 2 cannot be understood"):
        read(f"size 10 10\n{line}")


def test_an_end_lies_at_its_box() -> None:
    with pytest.raises(ValueError, match="60 is not on the left side"):
        read('outside a 0 0 50 50 "a"\nflow a.left@60 a.right@20 "x" 1,1')
