"""A message from the call to the mail: the program as installed, real audio, a real mail server."""

import random
import time
import wave
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from renvoi.domain.number import E164
from renvoi.voicemail.greetings.greetings import Greetings
from renvoi.voicemail.media.codec import Codec, encode_frames
from tests.support.node import NUMBER, SECOND, TARGET, Node
from tests.support.sip import Call, Incoming, Phone
from tests.support.sipp import CARRIER, Sipp
from tests.support.smtp import Inbox, Received
from tests.support.sound import Sound
from tests.support.talker import G722, PCMA, PCMU, Talker, tone
from tests.support.waiting import wait_for

pytestmark = pytest.mark.xdist_group("e2e-voicemail")

OWNER = "owner@example.com"
LIMITS = {"voicemail_max_s": 8, "mail_retry_s": 0.2}


@pytest.fixture(scope="module")
def inbox() -> Iterator[Inbox]:
    """Run a mail server."""
    with Inbox() as server:
        yield server


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory, inbox: Inbox) -> Iterator[Node]:
    """Run a node whose mails go to `inbox`, and whose messages end after 8 s; both numbers take messages."""
    made = Node(tmp_path_factory.mktemp("node"))
    made.configure(smtp_url=inbox.url(), **LIMITS)
    try:
        made.start()
        for number in (NUMBER, SECOND):
            assert made.set_rule(2, OWNER, number).json()["code"] == 4
        yield made
    finally:
        made.stop()


class Caller:
    """A caller of the voicemail: a phone with audio, from its INVITE to its end."""

    def __init__(self, node: Node, talker: Talker, *, number: str = NUMBER, caller: str | None = None) -> None:
        self.node, self.talker = node, talker
        self.phone = Phone()
        # Another caller for each call tells their messages apart.
        self.number = caller or f"+336{random.randrange(10**8):08}"
        self.call = Call(self.phone, node.edge, number, self.number)
        self.call.invite.body = talker.sdp.encode()

    def __enter__(self) -> "Caller":
        return self

    def __exit__(self, *_: object) -> None:
        self.talker.stop()
        self.phone.close()

    def connect(self) -> "Caller":
        """Call, and talk from the answer on."""
        answer = self.call.start().expect(200, 3)
        self.call.ack()
        self.talker.talk(answer.body.decode())
        return self

    def wait_for_beep(self, *, skip: bool = True) -> float:
        """Wait until the beep is over, which ends the greeting at once when `skip` is set; return when that was."""
        talker = self.talker
        wait_for(lambda: talker.heard, "the greeting", 5)
        if skip:
            talker.press("1")
        seen = [0, time.monotonic()]

        def over() -> bool:
            if len(talker.heard) != seen[0]:
                seen[:] = len(talker.heard), time.monotonic()
            return time.monotonic() - seen[1] > 0.15

        wait_for(over, "the end of the beep", 30)
        return float(seen[1])

    def talk_until(self, began: float, seconds: float) -> None:
        """Go on talking until so long after `began`."""
        wait_for(lambda: time.monotonic() - began >= seconds, "the end of what there is to say", seconds + 1)

    def hang_up(self) -> float:
        """Hang up; return how many seconds the answer took."""
        sent = time.monotonic()
        self.call.send("BYE")
        self.phone.expect(200)
        return time.monotonic() - sent

    def expect_bye(self, timeout_s: float = 10) -> None:
        """Wait for the voicemail to hang up."""
        bye = self.phone.expect("BYE", timeout_s)
        self.phone.send(bye.answer(200), bye.source)

    def mail(self, inbox: Inbox) -> Received:
        """Wait for the mail of this call's message."""

        def found() -> list[Received]:
            spoken = E164(self.number).value
            return [mail for mail in inbox.mails if spoken in sender(mail)]

        mails: list[Received] = wait_for(found, f"the mail of {self.number}", 10)
        assert len(mails) == 1
        return mails[0]

    def sound(self, inbox: Inbox) -> Sound:
        """Wait for the mail, and return its recording."""
        return Sound.of_wav(audio(self.mail(inbox)))

    def record(self) -> dict[str, Any]:
        """Wait for the call's record."""
        return self.node.record(self.call.call_id)


def sender(mail: Received) -> str:
    """Return who left the message, as the attachment is named."""
    return next(part.get_filename() or "" for part in mail.message.iter_attachments())


def audio(mail: Received) -> bytes:
    """Return the recording that a mail brings."""
    part = next(mail.message.iter_attachments())
    assert part.get_content_type() == "audio/wav"
    content: bytes = part.get_content()
    return content


@pytest.fixture
def short_greeting(node: Node, tmp_path: Path) -> Iterator[float]:
    """Upload a greeting of one second; return how long everything before the recording takes."""
    path = tmp_path / "greeting.wav"
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 16000, 0, "NONE", ""))
        file.writeframes(tone(700, 1.0))
    node.renvoi("greeting", "set", NUMBER, str(path))
    prompt = len(greeting_of(node, NUMBER, PCMA))
    yield prompt * 0.02
    node.renvoi("greeting", "reset", NUMBER)


def greeting_of(node: Node, number: str, payload_type: int) -> list[bytes]:
    """Return what a caller of `number` hears, beep included, by one call."""
    with Talker(payload_type) as talker, Caller(node, talker, number=number) as caller:
        caller.connect().wait_for_beep(skip=False)
        caller.hang_up()
        return [payload for _, _, _, payload in talker.heard]


@pytest.mark.parametrize(("payload_type", "name"), [(PCMA, "PCMA"), (PCMU, "PCMU")])
def test_sipp_leaves_a_message_and_the_mail_brings_it(
    node: Node, inbox: Inbox, short_greeting: float, tmp_path: Path, payload_type: int, name: str
) -> None:
    """SIPp says a tone for 6 s; the mail's WAV has it from the beep to the end, and the record tells of the call."""
    frames = encode_frames(tone(500, 2.0), 16000, Codec(name))[50:]
    (tmp_path / "tone.raw").write_bytes(b"".join(frames))
    caller = f"+3361{random.randrange(10**7):07}"
    action = f'<nop><action><exec rtp_stream="tone.raw,-1,{payload_type},{name}/8000"/></action></nop>'
    scenario = CARRIER.replace("<pause />", f"{action}\n  <pause />").replace("+33140000001", caller)
    scenario = scenario.replace("[media_port] RTP/AVP 8", f"[rtpstream_audio_port] RTP/AVP {payload_type}")
    scenario = scenario.replace("rtpmap:8 PCMA", f"rtpmap:{payload_type} {name}")
    arguments = ["-s", NUMBER, "-m", "1", "-d", "6000", f"127.0.0.1:{node.sip_port}"]
    with Sipp(tmp_path, scenario, *arguments) as sipp:
        sipp.wait(20)

    mails = wait_for(lambda: [mail for mail in inbox.mails if caller in sender(mail)], "the mail")
    sound = Sound.of_wav(audio(mails[0]))
    assert sound.length_s == pytest.approx(6.0 - short_greeting, abs=0.3)
    assert sound.without_tone(500) == []
    message = next(each for each in node.renvoi("messages") if each["from"] == caller)
    assert (message["number"], message["mail_state"], message["recipient"]) == (NUMBER, "sent", OWNER)
    assert Path(message["audio"]).read_bytes() == audio(mails[0])
    assert message["duration_s"] == pytest.approx(sound.length_s, abs=0.001)
    assert mails[0].message["Message-ID"] == f"<{message['id']}@localhost>"
    wait_for(lambda: node.record(message["call_id"])["missed"] is False, "the record of the message", 5)
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
def test_a_message_ends_with_the_hash_key(node: Node, inbox: Inbox, payload_type: int) -> None:
    with Talker(payload_type, 600) as talker, Caller(node, talker) as caller:
        began = caller.connect().wait_for_beep()
        caller.talk_until(began, 2)
        talker.press("#")
        caller.expect_bye(2)
        sound = caller.sound(inbox)
        assert sound.length_s == pytest.approx(2.0, abs=0.3)
        assert sound.rate == (16000 if payload_type == G722 else 8000)
        assert sound.without_tone(600) == []
        assert caller.record()["hung_up_by"] == "callee"


def test_a_message_ends_after_silence_and_after_its_longest_time(node: Node, inbox: Inbox) -> None:
    """One caller falls silent after 1.5 s, with and without packets; another one never stops."""

    def leave(silence: str) -> float:
        with Talker(PCMA, 600) as talker, Caller(node, talker) as caller:
            began = caller.connect().wait_for_beep()
            caller.talk_until(began, 1.5)
            if silence == "no packets":
                talker.silent.set()
            elif silence == "quiet packets":
                talker.mangle = lambda _, packet: [packet[:12] + b"\xd5" * 160]
            caller.expect_bye(12)
            ended = time.monotonic() - began
            sound = caller.sound(inbox)
            assert sound.without_tone(600)[:1] in ([], [14], [15], [16])
            return ended

    with ThreadPoolExecutor() as pool:
        without, quiet, never = pool.map(leave, ["no packets", "quiet packets", "none"])
    assert without == pytest.approx(6.5, abs=0.4)
    assert quiet == pytest.approx(6.5, abs=0.4)
    assert never == pytest.approx(8.0, abs=0.4)


def test_a_caller_who_says_nothing_is_a_missed_call(node: Node, inbox: Inbox) -> None:
    """No RTP at all, and a caller who hangs up half a second after the beep: no mail, and the records say so."""
    before = len(inbox.mails)
    with Talker(PCMA) as talker, Caller(node, talker) as caller:
        talker.silent.set()
        caller.connect()
        caller.expect_bye(20)
        wait_for(lambda: caller.record()["missed"], "the record of a missed call", 5)
    with Talker(PCMA) as talker, Caller(node, talker) as caller:
        began = caller.connect().wait_for_beep()
        caller.talk_until(began, 0.5)
        caller.hang_up()
        wait_for(lambda: caller.record()["missed"], "the record of a missed call", 5)
    assert len(inbox.mails) == before


def test_audio_survives_a_bad_network(node: Node, inbox: Inbox) -> None:
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

    with Talker(PCMU, 500) as talker, Caller(node, talker) as caller:
        began = caller.connect().wait_for_beep()
        talker.mangle = mangle
        caller.talk_until(began, 2)
        talker.move()
        caller.talk_until(began, 4)
        caller.hang_up()
        sound = caller.sound(inbox)
        assert sound.length_s == pytest.approx(4.0, abs=0.3)
        # About ten packets are lost; each leaves 20 ms of silence in its tenth of a second, and moves nothing.
        spoilt = sound.without_tone(500, 60)
        assert len(spoilt) <= 12
        assert any(number > 30 for number in set(range(40)) - set(spoilt))


def test_hold_and_a_new_codec_in_the_middle_of_a_message(node: Node, inbox: Inbox) -> None:
    """The caller holds for longer than a silence may last, comes back with another codec, and the message goes on."""
    with Talker(PCMA, 500) as talker, Caller(node, talker) as caller:
        began = caller.connect().wait_for_beep()
        caller.talk_until(began, 1)
        caller.call.send("INVITE", [("Content-Type", "application/sdp")], talker.sdp + "a=sendonly\r\n")
        assert "a=recvonly" in caller.phone.expect(200).body.decode()
        caller.call.ack()
        talker.silent.set()
        caller.talk_until(began, 6.5)
        with Talker(PCMU, 500) as other:
            talker.payload_type, talker._frames = PCMU, other._frames
        talker.offers = [PCMU, *talker.offers[1:]]
        caller.call.send("INVITE", [("Content-Type", "application/sdp")], talker.sdp)
        assert f"RTP/AVP {PCMU} " in caller.phone.expect(200).body.decode()
        caller.call.ack()
        talker.silent.clear()
        caller.talk_until(began, 7.5)
        caller.hang_up()
        sound = caller.sound(inbox)
    assert sound.length_s == pytest.approx(7.5, abs=0.3)
    silent = sound.without_tone(500)
    assert silent[0] in (9, 10, 11)
    assert silent[-1] in (64, 65, 66)
    assert silent == list(range(silent[0], silent[-1] + 1))


def test_a_call_without_an_offer_is_offered_every_codec(node: Node, inbox: Inbox) -> None:
    """The caller answers in its ACK, with G.722."""
    with Talker(G722, 500) as talker, Caller(node, talker) as caller:
        caller.call.invite.body = b""
        caller.call.invite.headers = [each for each in caller.call.invite.headers if each[0] != "Content-Type"]
        offer = caller.call.start().expect(200).body.decode()
        assert "RTP/AVP 8 0 9 101" in offer
        ack = caller.call.request("ACK", 1, [("Content-Type", "application/sdp")], talker.sdp)
        caller.phone.send(ack, node.edge)
        talker.talk(offer)
        began = caller.wait_for_beep()
        caller.talk_until(began, 1.5)
        caller.hang_up()
        assert caller.sound(inbox).without_tone(500) == []


@pytest.mark.parametrize("why", ["no-answer", "busy"])
def test_a_forwarded_call_that_is_not_taken_ends_at_the_voicemail(node: Node, inbox: Inbox, why: str) -> None:
    """The caller hears ringing, then our greeting, and the message goes to the address of the fallback."""
    with Phone() as trunk, Talker(PCMA, 500) as talker, Caller(node, talker) as caller:
        node.renvoi("trunk", "add", "main", "--outbound", trunk.uri)
        option = "--no-answer" if why == "no-answer" else "--busy"
        words = ["--to", TARGET, "--ring-timeout", "5", option, "voicemail", "--email", "fallback@example.com"]
        node.renvoi("forward", NUMBER, *words)
        caller.call.start()
        callee = Incoming.wait(trunk)
        callee.reply(180)
        caller.call.expect(180)
        if why == "busy":
            callee.reply(486)
        answer = caller.call.expect(200, 8)
        caller.call.ack()
        talker.talk(answer.body.decode())
        began = caller.wait_for_beep()
        caller.talk_until(began, 1.5)
        caller.hang_up()
        mail = caller.mail(inbox)
        record = caller.record()
        node.renvoi("trunk", "remove", "main")
        node.set_rule(2, OWNER)
    assert mail.recipients == ("fallback@example.com",)
    assert (record["decision"], record["reason"], record["target"]) == ("voicemail", why, TARGET)
    assert record["ringing_at"]
