"""`renvoi messages`."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from renvoi.adapters.message_files import MessageFiles
from renvoi.application import inbox, messages, numbers
from renvoi.application.calls import caller_text
from renvoi.application.errors import OperatorError
from renvoi.application.message_links import make_link
from renvoi.application.ports.messages import MessageQuery, StoredMessage
from renvoi.application.ports.unit_of_work import Store
from renvoi.application.reach import THE_OPERATOR
from renvoi.cli.base import Data, Json, group, load, program_of, usage_error, whole, with_store
from renvoi.cli.output import HELP, addresses, cell, read_moment, show_json, show_rows, time_text, write_file
from renvoi.domain.messages.audio_link import DEFAULT_S, LEAST_S, MOST_S, AudioLink
from renvoi.domain.messages.message import is_message_id
from renvoi.domain.messages.voicemail_handoff import WITHHELD
from renvoi.files import read_regular

message_commands = group("The messages that callers left.", bare=True)

_Id = Annotated[str, typer.Argument(metavar="ID", help="The message's id: `renvoi messages` shows it")]
_Number = Annotated[str | None, typer.Option(help="Only messages left for this number")]
_Limit = Annotated[int, whole("How many to show at most", 1, 100_000)]
_DEFAULT_LIMIT = 100
_Caller = Annotated[str | None, typer.Option("--from", metavar="CALLER", help="Only messages of this caller")]
_Since = Annotated[str | None, typer.Option(metavar="TIME", help=f"Only messages from this time on: {HELP}")]
_Heard = Annotated[bool | None, typer.Option("--heard/--unheard", help="Only those that were heard, or were not")]
_COLUMNS = ("id", "received_at", "number", "from", "duration_s", "mail_state", "recipient")


class AudioFormat(StrEnum):
    """What the audio of a message may come as."""

    WAV = "wav"
    MP3 = "mp3"


@message_commands.callback()
def messages_alone(
    ctx: typer.Context,
    number: _Number = None,
    caller: _Caller = None,
    since: _Since = None,
    heard: _Heard = None,
    limit: _Limit = _DEFAULT_LIMIT,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """List the latest messages, newest first; the commands act on one message."""
    if ctx.invoked_subcommand is None:
        list_messages(ctx, number, caller, since, heard, limit, data, as_json)
    elif (number, caller, since, heard, limit, data, as_json) != (None, None, None, None, _DEFAULT_LIMIT, None, False):
        usage_error(f"give the options after `messages {ctx.invoked_subcommand}`")


@message_commands.command("list")
def list_messages(
    ctx: typer.Context,
    number: _Number = None,
    caller: _Caller = None,
    since: _Since = None,
    heard: _Heard = None,
    limit: _Limit = _DEFAULT_LIMIT,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """List the latest messages, newest first, those to which all of the options apply."""
    settings = load(ctx, data)
    only = MessageQuery(
        number=numbers.parse_number(number, settings.region) if number is not None else None,
        caller=caller_text(caller, settings.region) if caller is not None else None,
        since_ms=read_moment("--since", since, program_of(ctx).clock.now_ms()) if since is not None else None,
        heard=heard,
    )
    found = with_store(ctx, data, lambda store: inbox.latest_messages(store, THE_OPERATOR, only, limit))
    files = program_of(ctx).message_files(settings)
    if as_json:
        show_json([message_row(stored, files) for stored in found])
    else:
        rows = [_shown(message_row(stored, files)) for stored in found]
        empty = "no messages yet" if only == MessageQuery() else "no such messages"
        show_rows(rows, as_json=False, empty=empty, columns=_COLUMNS)


def message_row(stored: StoredMessage, files: MessageFiles) -> dict[str, object]:
    """Return a message with the keys of `--json`.

    `from` is None when the caller was withheld, `audio` when the recording is not a file of this node.
    """
    message, mail = stored.message, stored.mail
    return {
        "id": message.id,
        "number": message.number.value,
        "from": None if message.caller == WITHHELD else message.caller,
        "duration_s": message.duration_ms / 1000,
        "received_at": time_text(message.received_at_ms),
        "cut_off": message.cut_off,
        "heard_at": time_text(message.heard_at_ms),
        "transcript": message.transcript,
        "recipient": mail.recipient.value,
        "mail_state": mail.state.value,
        "mail_attempts": mail.attempts,
        "mail_note": mail.note or None,
        "mail_due_at": time_text(mail.due_at_ms if mail.ended_at_ms is None else None),
        "mail_ended_at": time_text(mail.ended_at_ms),
        "other_mails": [
            {"recipient": other.recipient.value, "state": other.state.value, "note": other.note or None}
            for other in stored.others
        ],
        "call_id": message.call_id,
        "revision": message.revision,
        "audio": _path(files, message.id),
    }


def _path(files: MessageFiles, message_id: str) -> str | None:
    if not is_message_id(message_id):
        # It is damaged.
        return None
    audio = files.audio(message_id)
    # On PostgreSQL the store keeps the recordings.
    return str(audio) if audio.exists() else None


def _shown(row: dict[str, object]) -> dict[str, object]:
    return row | {"from": row["from"] if row["from"] is not None else "withheld"}


@message_commands.command("show")
def show_message(ctx: typer.Context, message_id: _Id, data: Data = None, as_json: Json = False) -> None:
    """Show one message and the state of its mail."""
    row = message_row(*_find(ctx, data, message_id))
    if as_json:
        show_json(row)
    else:
        for name, value in _shown(row).items():
            typer.echo(f"{name:<13} {cell(value)}")


@message_commands.command("save")
def save_message(
    ctx: typer.Context,
    message_id: _Id,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A name with .mp3 makes it MP3; - writes to stdout")],
    force: Annotated[bool, typer.Option("--force", help="Overwrite an existing file")] = False,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Save a copy of a message's audio, WAV or MP3."""
    if str(file) == "-" and as_json:
        usage_error("--json cannot go with audio on stdout: give a file, or leave --json out")
    program, files = program_of(ctx), program_of(ctx).message_files(load(ctx, data))

    async def read(store: Store) -> tuple[StoredMessage, bytes]:
        stored = await messages.show_message(store, message_id)
        async with messages.open_audio(store, files, stored.message.id) as wav:
            return stored, program.wav_to_mp3(wav) if file.suffix.lower() == ".mp3" else _read(wav)

    stored, audio = with_store(ctx, data, read)
    if str(file) == "-":
        typer.get_binary_stream("stdout").write(audio)
        return
    write_file(file, audio, replace=force)
    if as_json:
        show_json({"id": stored.message.id, "file": str(file), "bytes": len(audio)})
    else:
        typer.echo(f"message {stored.message.id} is in {file} ({len(audio)} bytes)")


def _read(wav: Path) -> bytes:
    try:
        return read_regular(wav)
    except OSError as error:
        raise OperatorError(f"the recording {wav} cannot be read: {error.strerror}") from error


@message_commands.command("delete")
def delete_message(ctx: typer.Context, message_id: _Id, data: Data = None, as_json: Json = False) -> None:
    """Delete a message for good: its audio, and its mail if that still waits or was kept as a file."""
    stored, files = _find(ctx, data, message_id)
    try:
        clock = program_of(ctx).clock
        with_store(ctx, data, lambda store: messages.delete_message(store, clock, stored.message.id, files.remove))
    except OSError as error:
        raise OperatorError(
            f"message {stored.message.id} cannot be deleted: {error.filename}: {error.strerror}"
        ) from error
    if as_json:
        show_json(message_row(stored, files) | {"deleted": True})
    else:
        typer.echo(f"{_told(stored)} is deleted")


@message_commands.command("resend")
def resend_message(ctx: typer.Context, message_id: _Id, data: Data = None, as_json: Json = False) -> None:
    """Mail a message again, whatever the state of its mail."""
    clock = program_of(ctx).clock
    stored = with_store(ctx, data, lambda store: messages.send_again(store, clock, message_id))
    if as_json:
        show_json(message_row(stored, program_of(ctx).message_files(load(ctx, data))))
    else:
        typer.echo(f"{_told(stored)} is mailed again to {addresses(mail.recipient for mail in stored.mails)}")


def _marking(name: str, help_text: str, *, heard: bool) -> None:
    def command(ctx: typer.Context, message_id: _Id, data: Data = None, as_json: Json = False) -> None:
        clock = program_of(ctx).clock
        stored = with_store(ctx, data, lambda store: inbox.set_heard(store, clock, message_id, heard=heard))
        if as_json:
            show_json(message_row(stored, program_of(ctx).message_files(load(ctx, data))))
        else:
            since = f"heard since {time_text(stored.message.heard_at_ms)}" if heard else "not heard"
            typer.echo(f"{_told(stored)} is {since}")

    message_commands.command(name, help=help_text)(command)


_marking("heard", "Mark a message as heard.", heard=True)
_marking("unheard", "Mark a message as not heard.", heard=False)


@message_commands.command("link")
def link_message(
    ctx: typer.Context,
    message_id: _Id,
    form: Annotated[AudioFormat, typer.Option("--format", help="As it is kept, or converted")] = AudioFormat.WAV,
    seconds: Annotated[int, whole("How long it is good, in seconds", LEAST_S, MOST_S)] = DEFAULT_S,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Make a link to a message's audio that needs no key, and ends."""
    program, settings = program_of(ctx), load(ctx, data)

    async def make(store: Store) -> tuple[str, AudioLink]:
        stored = await messages.show_message(store, message_id)
        address = (settings.public_url or "").rstrip("/")
        made = await make_link(store, program.clock, THE_OPERATOR, stored.message.id, form.value, seconds, address)
        if made is None:
            raise OperatorError("there are no shared keys yet: the node makes them when it starts")
        return made

    if not settings.public_url:
        raise OperatorError("nobody knows the address of this node: set RENVOI_PUBLIC_URL")
    url, link = with_store(ctx, data, make)
    if as_json:
        show_json({"id": link.message_id, "url": url, "expires_at": time_text(link.expires_at_ms)})
    else:
        typer.echo(url)


def _find(ctx: typer.Context, data: Path | None, message_id: str) -> tuple[StoredMessage, MessageFiles]:
    stored = with_store(ctx, data, lambda store: messages.show_message(store, message_id))
    return stored, program_of(ctx).message_files(load(ctx, data))


def _told(stored: StoredMessage) -> str:
    message = stored.message
    caller = cell("a withheld caller" if message.caller == WITHHELD else message.caller)
    return (
        f"message {message.id} from {caller} for {message.number}, {message.duration_ms / 1000:.1f} s, "
        f"{time_text(message.received_at_ms)}"
    )
