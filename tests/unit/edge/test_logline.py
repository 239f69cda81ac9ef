"""Kamailio's log lines as ours."""

from renvoi.edge.logline import parse_log_line


def test_a_question_that_nobody_waits_for_any_more_is_no_error() -> None:
    """The supervisor asks while Kamailio starts, and asks again when no answer comes."""
    line = "6(13036) ERROR: jsonrpcs [jsonrpcs_sock.c:550]: jsonrpc_dgram_send_data(): failed to send the response"
    late = parse_log_line(line)
    other = parse_log_line(line.replace("failed to send", "cannot send"))
    assert late is not None
    assert other is not None
    assert (late.level, other.level) == ("debug", "error")
