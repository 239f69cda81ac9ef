"""One connection of the HTTP server: uvicorn's protocol, with limits, and with answers that tell what happened."""

import asyncio
from asyncio import TimerHandle, Transport
from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Network
from typing import Any, ClassVar, cast

import httptools
from starlette.types import Scope
from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from renvoi.domain.outcome import Outcome
from renvoi.http.limits import ConnectionShares, Turns, address_group
from renvoi.http.lingering import LingeringTransport
from renvoi.http.request_context import check_head, client_of, is_probe, refusal_of_method
from renvoi.http.responses import REFUSAL_KEY, RequestRefused

PIECE_BYTES = 4096
"""What is parsed at once, at the most; less where a request ends before."""
_HEAD_END = b"\r\n\r\n"
_V2 = "/v2"
LAST_REQUEST_S = 0.5
"""How long a connection that has asked nothing yet may take to ask when the server stops."""


class Flow(FlowControl):
    """Uvicorn's flow control, which reads nothing more while bytes that came are still to be parsed."""

    held = False

    def resume_reading(self) -> None:
        """Read on, unless held."""
        if not self.held:
            super().resume_reading()


class LimitedProtocol(HttpToolsProtocol):
    """Uvicorn's protocol with what it lacks.

    - Limits of a request's head in size and time, and of connections (`ConnectionShares`).
    - One request of a connection is in work at a time, and begins when it is its client's turn (`Turns`). What is
      pipelined behind it is neither parsed nor read before its answer is written.
    - What the parser refuses is answered by the application, in the envelope, behind the answers of what came before.
    - `Upgrade` is ignored, and the body read (RFC 9110 §7.8 allows to).
    """

    head_limit: ClassVar[int]
    head_timeout_s: ClassVar[float]
    shares: ClassVar[ConnectionShares]
    turns: ClassVar[Turns]
    probe_turns: ClassVar[Turns]
    trusted_proxies: ClassVar[Sequence[IPv4Network | IPv6Network]]

    flow: Flow
    _in_head = True
    _head_bytes = 0
    _heads = 0
    _head_timer: TimerHandle | None = None
    _line = b""
    _tail = b""
    _body_left: int | None = None
    _waits_for_turn = False
    _pending: bytearray
    _refused = False
    _is_last = False
    _client_ended = False
    _upgrade_head: bytes | None = None

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]  # as uvicorn's own
        """Take a place among the connections, and wait for a head."""
        self._pending = bytearray()
        lingering = LingeringTransport(
            transport, self.loop, lambda: self._refused or not self._in_head or bool(self._pending)
        )
        super().connection_made(cast("Transport", lingering))
        self.flow = Flow(self.transport)
        for turns in (self.turns, self.probe_turns):
            turns.note_connection()
        self.shares.enter(self, self.client[0] if self.client else "local")
        self._start_head_timer()

    def connection_lost(self, exc: Exception | None) -> None:
        """Give the place back."""
        self._stop_head_timer()
        self._pending.clear()
        self.shares.leave(self)
        super().connection_lost(exc)

    def shutdown(self) -> None:
        """Take nothing more, as the server stops.

        Who has just connected may have asked, and it has not been read yet: to close now would be no answer to that. So
        a new connection has a moment to ask, once.
        """
        if self._heads == 0 and not self.is_ending():
            self._is_last = True
            self.loop.call_later(LAST_REQUEST_S, self._close_unless_asked)
        else:
            super().shutdown()

    def _close_unless_asked(self) -> None:
        if self._heads == 0:
            self.transport.close()

    def is_idle(self) -> bool:
        """Tell whether closing this connection would leave nothing that was asked in full unanswered."""
        cycle = self.cycle
        return not self.pipeline and (cycle is None or cycle.response_complete or cycle.more_body)

    def is_waiting(self) -> bool:
        """Tell whether nothing of what was asked and is not answered has begun."""
        return self._waits_for_turn and not self.pipeline

    def drop(self) -> None:
        """Close the connection because all places are taken."""
        self.transport.abort()

    def data_received(self, data: bytes) -> None:
        if self.is_ending():
            return
        self._unset_keepalive_if_required()
        self._pending += data
        self._parse()

    def _parse(self) -> None:
        """Parse what has come, up to the end of a request: the next one waits for its answer."""
        while self._pending and not self._is_at_work() and not self.is_ending():
            size = self._piece_bytes()
            piece = bytes(self._pending[:size])
            del self._pending[:size]
            self._parse_piece(piece)
        if self.is_ending():
            self._pending.clear()
        self.flow.held = bool(self._pending)
        if self._pending:
            self.flow.pause_reading()
        elif self._client_ended and not self.is_ending():
            self._expect_nothing_more()

    def _is_at_work(self) -> bool:
        """Tell whether a request that has come in full is not answered."""
        return bool(self.pipeline) or (self._in_head and self.cycle is not None and not self.cycle.response_complete)

    def _piece_bytes(self) -> int:
        """Return how much to parse next: no more than ends the head or the body at hand."""
        if not self._in_head and self._body_left is not None:
            return max(1, min(PIECE_BYTES, self._body_left))
        # Also the end of a body in chunks, with or without trailers.
        end = (self._tail + self._pending[:PIECE_BYTES]).find(_HEAD_END)
        return PIECE_BYTES if end < 0 else end + len(_HEAD_END) - len(self._tail)

    def _parse_piece(self, piece: bytes) -> None:
        heads = self._heads
        self._tail = b"" if piece.endswith(_HEAD_END) else (self._tail + piece)[-len(_HEAD_END) + 1 :]
        if self._in_head and b"\n" not in self._line.lstrip(b"\r\n"):
            self._line += piece
        try:
            self.parser.feed_data(piece)
        except httptools.HttpParserUpgrade as upgrade:
            self._pending[:0] = piece[upgrade.args[0] :]
            self._parse_without_upgrade()
            return
        except httptools.HttpParserInvalidMethodError:
            refusal = refusal_of_method(self._line)
            if refusal is not None:
                self._refuse(refusal)
                return
            # The parser says so again when more has come.
        except httptools.HttpParserError as error:
            refused = error.__context__
            self._refuse(refused.outcome if isinstance(refused, RequestRefused) else Outcome.BODY_INVALID)
            return
        if self._in_head and heads == self._heads:
            # The parser keeps an unfinished head in memory for as long as it comes.
            self._head_bytes += len(piece)
            if self._head_bytes > self.head_limit:
                self._refuse(Outcome.HEAD_TOO_LARGE)

    def eof_received(self) -> bool:  # type: ignore[override]  # uvicorn closes at once, and says so by its type
        """Keep the connection for the answers to what came whole, when the client has no more to send."""
        self._client_ended = True
        if not self._pending and not self.is_ending():
            self._expect_nothing_more()
        return not self.transport.is_closing()

    def _expect_nothing_more(self) -> None:
        """End the connection behind the answers to what came whole."""
        self._refused = True
        self._stop_head_timer()
        if self.pipeline and self.cycle.more_body:
            # The latest request was cut off, and has not begun: it gets no answer.
            self.pipeline.popleft()
            self.cycle.response_complete = True
        elif self.is_idle():
            self._end()

    def is_ending(self) -> bool:
        """Tell whether nothing more is read of this connection."""
        return self._refused or self.transport.is_closing()

    def on_message_begin(self) -> None:
        """Expect the rest of the head within its time."""
        super().on_message_begin()
        self._start_head_timer()

    def on_headers_complete(self) -> None:
        """Start the request, or note that its head asks for an upgrade."""
        self._head_bytes = 0
        self._heads += 1
        self._line = b""
        self._stop_head_timer()
        check_head(self.parser.get_http_version(), self.headers)
        length = dict(self.headers).get(b"content-length")
        self._body_left = None if length is None else int(length)
        if self.parser.should_upgrade():
            self._upgrade_head = self._head_without_upgrade()
            return
        super().on_headers_complete()
        self._in_head = False

    def on_body(self, body: bytes) -> None:
        if self._upgrade_head is None:
            if self._body_left is not None:
                self._body_left -= len(body)
            super().on_body(body)

    def on_message_complete(self) -> None:
        """End the body; the next head may come."""
        if self._upgrade_head is not None:
            return
        self._in_head = True
        self._stop_head_timer()
        super().on_message_complete()
        if self.cycle.response_complete:
            # Answered before its body had come; uvicorn has taken back its keep-alive timer for that body.
            self._start_head_timer()

    def on_response_complete(self) -> None:
        """Go on with what came behind the request that is answered now."""
        if self.is_ending():
            self._pending.clear()
        super().on_response_complete()
        if self._client_ended and not self._pending and not self.pipeline and self.cycle.response_complete:
            self._end()
        if self.is_ending():
            return
        if not self._in_head and self.cycle.response_complete:
            # The rest of a body that nobody wants may take as long as a head.
            self._start_head_timer()
        if self._pending:
            self._unset_keepalive_if_required()
            self.flow.held = False
            self._parse()
            self.flow.resume_reading()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        """Have a request begun when it is its client's turn; probes wait for probes alone."""
        if self._is_last:
            cycle.keep_alive = False

        def begin() -> None:
            self._waits_for_turn = False
            if not cycle.disconnected:
                start(cycle, app)

        start = super()._start_asgi_task
        turns = self.probe_turns if is_probe(cycle.scope["path"]) else self.turns
        client = client_of(cast("Scope", cycle.scope), self.trusted_proxies)
        self._waits_for_turn = True
        turns.ask(address_group(client), begin)

    def _head_without_upgrade(self) -> bytes:
        """Return the head that was parsed, as the client would have written it without asking for an upgrade."""
        lines = [b"%s %s HTTP/%s" % (self.parser.get_method(), self.url, self.parser.get_http_version().encode())]
        for name, value in self.headers:
            if name == b"connection":
                tokens = [token.strip() for token in value.split(b",")]
                kept = b", ".join(token for token in tokens if token.lower() not in (b"upgrade", b"http2-settings"))
                lines += [b"connection: " + kept] if kept else []
            elif name not in (b"upgrade", b"http2-settings"):
                lines.append(name + b": " + value)
        return b"\r\n".join([*lines, b"", b""])

    def _parse_without_upgrade(self) -> None:
        """Parse the head again as one without `Upgrade`; what follows it is its body, and further requests."""
        head, self._upgrade_head = self._upgrade_head, None
        assert head is not None
        if head.startswith(b"CONNECT "):
            self._refuse(Outcome.METHOD_NOT_ALLOWED)
            return
        self.parser = httptools.HttpRequestParser(self)
        self.parser.feed_data(head)

    def _refuse(self, outcome: Outcome) -> None:
        """Have `outcome` answered behind what was asked before, and end the connection with it."""
        self._refused = True
        self._stop_head_timer()
        if not self._in_head and self._upgrade_head is None:
            # The body of the latest request is damaged. The application is told in place of the body's end.
            if self.cycle.response_complete:
                self._end()
                return
            cast("dict[str, Any]", self.cycle.scope)[REFUSAL_KEY] = outcome
            self.cycle.keep_alive = False
            self.cycle.more_body = False
            self.cycle.message_event.set()
            return
        before, path = self.cycle, self._target().partition(b"?")[0]
        super().on_message_begin()
        # Which API it was for, as far as that has come, says in which form it is answered.
        form = _V2 if f"{path.decode('latin-1')}/".startswith(f"{_V2}/") else ""
        self.scope.update({"method": "GET", "path": form, "raw_path": b"", "query_string": b"", "headers": []})
        cast("dict[str, Any]", self.scope)[REFUSAL_KEY] = outcome
        self.cycle = RequestResponseCycle(
            scope=self.scope,
            transport=self.transport,
            flow=self.flow,
            logger=self.logger,
            access_logger=self.access_logger,
            access_log=False,
            default_headers=self.server_state.default_headers,
            message_event=asyncio.Event(),
            expect_100_continue=False,
            keep_alive=False,
            on_response=self.on_response_complete,
        )
        self.cycle.more_body = False
        if before is None or before.response_complete:
            self._start_asgi_task(self.cycle, self.app)
        else:
            self.pipeline.appendleft((self.cycle, self.app))

    def _target(self) -> bytes:
        """Return what the request that is refused is for, as far as that has come."""
        if self._line:
            # The parser gave up within the head: what it tells of a target is of the request before.
            return self._line.lstrip(b"\r\n").partition(b" ")[2].split(b" ", 1)[0]
        url: bytes = getattr(self, "url", b"")
        return url

    def _start_head_timer(self) -> None:
        self._stop_head_timer()
        self._head_timer = self.loop.call_later(self.head_timeout_s, self._close_slow)

    def _stop_head_timer(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _close_slow(self) -> None:
        self._head_timer = None
        if self.is_idle():
            self._end()
        else:
            # The head of a further request does not come; those before it are answered.
            self._refused = True
            self.cycle.keep_alive = False

    def _end(self) -> None:
        if not self.transport.is_closing():
            self.transport.close()
