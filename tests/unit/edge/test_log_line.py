"""Kamailio's log lines as ours."""

from renvoi.domain.repetitions import AT_ONCE, MAX_KINDS, PERIOD_S
from renvoi.edge.kamailio.log_line import MAX_TEXT, BoundedLines, LogLine, parse_log_line


def test_a_question_that_nobody_waits_for_any_more_is_no_error() -> None:
    """The supervisor asks while Kamailio starts, and asks again when no answer comes."""
    line = "6(13036) ERROR: jsonrpcs [jsonrpcs_sock.c:550]: jsonrpc_dgram_send_data(): failed to send the response"
    late = parse_log_line(line)
    other = parse_log_line(line.replace("failed to send", "cannot send"))
    assert late is not None
    assert other is not None
    assert (late.level, other.level) == ("debug", "error")


def test_a_line_about_no_call_has_none() -> None:
    """Before it parses what has come Kamailio has a message that it made up, of the call 123."""
    written = "12(9) WARNING: {call=%s} <core> [core/kemi.c:99]: sr_kemi_core_warn(): renvoi: refused a request"
    lines = [parse_log_line(written % call) for call in ("123", "<null>", "", "1234", "a@b")]
    assert [line and line.call_id for line in lines] == [None, None, None, "1234", "a@b"]


def parser_error(text: str, place: str = "core/parser/parse_addr_spec.c:318") -> LogLine:
    """Return what the relay makes of such a line."""
    line = parse_log_line(f" 2(17037) ERROR: {{call=c}} <core> [{place}]: parse_to_param(): unexpected char [{text}]")
    assert line is not None
    return line


def test_a_long_line_is_cut() -> None:
    assert len(parser_error("Y" * 60_000).text) == MAX_TEXT
    unread = parse_log_line("Y" * 60_000)
    assert unread is not None
    assert len(unread.text) == MAX_TEXT


def test_lines_of_one_kind_are_counted_and_told_when_the_minute_is_over() -> None:
    now = [0.0]
    repetitions = BoundedLines(lambda: now[0])
    shown = [each for n in range(200) for each in repetitions.filter(parser_error(str(n)))]
    assert len(shown) == AT_ONCE
    other = parser_error("x", "core/parser/parse_via.c:1")
    assert list(repetitions.filter(other)) == [other]
    now[0] = PERIOD_S
    told, again = repetitions.filter(parser_error("later"))
    assert told.text.startswith(
        f"{200 - AT_ONCE} more lines like this were left out within a minute: unexpected char [0"
    )
    assert (told.level, told.module) == ("error", "core")
    assert again == parser_error("later")


def test_what_a_peer_writes_makes_no_kinds_of_its_own_without_end() -> None:
    repetitions = BoundedLines(lambda: 0.0)
    lines = [LogLine("info", f"no line of Kamailio's {n}") for n in range(1000)]
    lines += [
        LogLine("error", f"{chr(97 + n % 26)}{chr(97 + n // 26 % 26)}{chr(97 + n // 676)}", "core") for n in range(9999)
    ]
    assert len([each for line in lines for each in repetitions.filter(line)]) <= (MAX_KINDS + 1) * AT_ONCE
