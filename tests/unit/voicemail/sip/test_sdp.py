"""Session descriptions read, and what is agreed on (RFC 4566, RFC 3264)."""

import pytest

from renvoi.voicemail.sip.sdp import (
    MAX_SIZE,
    LocalMedia,
    NotAcceptable,
    SdpInvalid,
    SessionDescription,
    accept_answer,
    negotiate,
    offer,
)

LOCAL = LocalMedia("127.0.0.1", 30000, 77)
HEAD = ["v=0", "o=- 1 1 IN IP4 192.0.2.1", "s=-", "c=IN IP4 192.0.2.1", "t=0 0"]


def description(*lines: str, head: list[str] = HEAD) -> SessionDescription:
    return SessionDescription.parse("\r\n".join([*head, *lines, ""]).encode())


def test_an_answer_is_written_as_the_rfc_says() -> None:
    agreed = negotiate(
        description(
            "m=audio 40000 RTP/AVP 18 8 0 96",
            "a=rtpmap:96 telephone-event/8000",
            "a=fmtp:96 0-15",
            "a=ptime:30",
            head=[*HEAD[:4], "t=3034423619 3042462419"],
        ),
        LOCAL.newer(),
    )
    assert agreed.answer == (
        "v=0\r\no=renvoi 77 2 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=3034423619 3042462419\r\n"
        "m=audio 30000 RTP/AVP 8 96\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:96 telephone-event/8000\r\na=fmtp:96 0-16\r\n"
        "a=ptime:20\r\na=sendrecv\r\n"
    )
    assert (agreed.codec, agreed.payload_type, set(agreed.events)) == ("PCMA", 8, {96})
    assert (agreed.remote, agreed.packet_ms) == (("192.0.2.1", 40000), 30)
    assert agreed.sends
    assert agreed.receives


@pytest.mark.parametrize(
    ("lines", "codec", "payload_type"),
    [
        (["m=audio 4 RTP/AVP 0 8"], "PCMU", 0),
        (["m=audio 4 RTP/AVP 9 8"], "G722", 9),
        (["m=audio 4 RTP/AVP 97 8", "a=rtpmap:97 pcmu/8000/1"], "PCMU", 97),
        (["m=audio 4 RTP/AVP 97 8", "a=rtpmap:97 PCMU/16000"], "PCMA", 8),
        (["m=audio 4 RTP/AVP 97 8", "a=rtpmap:97 PCMU/8000/2"], "PCMA", 8),
        (["m=audio 4 RTP/AVP 0 8", "a=rtpmap:0 speex/8000"], "PCMA", 8),
        (["m=audio 4 RTP/AVP 8", "a=rtpmap:", "a=rtpmap:8", "a=ptime:x"], "PCMA", 8),
        (["m=audio 4 RTP/AVP 8", "a=rtpmap:8 PCMA"], "PCMA", 8),
        (["m=audio 4 RTP/AVP 0", "a=rtpmap:0 G711U"], "PCMU", 0),
        (["m=audio 4 RTP/AVP 97 9", "a=rtpmap:97 PCMA", "a=rtpmap:9 g722"], "G722", 9),
    ],
)
def test_the_offers_order_decides(lines: list[str], codec: str, payload_type: int) -> None:
    agreed = negotiate(description(*lines), LOCAL)
    assert (agreed.codec, agreed.payload_type) == (codec, payload_type)
    assert f"m=audio 30000 RTP/AVP {payload_type}\r\na=rtpmap:{payload_type} {codec}/8000\r\n" in agreed.answer


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        ("telephone-event/8000", 101),
        ("Telephone-Event/8000/1", 101),
        ("telephone-event/16000", 101),
        ("telephone-event/48000", 101),
        ("telephone-event", None),
        ("CN/8000", None),
    ],
)
def test_telephone_events_may_have_any_clock(event: str, expected: int | None) -> None:
    """How long a key is pressed is of no interest."""
    agreed = negotiate(description("m=audio 4 RTP/AVP 8 101", f"a=rtpmap:101 {event}"), LOCAL)
    assert agreed.events == ({expected} if expected is not None else set())
    assert ("a=rtpmap:101 telephone-event/" in agreed.answer) == (expected is not None)


@pytest.mark.parametrize(
    ("lines", "codecs", "events", "accepted"),
    [
        (["m=audio 4 RTP/AVP 8 101"], {0: "PCMU", 8: "PCMA", 9: "G722"}, set[int](), "8"),
        (["m=audio 4 RTP/AVP 97", "a=rtpmap:97 PCMU/8000"], {0: "PCMU", 8: "PCMA", 9: "G722", 97: "PCMU"}, set(), "97"),
        (["m=audio 4 RTP/AVP 8 0", "a=rtpmap:0 speex/8000"], {8: "PCMA", 9: "G722"}, set(), "8"),
        (
            ["m=audio 4 RTP/AVP 8 101", "a=rtpmap:101 telephone-event/16000", "a=rtpmap:101 telephone-event/8000"],
            {0: "PCMU", 8: "PCMA", 9: "G722"},
            {101},
            "8 101",
        ),
        (
            ["m=audio 4 RTP/AVP 96 8", "a=rtpmap:96 opus/48000/2", "a=rtpmap:96 PCMA/8000"],
            {0: "PCMU", 8: "PCMA", 9: "G722", 96: "PCMA"},
            set(),
            "96",
        ),
        (
            ["m=audio 4 RTP/AVP 8 100 101", "a=rtpmap:100 telephone-event/48000", "a=rtpmap:101 telephone-event/8000"],
            {0: "PCMU", 8: "PCMA", 9: "G722"},
            {100, 101},
            "8 101",
        ),
        (["m=audio 4 RTP/AVP 9 8", "a=rtpmap:9 G722/16000"], {0: "PCMU", 8: "PCMA", 9: "G722"}, set(), "8"),
        (["m=audio 4 RTP/AVP 9", "a=rtpmap:9 G722/16000"], {0: "PCMU", 8: "PCMA", 9: "G722"}, set(), "9"),
        (["m=audio 4 RTP/AVP 8", *["a=rtpmap:8 x/1"] * 1000], {0: "PCMU", 9: "G722"}, None, None),
    ],
)
def test_every_type_that_may_be_sent_is_known(
    lines: list[str], codecs: dict[int, str], events: set[int] | None, accepted: str | None
) -> None:
    """Those of the offer by their first mapping that is of use, and the static ones that it does not give away."""
    if accepted is None:
        with pytest.raises(NotAcceptable):
            negotiate(description(*lines), LOCAL)
        return
    agreed = negotiate(description(*lines), LOCAL)
    assert (agreed.codecs, set(agreed.events)) == (codecs, events)
    assert f"m=audio 30000 RTP/AVP {accepted}\r\n" in agreed.answer


@pytest.mark.parametrize(
    ("lines", "packet_ms"),
    [
        ([], 20),
        (["a=ptime:30"], 30),
        (["a=maxptime:10"], 10),
        (["a=ptime:40", "a=maxptime:30"], 30),
        (["a=ptime:20", "a=maxptime:150"], 20),
        (["a=ptime:1"], 10),
        (["a=ptime:9999"], 120),
        (["a=ptime:0", "a=maxptime:0"], 20),
        (["a=ptime:x", "a=maxptime:-5"], 20),
        (["a=ptime:30.0"], 30),
        (["a=ptime:22.5", "a=maxptime:40.9"], 22),
        (["a=ptime:60", "a=maxptime:40.0"], 40),
        (["a=ptime:0.125"], 20),
        (["a=ptime:1e2", "a=maxptime:.5"], 20),
    ],
)
def test_packets_are_as_long_as_the_peer_wants_them(lines: list[str], packet_ms: int) -> None:
    assert negotiate(description("m=audio 4 RTP/AVP 8", *lines), LOCAL).packet_ms == packet_ms


@pytest.mark.parametrize(
    ("session", "of_stream", "packet_ms"),
    [
        (["a=ptime:40"], [], 40),
        (["a=ptime:40", "a=maxptime:30"], [], 30),
        (["a=maxptime:10"], ["a=ptime:30"], 10),
        (["a=ptime:40"], ["a=ptime:30"], 30),
    ],
)
def test_what_is_said_of_all_streams_holds_for_each(session: list[str], of_stream: list[str], packet_ms: int) -> None:
    """By the grammar (RFC 4566 §6) it is said of a stream, which goes first."""
    offered = description(*session, "m=audio 4 RTP/AVP 8", *of_stream)
    assert negotiate(offered, LOCAL).packet_ms == packet_ms


def test_other_streams_are_refused_in_their_place() -> None:
    agreed = negotiate(
        description(
            "m=video 5000 RTP/AVP 31",
            "m=audio 5002 RTP/SAVP 0",
            "m=audio 0 RTP/AVP 0",
            "m=audio 5004/2 RTP/AVPF 8",
            "c=IN IP4 192.0.2.5/127",
            "m=audio 5006 RTP/AVP 0",
            "m=application 9 UDP/BFCP *",
        ),
        LOCAL,
    )
    assert [line for line in agreed.answer.split("\r\n") if line.startswith("m=")] == [
        "m=video 0 RTP/AVP 31",
        "m=audio 0 RTP/SAVP 0",
        "m=audio 0 RTP/AVP 0",
        "m=audio 30000 RTP/AVPF 8",
        "m=audio 0 RTP/AVP 0",
        "m=application 0 UDP/BFCP *",
    ]
    assert agreed.remote == ("192.0.2.5", 5004)


@pytest.mark.parametrize(
    "lines",
    [
        [],
        ["m=audio 0 RTP/AVP 8"],
        ["m=audio 4 RTP/SAVPF 8"],
        ["m=audio 4 RTP/AVP 18"],
        ["m=audio 4 RTP/AVP 200", "a=rtpmap:200 PCMA/8000"],
        ["m=audio 4 RTP/AVP 8", "c=IN IP6 2001:db8::1"],
        ["m=image 4 RTP/AVP 8"],
    ],
)
def test_what_we_cannot_take_part_in_is_not_acceptable(lines: list[str]) -> None:
    with pytest.raises(NotAcceptable):
        negotiate(description(*lines), LOCAL)


@pytest.mark.parametrize(
    ("lines", "direction", "sends", "receives"),
    [
        (["m=audio 4 RTP/AVP 8", "a=sendrecv"], "sendrecv", True, True),
        (["m=audio 4 RTP/AVP 8", "a=sendonly"], "recvonly", False, True),
        (["m=audio 4 RTP/AVP 8", "a=recvonly"], "sendonly", True, False),
        (["m=audio 4 RTP/AVP 8", "a=inactive"], "inactive", False, False),
        (["a=sendonly", "m=audio 4 RTP/AVP 8"], "recvonly", False, True),
        (["a=sendonly", "m=audio 4 RTP/AVP 8", "a=sendrecv"], "sendrecv", True, True),
        (["m=audio 4 RTP/AVP 8", "c=IN IP4 0.0.0.0"], "sendrecv", False, True),
    ],
)
def test_the_direction_is_mirrored(lines: list[str], direction: str, sends: bool, receives: bool) -> None:
    agreed = negotiate(description(*lines), LOCAL)
    assert agreed.answer.endswith(f"a={direction}\r\n")
    assert (agreed.sends, agreed.receives) == (sends, receives)


@pytest.mark.parametrize("host", ["0.0.0.0", "rtp.example.org"])
def test_no_address_is_no_remote(host: str) -> None:
    agreed = negotiate(description("m=audio 4 RTP/AVP 8", f"c=IN IP4 {host}"), LOCAL)
    assert agreed.remote is None


def test_ipv6_is_spoken_where_we_are_at_home_in_it() -> None:
    agreed = negotiate(
        description("m=audio 4 RTP/AVP 8", "c=IN IP6 2001:DB8:0::1"), LocalMedia("2001:db8::7", 30000, 1)
    )
    assert agreed.remote == ("2001:db8::1", 4)
    assert "o=renvoi 1 1 IN IP6 2001:db8::7\r\n" in agreed.answer
    assert "c=IN IP6 2001:db8::7\r\n" in agreed.answer


def test_our_offer_has_all_our_codecs() -> None:
    assert offer(LOCAL) == (
        "v=0\r\no=renvoi 77 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
        "m=audio 30000 RTP/AVP 8 0 9 101\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:9 G722/8000\r\n"
        "a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-16\r\na=ptime:20\r\na=sendrecv\r\n"
    )


def test_an_answer_to_our_offer_is_read() -> None:
    agreed = accept_answer(
        description("m=audio 4 RTP/AVP 9 97", "a=rtpmap:97 telephone-event/8000", "a=sendonly"), LOCAL
    )
    assert agreed.answer == ""
    assert (agreed.codec, agreed.payload_type) == ("G722", 9)
    # What is sent to us has the types of our offer; some send by their own.
    assert agreed.codecs == {0: "PCMU", 8: "PCMA", 9: "G722"}
    assert agreed.events == {97, 101}
    assert (agreed.remote, agreed.sends, agreed.receives) == (("192.0.2.1", 4), False, True)


@pytest.mark.parametrize("lines", [[], ["m=audio 0 RTP/AVP 8"], ["m=audio 4 RTP/AVP 18"]])
def test_an_answer_may_refuse_our_offer(lines: list[str]) -> None:
    with pytest.raises(NotAcceptable):
        accept_answer(description(*lines), LOCAL)


@pytest.mark.parametrize(
    "body",
    [
        "",
        "v=1\r\n",
        "v=0\r\nm=audio 4 RTP/AVP\r\n",
        "v=0\r\nm=audio four RTP/AVP 8\r\n",
        "v=0\r\nm=audio 65536 RTP/AVP 8\r\n",
        "v=0\r\nc=IN IP4\r\n",
        "v=0\r\n" + "a=x\r\n" * (MAX_SIZE // 5),
    ],
)
def test_what_is_no_description_is_refused(body: str) -> None:
    with pytest.raises(SdpInvalid):
        SessionDescription.parse(body.encode())


def test_bare_line_ends_and_nonsense_lines_do_no_harm() -> None:
    read = SessionDescription.parse(b"v=0\nt=\xff\na=sendonly:\n\nnonsense\nm=audio 4 RTP/AVP 8\na=sendonly\n")
    assert read.timing == "0 0"
    assert read.media[0].direction == "sendonly"
