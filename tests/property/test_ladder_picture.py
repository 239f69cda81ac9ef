"""The picture of any call: what it shows lies in it and is escaped, and a long one stays small."""

from dataclasses import replace
from xml.etree.ElementTree import fromstring

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from renvoi.domain.calls.call_record import CallKey, CallRecord
from renvoi.domain.calls.ladder import Ladder, Leg
from renvoi.domain.calls.step_text import ExplainedStep, explained
from renvoi.domain.calls.steps import CALLEE, CALLER, EDGE, TRUNK, VOICEMAIL, Step, StepKind, steps_of
from renvoi.http.dashboard.ladder_picture import MOST_COLUMNS, MOST_ROWS, drawn, seconds, svg, svg_file

SVG = "{http://www.w3.org/2000/svg}"
CALL = CallRecord(CallKey("c", "t", 1), "+331", "+332", "+332", 3, "forward", None, "+333", "a", 0, status=200)
TEXT = st.text(max_size=60)
SIDES = st.sampled_from([CALLER, EDGE, CALLEE, VOICEMAIL]) | TEXT.map(lambda name: TRUNK + name)
STEPS = st.builds(
    Step,
    at_ms=st.integers(0, 10**13),
    sender=SIDES,
    receiver=SIDES,
    kind=st.sampled_from(StepKind),
    uri=TEXT,
    destination=TEXT,
    headers=st.tuples(TEXT),
    status=st.none() | st.integers(100, 699),
    phrase=TEXT,
    cause=st.none() | st.integers(0, 127),
)
LANGUAGES = st.sampled_from(["en", "fr"])


def many(count: int, trunks: int = 2) -> list[ExplainedStep]:
    """Return a call of so many steps between so many trunks."""
    steps = [
        Step(at_ms, EDGE, f"{TRUNK}{at_ms % trunks}", StepKind.INVITE, "sip:+333@x", "sip:x") for at_ms in range(count)
    ]
    return list(explained(CALL, steps, "en"))


@settings(max_examples=50)
@given(steps=st.lists(STEPS, min_size=1, max_size=120), language=LANGUAGES)
def test_any_steps_make_a_picture_that_holds_all_its_parts(steps: list[Step], language: str) -> None:
    picture = drawn(list(explained(CALL, steps, language)), language)
    assert len(picture.columns) <= MOST_COLUMNS
    assert len(picture.arrows) == min(len(steps), MOST_ROWS)
    assert (picture.gap is not None) == (len(steps) > MOST_ROWS)
    lines = {column.x for column in picture.columns}
    heights = [arrow.y for arrow in picture.arrows] + ([picture.gap.y] if picture.gap else [])
    assert len(set(heights)) == len(heights)
    assert max(heights) < picture.height
    for arrow in picture.arrows:
        assert arrow.x2 in lines
        assert arrow.x1 != arrow.x2
        half = len(arrow.label) * 7 / 2
        assert arrow.middle - half > 0
        assert arrow.middle + half < picture.width
    for text in (svg_file(picture), f'<svg xmlns="{SVG[1:-1]}"{svg(picture).removeprefix("<svg")}'):
        root = fromstring(text.encode())
        assert {each.tag.removeprefix(SVG) for each in root.iter()} <= {
            *("svg", "title", "desc", "style", "line", "rect", "text", "path", "g")
        }
        assert not any(name in each.attrib for each in root.iter() for name in ("style", "onload", "href"))
        assert len(root.findall(f"{SVG}g")) == len(picture.arrows)


@pytest.mark.parametrize("count", [MOST_ROWS, MOST_ROWS + 1, 500])
def test_a_long_call_has_its_beginning_and_its_end(count: int) -> None:
    steps = many(count)
    picture = drawn(steps, "en")
    assert picture.arrows[0].at == seconds(steps[0], 0)
    assert picture.arrows[-1].at == seconds(steps[-1], 0)
    assert len(svg(picture)) < 50_000
    if picture.gap is None:
        assert count == MOST_ROWS
    else:
        assert picture.gap.label == f"{count - MOST_ROWS} steps are not drawn"
        assert picture.arrows[MOST_ROWS // 2 - 1].y < picture.gap.y < picture.arrows[MOST_ROWS // 2].y


def test_many_trunks_share_the_last_column() -> None:
    picture = drawn(many(30, trunks=30), "fr")
    assert [column.name for column in picture.columns] == [
        *("renvoi", "Trunk 0", "Trunk 1", "Trunk 2", "Trunk 3", "Trunk 4", "Autres")
    ]
    assert {arrow.x2 for arrow in picture.arrows[5:]} == {picture.columns[-1].x}
    # Whose step it is, is told all the same.
    assert picture.arrows[29].about.startswith("renvoi → Trunk 29: INVITE")


def test_what_strangers_write_is_text() -> None:
    leg = Leg("sip:x", 'sip:"><script>@x', 1, "<b>", end="answered", end_at_ms=2, status=503, phrase="<img src=x>\0")
    record = replace(CALL, called='"><script>alert(1)</script>', answer_at_ms=5, end_at_ms=9)
    steps = list(explained(record, steps_of(record, Ladder((leg,))), "en"))
    for text in (svg(drawn(steps, "en")), svg_file(drawn(steps, "en"))):
        assert "<script" not in text
        assert "<img" not in text
        assert "<b>" not in text
        assert "&lt;img src=x&gt;\N{REPLACEMENT CHARACTER}" in text


def test_tones_say_what_took_the_call_and_what_did_not() -> None:
    legs = (
        Leg("sip:x", "sip:x", 1, "a", rang_at_ms=2, end="answered", end_at_ms=3, status=486),
        Leg("sip:x", "sip:x", 4, "b", end="silent", end_at_ms=5),
        Leg("sip:x", "sip:x", 6, end="answered", end_at_ms=7, status=200),
    )
    record = replace(CALL, answer_at_ms=8, end_at_ms=9, hung_up_by="caller")
    steps = list(explained(record, steps_of(record, Ladder(legs)), "en"))
    assert [arrow.tone for arrow in drawn(steps, "en").arrows] == ["", "", "", "bad", "", "bad", "", "good", "good", ""]


def test_a_record_that_was_closed_comes_back_to_its_own_line() -> None:
    record = replace(CALL, answer_at_ms=8, end_at_ms=9, reason="no-bye")
    last = drawn(list(explained(record, steps_of(record, None), "en")), "en").arrows[-1]
    assert last.label == "The record is closed"
    assert last.x1 < last.x2
