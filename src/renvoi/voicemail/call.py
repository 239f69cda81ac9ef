"""One call of a worker: what SIP says of it, its audio, and its recording, brought together."""

import asyncio
import secrets
import socket
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

import structlog

from renvoi.domain.messages.voicemail_handoff import VoicemailHandoff
from renvoi.voicemail.blocking_io import BlockingIO, Mailbox
from renvoi.voicemail.call_flow import CallFlow, MessageLimits, max_samples
from renvoi.voicemail.finalize import RecordingMetadata
from renvoi.voicemail.media.codec import Codec, silence_frame
from renvoi.voicemail.media.player import Packing, Player
from renvoi.voicemail.media.receiver import Receiver
from renvoi.voicemail.media.rtp import Address
from renvoi.voicemail.recording import Recording
from renvoi.voicemail.rtp_sockets import RtpReader
from renvoi.voicemail.sip.agent import UserAgent
from renvoi.voicemail.sip.endpoint import Invited
from renvoi.voicemail.sip.sdp import (
    LocalMedia,
    Negotiated,
    NotAcceptable,
    SessionDescription,
    accept_answer,
    negotiate,
    offer,
)
from renvoi.voicemail.sip.session import DialogState

BYE_PATIENCE_S = 0.15
"""How long a caller who hangs up waits for the message to be stored: its audio is on disk in any case."""
RELEASE_PATIENCE_S = 2.0
"""How long the line is held after the end of a message, for it to be stored."""
MAX_DATAGRAM_BYTES = 2048
LAST_PACKETS = 256
"""Packets that are still read when a call ends: some seconds of audio, and an end to a flood of them."""
LATE_OFFER_RATE = 8000
"""The rate of a recording that begins before the caller has chosen a codec."""

log = structlog.get_logger("voicemail")
Spawn = Callable[[Coroutine[Any, Any, None]], "asyncio.Task[None]"]
"""Runs a step that takes a while; what the user agent has to say after it is sent when it ends."""


@dataclass(frozen=True, slots=True)
class CallConfig:
    """What all calls of a worker share: the host of their audio as peers are told, and what ends a message."""

    host: str
    limits: MessageLimits


class VoicemailCall:
    """See the module. `spawn` runs its slow steps; `forget` is called once it is over and nothing of it is left."""

    def __init__(
        self,
        invited: Invited,
        handoff: VoicemailHandoff,
        rtp: socket.socket,
        config: CallConfig,
        reader: RtpReader,
        agent: UserAgent,
        blocking_io: BlockingIO,
        spawn: Spawn,
        forget: Callable[["VoicemailCall"], None],
    ) -> None:
        self.number = invited.call
        self.rtp = rtp
        self._invited = invited
        self._handoff = handoff
        self._config = config
        self._reader = reader
        self._agent = agent
        self._blocking_io = blocking_io
        self._spawn = spawn
        self._forget = forget
        self._log = log.bind(call_id=invited.call_id, number=handoff.number.value)
        self._local = LocalMedia(config.host, rtp.getsockname()[1], secrets.randbits(31))
        self._mailbox: Mailbox | None = None
        self._recording: Recording | None = None
        self._media: CallFlow | None = None
        self._agreed: Negotiated | None = None
        self._awaits_answer = False
        self._answering = True
        self._playing = False
        self._name = secrets.token_hex(16)
        self._left: DialogState | None = None
        """What others know of the call, in case that this process dies."""
        self._ending = False
        """The message is being stored, or has been; nothing is added to it."""
        self._stored = False
        self._over = False
        """For SIP there is no call any more."""

    @property
    def _now(self) -> float:
        return asyncio.get_running_loop().time()

    # The beginning

    def start(self) -> None:
        """Answer the call."""
        self._spawn(self._answer())

    async def _answer(self) -> None:
        try:
            await self._accept()
        except Exception:  # noqa: BLE001 - whatever goes wrong, the caller gets an answer
            self._log.exception("a fault of the voicemail ended a call")
            self._refuse(500, "Server Internal Error")
        finally:
            self._answering = False
        if self._ending:
            # The end came before the recording, and left storing to this.
            await self._store()

    async def _accept(self) -> None:
        offered = self._invited.offer
        try:
            agreed = negotiate(offered, self._local) if offered is not None else None
        except NotAcceptable as reason:
            self._refuse(488, f"Not Acceptable Here ({reason})")
            return
        rate = Codec(agreed.codec).rate if agreed is not None else LATE_OFFER_RATE
        try:
            self._mailbox = await self._blocking_io.mailbox(self._handoff.number)
            self._recording = await self._blocking_io.begin(self._facts(), rate)
        except OSError as error:
            self._log.error("no recording can be made, the call is refused", error=str(error))
            self._refuse(503, "Service Unavailable (no recording)")
            return
        await self._keep()
        if agreed is not None:
            await self._prepare(agreed, rate)
        self._awaits_answer = agreed is None
        self._agent.accept(self.number, agreed.answer if agreed is not None else offer(self._local), self._now)

    async def _keep(self) -> None:
        """Have others know how the caller is hung up on, before there is anybody to hang up on."""
        state = self._agent.left(self.number)
        if state is not None and state != self._left:
            self._left = state
            await self._blocking_io.keep_call(self._name, state)

    def _facts(self) -> RecordingMetadata:
        return RecordingMetadata(
            self._handoff, self._invited.call_id, self._invited.from_tag, self._blocking_io.now_ms()
        )

    def _refuse(self, status: int, phrase: str) -> None:
        self._agent.reject(self.number, status, phrase, self._now)
        self._over = self._ending = True

    async def _prepare(self, agreed: Negotiated, rate: int) -> None:
        """Make the call's audio ready, by what was agreed."""
        mailbox, recording = self._mailbox, self._recording
        assert mailbox is not None
        assert recording is not None
        codec = Codec(agreed.codec)
        prompt = await self._blocking_io.prompt(mailbox, codec)
        limits = self._config.limits
        player = Player(
            prompt.greeting,
            _way(agreed),
            secrets.randbits(32),
            secrets.randbits(16),
            secrets.randbits(32),
        )
        receiver = Receiver(_payloads(agreed), agreed.events, rate, max_samples(limits, rate), agreed.remote)
        self._agreed = agreed
        self._media = CallFlow(prompt, player, receiver, recording.write, limits, silence_frame(codec))
        self._media.hold(self._now, held=not agreed.sends)
        if not self._ending:
            self._reader.add(self.rtp, self._read_rtp)

    def confirmed(self, answer: SessionDescription | None) -> None:
        """Begin, as the caller has confirmed that the call is answered."""
        if not self._awaits_answer:
            self._playing = self._media is not None
            return
        self._awaits_answer = False
        try:
            if answer is None:
                raise NotAcceptable("the caller answered our offer with nothing")
            agreed = accept_answer(answer, self._local)
        except NotAcceptable as reason:
            self._log.warning("the caller's SDP answer cannot be used", reason=str(reason))
            self.leave("SIP;cause=488")
            return
        self._spawn(self._take_answer(agreed))

    async def _take_answer(self, agreed: Negotiated) -> None:
        if self._ending:
            return
        if self._media is None:
            await self._prepare(agreed, LATE_OFFER_RATE)
        else:
            await self._renegotiate(agreed)
        self._playing = True

    # Changes

    def reoffered(self, offered: SessionDescription | None) -> None:
        """Answer a re-INVITE or UPDATE."""
        self._local = self._local.newer()
        if offered is None:
            self._awaits_answer = True
            self._agent.accept(self.number, offer(self._local), self._now)
            self._spawn(self._keep())
            return
        try:
            agreed = negotiate(offered, self._local)
        except NotAcceptable as reason:
            self._agent.reject(self.number, 488, f"Not Acceptable Here ({reason})", self._now)
            return
        self._agent.accept(self.number, agreed.answer, self._now)
        self._spawn(self._renegotiate(agreed))
        # The caller may be at another address from now on.
        self._spawn(self._keep())

    async def _renegotiate(self, agreed: Negotiated) -> None:
        media, before = self._media, self._agreed
        if media is None or before is None or self._mailbox is None:
            return
        self._agreed = agreed
        media.receiver.renegotiate(_payloads(agreed), agreed.events)
        if agreed.remote != before.remote:
            media.receiver.relearn(agreed.remote)
        media.hold(self._now, held=not agreed.sends)
        if (agreed.codec, _way(agreed)) != (before.codec, _way(before)):
            prompt = await self._blocking_io.prompt(self._mailbox, Codec(agreed.codec))
            media.change_codec(prompt, _way(agreed), silence_frame(Codec(agreed.codec)))

    def moved(self) -> None:
        """Take note that the caller is at another address for SIP."""
        self._spawn(self._keep())

    def pressed(self, key: str) -> None:
        """Handle a key that came by SIP (INFO)."""
        if self._media is not None and not self._ending:
            self._media.press(key)
            if self._media.end is not None:
                self._end_message(self._media)

    # Audio

    def _read_rtp(self, now: float) -> None:
        media = self._media
        assert media is not None
        try:
            datagram, source = self.rtp.recvfrom(MAX_DATAGRAM_BYTES)
        except (BlockingIOError, ConnectionRefusedError):
            return
        media.receive(datagram, source, now)
        if media.end is not None:
            self._end_message(media)

    def _read_what_is_left(self) -> None:
        """Take in the caller's last words, which may have come before the BYE and not been read yet."""
        media, now = self._media, self._now
        if media is None:
            return
        for _ in range(LAST_PACKETS):
            try:
                datagram, source = self.rtp.recvfrom(MAX_DATAGRAM_BYTES)
            except BlockingIOError:
                return
            except ConnectionRefusedError:
                continue
            media.receive(datagram, source, now)

    def tick(self, now: float) -> None:
        """Send the packet that is due, and see whether the message is to end."""
        media = self._media
        if media is None or not self._playing or self._ending:
            return
        for packet in media.tick(now):
            for destination in media.receiver.destinations:
                self._send(packet, destination)
        if media.end is not None:
            self._end_message(media)

    def _send(self, packet: bytes, destination: Address) -> None:
        try:
            self.rtp.sendto(packet, destination)
        except OSError as error:
            # Audio that cannot be sent now is not worth sending later.
            self._log.debug("audio was not sent", error=str(error))

    # The end

    def hung_up(self) -> None:
        """Store the message, and confirm to the caller that the call is over."""
        self._over = True
        if self._ending:
            self._agent.accept_bye(self.number, self._now)
            if self._stored:
                self._let_go()
        else:
            self._store_then(BYE_PATIENCE_S, lambda: self._agent.accept_bye(self.number, self._now))

    def leave(self, reason: str = "") -> None:
        """End the call by ourselves, after its message is stored; `reason` is that of the BYE (RFC 3326)."""
        if not self._ending:
            self._store_then(RELEASE_PATIENCE_S, lambda: self._agent.hang_up(self.number, self._now, reason))

    def over(self) -> None:
        """Take note that the call is over for SIP."""
        self._over = True
        if not self._ending:
            self._store_then(0, lambda: None)
        elif self._stored:
            self._let_go()

    def _end_message(self, media: CallFlow) -> None:
        if not self._ending:
            if media.fault is not None:
                self._log.error("a recording cannot go on", error=str(media.fault))
            self._log.info("the message has ended, hanging up", why=str(media.end))
            self.leave()

    def _store_then(self, patience_s: float, release: Callable[[], None]) -> None:
        """Store the message; call `release` when that is done, or after `patience_s` seconds if it takes longer."""
        self._ending = True
        self._reader.remove(self.rtp)
        self._read_what_is_left()
        # A call that is just being answered stores what there is when it comes to its recording.
        storing = None if self._answering else self._spawn(self._store())

        async def wait() -> None:
            if storing is not None:
                await asyncio.wait([storing], timeout=patience_s)
            release()

        self._spawn(wait())

    def _let_go(self) -> None:
        if self._left is not None:
            self._blocking_io.forget_call(self._name)
        self._forget(self)

    async def _store(self) -> None:
        recording, self._recording = self._recording, None
        try:
            if recording is not None:
                media = self._media
                await self._blocking_io.end(recording, cut_off=media is not None and media.fault is not None)
        finally:
            # After a fault as well: the recording waits on the disk, and the call must not wait with it.
            self._stored = True
            if self._over:
                self._let_go()


def _way(agreed: Negotiated) -> Packing:
    return Packing(agreed.payload_type, agreed.packet_ms, agreed.clock)


def _payloads(agreed: Negotiated) -> dict[int, Codec]:
    return {payload_type: Codec(name) for payload_type, name in agreed.codecs.items()}
