"""A message from the call to the mail: the program as installed, real audio, a real mail server."""

import random
import time
import wave
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from renvoi.domain.numbers.number import E164
from renvoi.voicemail.greetings import Greetings
from renvoi.voicemail.media.codec import Codec, encode_frames
from renvoi.voicemail.media.voice_activity import KEPT_S
from tests.support.callers import TOLERANCE_S, Caller
from tests.support.node import NUMBER, SECOND, TARGET, Node
from tests.support.rtp_talker import FRAME_S, G722, PCMA, PCMU, tone
from tests.support.sip import Incoming, Phone
from tests.support.sip_message import Address
from tests.support.sipp import CARRIER, Sipp
from tests.support.smtp import Inbox, Received, audio, sender
from tests.support.sound import WINDOW_S, Sound
from tests.support.stall_monitor import StallMonitor
from tests.support.waiting import wait_for

OWNER = "owner@example.com"
LONGEST_S = 9
LIMITS = {"voicemail_max_s": LONGEST_S, "mail_retry_s": 0.2}


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory, inbox: Inbox) -> Iterator[Node]:
    """Run a node whose mails go to `inbox`, and whose messages end after `LONGEST_S`; both numbers take messages."""
    made = Node(tmp_path_factory.mktemp("node"))
    made.configure(smtp_url=inbox.url(), **LIMITS)
    try:
        made.start()
        for number in (NUMBER, SECOND):
            assert made.set_rule(2, OWNER, number).json()["code"] == 4
        yield made
    finally:
        made.stop()


@pytest.fixture(scope="module", autouse=True)
def addresses(node: Node) -> list[Address]:
    """Return where the edge and the workers take SIP, as found before the first call."""
    return node.sip_addresses()


@pytest.fixture
def stalls(addresses: list[Address]) -> Iterator[StallMonitor]:
    """Watch how long the node is held up."""
    with StallMonitor(*addresses) as watching:
        yield watching


@contextmanager
def caller_after_beep(node: Node, stalls: StallMonitor, **options: Any) -> Iterator[Caller]:
    """Call, and skip the greeting."""
    with Caller(node.edge, NUMBER, stalls=stalls, **options) as caller:
        assert caller.connect() == 200
        assert caller.wait_for_beep()
        yield caller


def mail_of(caller: Caller, inbox: Inbox) -> Received:
    """Wait for the mail of a caller's message."""

    def found() -> list[Received]:
        return [mail for mail in inbox.mails if caller.number in sender(mail)]

    mails: list[Received] = wait_for(found, f"the mail of {caller.number}", 20)
    assert len(mails) == 1
    return mails[0]


def sound_of(caller: Caller, inbox: Inbox) -> Sound:
    """Wait for the mail of a caller's message, and return its recording."""
    return Sound.of_wav(audio(mail_of(caller, inbox)))


@pytest.fixture
def short_greeting(node: Node, tmp_path: Path) -> Iterator[float]:
    """Upload a greeting of one second; return how long everything before the recording takes."""
    path = tmp_path / "greeting.wav"
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 16000, 0, "NONE", ""))
        file.writeframes(tone(700, 1.0))
    node.renvoi("greeting", "set", NUMBER, str(path))
    yield len(greeting_of(node, NUMBER, PCMA)) * FRAME_S
    node.renvoi("greeting", "reset", NUMBER)


def greeting_of(node: Node, number: str, payload_type: int) -> list[bytes]:
    """Return what a caller of `number` hears, beep included, by one call."""
    with Caller(node.edge, number, payload_type=payload_type) as caller:
        assert caller.connect() == 200
        assert caller.wait_for_beep(skip=False)
        assert caller.hang_up() == 200
        return [payload for *_, payload in caller.talker.heard]


@pytest.mark.parametrize(("payload_type", "name"), [(PCMA, "PCMA"), (PCMU, "PCMU")])
def test_sipp_leaves_a_message_and_the_mail_brings_it(
    node: Node, inbox: Inbox, short_greeting: float, stalls: StallMonitor, tmp_path: Path, payload_type: int, name: str
) -> None:
    """SIPp says a tone for 6 s; the mail's WAV has it from the beep to the end, and the record shows the call."""
    frames = encode_frames(tone(500, 2.0), 16000, Codec(name))[50:]
    (tmp_path / "tone.raw").write_bytes(b"".join(frames))
    caller = f"+3361{random.randrange(10**7):07}"
    action = f'<nop><action><exec rtp_stream="tone.raw,-1,{payload_type},{name}/8000"/></action></nop>'
    scenario = CARRIER.replace("<pause />", f"{action}\n  <pause />").replace("+33140000001", caller)
    scenario = scenario.replace("[media_port] RTP/AVP 8", f"[rtpstream_audio_port] RTP/AVP {payload_type}")
    scenario = scenario.replace("rtpmap:8 PCMA", f"rtpmap:{payload_type} {name}")
    arguments = ["-s", NUMBER, "-m", "1", "-d", "6000", f"127.0.0.1:{node.sip_port}"]
    with Sipp(tmp_path, scenario, *arguments) as sipp:
        sipp.wait(60)
    held_up_s = stalls.held_up_s

    mails = wait_for(lambda: [mail for mail in inbox.mails if caller in sender(mail)], "the mail", 20)
    # The node has no public URL, and one of this machine would lead nobody anywhere.
    assert b"://" not in mails[0].content
    sound = Sound.of_wav(audio(mails[0]))
    assert sound.length_s == pytest.approx(6.0 - short_greeting, abs=TOLERANCE_S + held_up_s)
    # The tone is placed when the worker comes to read it.
    assert [number for number in sound.without_tone(500) if number * WINDOW_S >= held_up_s] == []

    def left() -> dict[str, Any]:
        return next(dict(each) for each in node.renvoi("messages") if each["from"] == caller)

    # It is stored when the mail server has it.
    wait_for(lambda: left()["mail_state"] == "sent", "the outcome of the mail", 20)
    message = left()
    assert (message["number"], message["recipient"]) == (NUMBER, OWNER)
    assert Path(message["audio"]).read_bytes() == audio(mails[0])
    assert message["duration_s"] == pytest.approx(sound.length_s, abs=0.001)
    assert mails[0].message["Message-ID"] == f"<{message['id']}@localhost>"
    wait_for(lambda: node.record(message["call_id"])["missed"] is False, "the record of the message", 20)
    record = node.record(message["call_id"])
    assert (record["decision"], record["status"]) == ("voicemail", 200)
    assert (record["hung_up_by"], record["revision"]) == ("caller", message["revision"])


def test_callers_hear_the_greeting_of_the_account_in_each_codec(node: Node) -> None:
    """What comes by RTP is the greeting and the beep, frame by frame; one of the numbers is spoken."""
    node.renvoi("account", "set", "acme", "--locale", "fr")
    node.renvoi("greeting", "reset", SECOND, "--speak-number")
    greetings = Greetings(lambda *_: None)
    wanted = [
        (NUMBER, None, PCMU, Codec.PCMU),
        (SECOND, E164(SECOND), G722, Codec.G722),
        (NUMBER, None, PCMA, Codec.PCMA),
    ]
    with ThreadPoolExecutor() as pool:
        heard = list(pool.map(lambda want: greeting_of(node, want[0], want[2]), wanted))
    node.renvoi("account", "set", "acme", "--locale", "en")
    node.renvoi("greeting", "reset", SECOND)
    for (_, spoken, _, codec), payloads in zip(wanted, heard, strict=True):
        prompt = greetings.frames(codec, "fr", spoken)
        assert payloads == [*prompt.greeting, *prompt.beep]


@pytest.mark.parametrize("payload_type", [PCMA, G722])
def test_a_message_ends_with_the_hash_key(node: Node, inbox: Inbox, stalls: StallMonitor, payload_type: int) -> None:
    with caller_after_beep(node, stalls, hz=600, payload_type=payload_type) as caller:
        caller.talk(2)
        pressed_at = time.monotonic()
        caller.talker.press("#")
        caller.expect_bye()
        sound = sound_of(caller, inbox)
        caller.assert_whole(sound, pressed_at)
        assert sound.rate == (16000 if payload_type == G722 else 8000)
        assert node.record(caller.call_id)["hung_up_by"] == "callee"


def test_the_hash_key_may_come_by_info(node: Node, inbox: Inbox, stalls: StallMonitor) -> None:
    """Through the edge; what else comes by INFO is refused, and ends nothing."""
    with caller_after_beep(node, stalls, hz=600) as caller:
        caller.talk(1)
        caller.call.send("INFO", [("Content-Type", "application/media_control+xml")], "<x/>")
        caller.phone.expect(415)
        caller.talk(2)
        pressed_at = time.monotonic()
        caller.call.send("INFO", [("Content-Type", "application/dtmf-relay")], "Signal=#\r\nDuration=160\r\n")
        caller.phone.expect(200)
        caller.expect_bye()
        caller.assert_whole(sound_of(caller, inbox), pressed_at)


def tenths(sound: Sound) -> set[float]:
    """Return where each whole tenth of a second of a recording begins, in seconds."""
    return {round(number * WINDOW_S, 1) for number in range(len(sound.frequencies()))}


def assert_ended_after(seconds: float, began: float, caller: Caller, stalls: StallMonitor) -> None:
    """Check that a caller was hung up on so long after something, or a little later, when it was stored."""
    assert caller.ended_at is not None
    vague_s = caller.stutter_s + stalls.held_up_s
    assert seconds - TOLERANCE_S - vague_s <= caller.ended_at - began <= seconds + 1 + vague_s


def fall_silent(node: Node, inbox: Inbox, stalls: StallMonitor, silence: str) -> None:
    """Say something for 1.5 s, and nothing more; check when the call ends, and that there is just that to hear."""
    with caller_after_beep(node, stalls, hz=600) as caller:
        caller.talk(1.5)
        if silence == "no packets":
            caller.talker.silent.set()
        else:
            caller.talker.mangle = lambda _, packet: [packet[:12] + b"\xd5" * 160]
        silent_at = time.monotonic()
        caller.expect_bye(30)
        assert_ended_after(5, silent_at, caller, stalls)
        said_s, sound = caller.heard_s(silent_at), sound_of(caller, inbox)
    assert sound.length_s <= said_s + KEPT_S + TOLERANCE_S + caller.stutter_s, "the silence is still there"
    # The tone is placed when the worker comes to read it.
    words = sorted(tenths(sound) - {round(number * WINDOW_S, 1) for number in sound.without_tone(600)})
    assert words[0] <= TOLERANCE_S + caller.stutter_s
    assert len(words) == round((words[-1] - words[0]) / WINDOW_S) + 1, "there is something in between"
    assert len(words) * WINDOW_S == pytest.approx(said_s, abs=TOLERANCE_S + caller.stutter_s)


def never_stop(node: Node, inbox: Inbox, stalls: StallMonitor) -> None:
    """Talk until one is hung up on; check when that is, and that all of it is heard."""
    with caller_after_beep(node, stalls, hz=600) as caller:
        assert caller.began_at is not None
        caller.expect_bye(30)
        assert_ended_after(LONGEST_S, caller.began_at, caller, stalls)
        sound = sound_of(caller, inbox)
    caller.assert_whole(sound, caller.began_at + LONGEST_S)
    assert sound.length_s <= LONGEST_S


def test_a_message_ends_after_silence_and_after_its_longest_time(
    node: Node, inbox: Inbox, stalls: StallMonitor
) -> None:
    """One caller falls silent, with and without packets; another one never stops."""
    with ThreadPoolExecutor() as pool:
        calls = [pool.submit(fall_silent, node, inbox, stalls, silence) for silence in ("no packets", "quiet packets")]
        calls.append(pool.submit(never_stop, node, inbox, stalls))
        for call in calls:
            call.result()


def test_a_caller_who_says_nothing_is_a_missed_call(node: Node, inbox: Inbox) -> None:
    """No RTP at all, and a caller who hangs up after a third of a second of words: no mail, and the records say so."""
    words: list[bytes] = []

    def few_words(_: int, packet: bytes) -> list[bytes]:
        if len(words) == 15:
            return []
        words.append(packet)
        return [packet]

    with Caller(node.edge, NUMBER) as caller:
        caller.talker.silent.set()
        assert caller.connect() == 200
        caller.expect_bye(60)
        assert_missed(node, inbox, caller)
    with Caller(node.edge, NUMBER) as caller:
        caller.talker.silent.set()
        assert caller.connect() == 200
        assert caller.wait_for_beep()
        caller.talker.mangle = few_words
        caller.talker.silent.clear()
        wait_for(lambda: len(words) == 15, "the last word")
        assert caller.hang_up() == 200
        assert_missed(node, inbox, caller)


def assert_missed(node: Node, inbox: Inbox, caller: Caller) -> None:
    """Check that a caller left no message, and wait until the record says so; others may have left some meanwhile."""
    wait_for(lambda: node.record(caller.call_id)["missed"], "the record of a missed call", 30)
    assert not [mail for mail in inbox.mails if caller.number in sender(mail)]
    assert not [message for message in node.renvoi("messages") if message["from"] == caller.number]


def busy_tone() -> list[bytes]:
    """Return a second of a busy tone as France has it, in frames of PCMA."""
    second = tone(440, 0.5) + bytes(16000)
    return encode_frames(second * 2, 16000, Codec.PCMA)[50:]


def test_a_busy_tone_is_a_missed_call_and_is_cut_off_behind_a_message(
    node: Node, inbox: Inbox, stalls: StallMonitor
) -> None:
    """Both callers hung up behind a PBX that does not say so: one at once, one after two seconds of words."""
    with caller_after_beep(node, stalls) as silent, caller_after_beep(node, stalls, hz=600) as caller:
        silent.talker._frames = busy_tone()
        caller.talk(2)
        caller.talker._frames = busy_tone()
        busy_at = time.monotonic()
        caller.expect_bye(30)
        said_s, sound = caller.heard_s(busy_at), sound_of(caller, inbox)
        assert said_s - TOLERANCE_S <= sound.length_s <= said_s + KEPT_S + TOLERANCE_S + caller.stutter_s
        silent.expect_bye(30)
        assert_missed(node, inbox, silent)


def test_audio_survives_a_bad_network(node: Node, inbox: Inbox, stalls: StallMonitor) -> None:
    """One packet in twenty lost, others swapped and doubled, and the port changes on the way: the tone stays whole."""
    dice = random.Random(7)
    held: list[bytes] = []

    def mangle(_: int, packet: bytes) -> list[bytes]:
        fate = dice.random()
        if fate < 0.05:
            return []
        if fate < 0.15 and not held:
            held.append(packet)
            return []
        late = [held.pop()] if held else []
        return [packet, *late, *([packet] if fate > 0.9 else [])]

    with caller_after_beep(node, stalls, hz=500, payload_type=PCMU) as caller:
        caller.talker.mangle = mangle
        caller.talk(2)
        caller.talker.move()
        caller.talk(4)
        assert caller.hang_up() == 200
        sound = sound_of(caller, inbox)
        said_s = caller.heard_s()
        assert sound.length_s == pytest.approx(said_s, abs=TOLERANCE_S + caller.stutter_s)
        # About ten packets are lost; each leaves 20 ms of silence in its tenth of a second, and moves nothing.
        spoilt = caller.faults(sound, 60)
        assert len(spoilt) <= 3 * said_s
        assert max(tenths(sound) - set(spoilt)) > 3


def test_hold_and_a_new_codec_in_the_middle_of_a_message(node: Node, inbox: Inbox, stalls: StallMonitor) -> None:
    """The caller holds for longer than a silence may last, comes back with another codec, and the message goes on."""
    with caller_after_beep(node, stalls, hz=500) as caller:
        talker = caller.talker
        caller.talk(1)
        assert "a=recvonly" in caller.offer_again(talker.sdp + "a=sendonly\r\n")
        talker.silent.set()
        held_at = time.monotonic()
        caller.talk(6.5)
        talker.change_codec(PCMU)
        talker.offers = [PCMU, *talker.offers[1:]]
        assert f"RTP/AVP {PCMU} " in caller.offer_again(talker.sdp)
        back_at = time.monotonic()
        talker.silent.clear()
        caller.talk(7.5)
        assert caller.hang_up() == 200
        sound = sound_of(caller, inbox)
    assert caller.began_at is not None
    assert caller.ended_at is not None
    tolerance_s = TOLERANCE_S + caller.stutter_s
    assert sound.length_s == pytest.approx(caller.ended_at - caller.began_at, abs=tolerance_s)
    silent = caller.faults(sound)
    assert silent[0] == pytest.approx(held_at - caller.began_at, abs=tolerance_s)
    assert silent[-1] == pytest.approx(back_at - caller.began_at, abs=tolerance_s)
    assert len(silent) == round((silent[-1] - silent[0]) / WINDOW_S) + 1


def test_a_call_without_an_offer_is_offered_every_codec(node: Node, inbox: Inbox, stalls: StallMonitor) -> None:
    """The caller answers in its ACK, with G.722."""
    with caller_after_beep(node, stalls, hz=500, payload_type=G722, late_offer=True) as caller:
        assert caller.call.answer is not None
        assert "RTP/AVP 8 0 9 101" in caller.call.answer.body.decode()
        caller.talk(1.5)
        assert caller.hang_up() == 200
        caller.assert_whole(sound_of(caller, inbox))


@pytest.mark.parametrize("why", ["no-answer", "busy"])
def test_a_forwarded_call_that_is_not_taken_ends_at_the_voicemail(node: Node, inbox: Inbox, why: str) -> None:
    """The caller hears ringing, then our greeting, and the message goes to the address of the fallback."""
    with Phone() as trunk, Caller(node.edge, NUMBER, hz=500) as caller:
        node.renvoi("trunk", "add", "main", "--outbound", trunk.uri)
        option = "--no-answer" if why == "no-answer" else "--busy"
        # Who is busy says so in his own time.
        ring_s = "5" if why == "no-answer" else "60"
        words = ["--to", TARGET, "--ring-timeout", ring_s, option, "voicemail", "--email", "fallback@example.com"]
        node.renvoi("forward", NUMBER, *words)
        caller.call.start()
        callee = Incoming.wait(trunk)
        callee.reply(180)
        caller.call.expect(180)
        if why == "busy":
            callee.reply(486)
        caller.call.expect(200, 30)
        caller.call.ack()
        caller.begin()
        assert caller.wait_for_beep()
        caller.talk(1.5)
        assert caller.hang_up() == 200
        mail = mail_of(caller, inbox)
        record = node.record(caller.call_id)
        node.renvoi("trunk", "remove", "main")
        node.set_rule(2, OWNER)
    assert mail.recipients == ("fallback@example.com",)
    assert (record["decision"], record["reason"], record["target"]) == ("voicemail", why, TARGET)
    assert record["ringing_at"]
