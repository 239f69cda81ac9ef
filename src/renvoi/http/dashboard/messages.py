"""`/messages`: what callers have left, those that nobody has heard first, as `/v2/messages` has it."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from starlette.responses import Response
from starlette.routing import Route

from renvoi.application import inbox
from renvoi.application.calls import caller_text
from renvoi.application.inbox import Resending, Resent, UnheardPlace
from renvoi.application.message_links import SCOPE as AUDIO_SCOPE
from renvoi.application.ports.messages import MessageQuery, StoredMessage
from renvoi.application.ports.pages import Place
from renvoi.application.ports.unit_of_work import Writer
from renvoi.domain.ids import IdKind, parsed, written
from renvoi.domain.messages.message import LOUDEST, PEAKS, MailState
from renvoi.domain.messages.voicemail_handoff import WITHHELD
from renvoi.domain.problem import Problem, ProblemCode
from renvoi.http.dashboard.actors import shown_caller
from renvoi.http.dashboard.confirmations import ask
from renvoi.http.dashboard.lists import Listed
from renvoi.http.dashboard.site import Site, local_path
from renvoi.http.dashboard.visit import Visit
from renvoi.http.v2.filters import number_filter
from renvoi.http.v2.message_audio import file_name
from renvoi.http.v2.messages import find
from renvoi.http.v2.recordings import MEDIA_TYPES, Recordings

READ, WRITE = "messages:read", "messages:write"
SHOWN = 15
"""Messages of a page: each has a player, so a page with more would be long, and heavy."""
MOST_SAID = 500
"""Characters of a transcript in the list; the page of the message has all of it."""
LIVE = "message.created message.deleted"
"""The events after which the list is another one."""
_BEGINNING = Place(-1, "")
"""In a cursor: that of the heard messages, or of the others. No message is there, as all have an id."""
_HEARD: Mapping[str, bool | None] = {"": None, "no": False, "yes": True}
"""The choices of the filter, by what its field says."""


def routes(site: Site) -> Sequence[Route]:
    recordings = Recordings(site.deps)
    return [
        site.get("/messages", "messages", _list, READ),
        site.get("/messages/{id}", "message", _show, READ),
        site.get("/messages/{id}/audio", "message_audio", partial(_audio, recordings), AUDIO_SCOPE),
        site.post("/messages/{id}/heard", "message_heard", _heard, WRITE),
        site.post("/messages/{id}/resend", "message_resend", _resend, WRITE),
        site.get("/messages/{id}/delete", "message_delete", _ask_delete, WRITE),
        site.post("/messages/{id}/delete", "message_deleted", _delete, WRITE),
    ]


def _row(visit: Visit, stored: StoredMessage) -> Mapping[str, Any]:
    """Return what a page shows of a message."""
    message = stored.message
    return {
        "id": written(IdKind.MESSAGE, message.id),
        "number": message.number,
        "caller": shown_caller(visit, None if message.caller == WITHHELD else message.caller),
        "received_at": message.received_at_ms,
        "duration": message.duration_ms,
        "heard": message.heard_at_ms is not None,
        "transcript": message.transcript or "",
        "cut_off": message.cut_off,
        "wave": waveform_path(message.peaks),
        "file": file_name(message),
        "mails": [
            {"to": mail.recipient.value, "state": mail.state.value, "bad": mail.state is MailState.FAILED}
            for mail in stored.mails
        ],
    }


def _shortened(row: Mapping[str, Any]) -> Mapping[str, Any]:
    said = row["transcript"]
    return row if len(said) <= MOST_SAID else {**row, "transcript": said[: MOST_SAID - 1].rstrip() + "…"}


async def _list(visit: Visit) -> Response:
    listed = Listed(visit, SHOWN)
    rows: list[Mapping[str, Any]] = []
    next_page = None
    wish = {name: visit.query.text(name) for name in ("number", "from")}
    wish["heard"] = visit.query.choice("heard", tuple(_HEARD))
    try:
        only = _query(visit, wish)
    except Problem as problem:
        visit.query.wrong += problem.errors
    if not visit.query.wrong:
        parts = listed.after(bool, int, str)
        after = None if parts is None else _place(*parts)
        found, follows = await inbox.unheard_first(visit.deps.store, visit.principal, only, after, listed.limit)
        rows = [_shortened(_row(visit, each)) for each in found]
        next_page = listed.next_url(None if follows is None else (follows.heard, *(follows.place or _BEGINNING)))
    return visit.render(
        "messages.html.j2",
        visit.query_errors.status,
        messages=rows,
        wish=wish,
        is_filtered=any(wish.values()),
        is_first=listed.is_first,
        next_page=next_page,
        live=LIVE if listed.is_first else "",
        here=_here(visit),
        errors=visit.query_errors,
    )


def _place(heard: bool, at_ms: int, message_id: str) -> UnheardPlace:
    """Return the place that a cursor tells."""
    place = Place(at_ms, message_id)
    return UnheardPlace(heard, None if place == _BEGINNING else place)


def _query(visit: Visit, wish: Mapping[str, str]) -> MessageQuery:
    """Return which messages are wanted.

    Raises:
        Problem: the number is none.
    """
    who = visit.principal
    return MessageQuery(
        number=number_filter(wish["number"] or None, who),
        caller=caller_text(wish["from"], who.region) if wish["from"] else None,
        heard=_HEARD.get(wish["heard"]),
    )


def _here(visit: Visit) -> str:
    url = visit.request.url
    return local_path(f"{url.path}?{url.query}" if url.query else url.path, "/messages")


async def _show(visit: Visit) -> Response:
    stored = await _stored(visit)
    return visit.render("message.html.j2", message=_row(visit, stored), here=_here(visit))


async def _audio(recordings: Recordings, visit: Visit) -> Response:
    stored = await _stored(visit)
    form = visit.request.query_params.get("format", "wav")
    if form not in MEDIA_TYPES:
        raise Problem(ProblemCode.NOT_FOUND)
    return await recordings.reply(visit.request, stored.message.id, form, file_name(stored.message))


async def _stored(visit: Visit) -> StoredMessage:
    """Return the message that the path names.

    Raises:
        Problem: there is none that the visitor reaches.
    """
    who, message_id = visit.principal, visit.request.path_params["id"]
    return await visit.deps.store.read(lambda reader: find(reader, who, message_id))


def _back(visit: Visit, said: str) -> Response:
    return visit.redirect(local_path(visit.form.text("next"), "/messages"), said)


async def _heard(visit: Visit) -> Response:
    who, message_id, heard = visit.principal, visit.request.path_params["id"], visit.form.flag("heard")

    def work(writer: Writer) -> StoredMessage:
        return inbox.mark(writer, find(writer, who, message_id), visit.now_ms, heard=heard)

    await visit.deps.store.write(work)
    return _back(visit, "messages.said_heard" if heard else "messages.said_unheard")


async def _resend(visit: Visit) -> Response:
    who, message_id = visit.principal, visit.request.path_params["id"]

    def work(writer: Writer) -> Resending:
        return inbox.resend(writer, find(writer, who, message_id), visit.now_ms)

    resending = await visit.deps.store.write(work)
    if resending.result is Resent.CLOSED:
        raise Problem(ProblemCode.MESSAGE_UNKNOWN)
    queued = resending.result is Resent.QUEUED
    return _back(visit, "messages.said_resent" if queued else "messages.said_under_way")


async def _ask_delete(visit: Visit) -> Response:
    message = (await _stored(visit)).message
    caller = shown_caller(visit, None if message.caller == WITHHELD else message.caller)
    back = local_path(visit.request.query_params.get("next", ""), "/messages")
    return ask(
        visit,
        visit.text("messages.delete_title"),
        [visit.text("messages.delete_text", caller=caller.name)],
        visit.text("action.delete"),
        back,
    )


async def _delete(visit: Visit) -> Response:
    deps = visit.deps
    message_id = parsed(IdKind.MESSAGE, visit.request.path_params["id"]) or "-"
    try:
        deleted = await inbox.delete_message(deps.store, deps.clock, visit.principal, message_id, deps.files.remove)
    except OSError as error:
        raise Problem(ProblemCode.UNAVAILABLE) from error
    if not deleted:
        raise Problem(ProblemCode.MESSAGE_UNKNOWN)
    return visit.redirect("/messages", "messages.said_deleted")


# The waveform of a message is an SVG with the view box `0 0 200 32`, a bar for each of its peaks.
_MIDDLE = 16
_TALLEST = 15
PLAIN_WAVEFORM = f"M0 {_MIDDLE}h{PEAKS}"
"""What is drawn where no peaks are known: a line."""


def waveform_path(peaks: bytes | None) -> str:
    """Return the path of a waveform; one with another number of peaks, a newer program’s, is `PLAIN_WAVEFORM`."""
    if peaks is None or len(peaks) != PEAKS:
        return PLAIN_WAVEFORM
    heights = (max(1, round(_TALLEST * peak / LOUDEST)) for peak in peaks)
    return "".join(f"M{x}.5 {_MIDDLE - height}v{2 * height}" for x, height in enumerate(heights))
