"""`renvoi messages`."""

from pathlib import Path
from typing import Annotated

import typer

from renvoi.adapters.message_files import MessageFiles
from renvoi.application import messages, numbers
from renvoi.application.errors import OperatorError
from renvoi.application.ports.messages import StoredMessage
from renvoi.application.ports.unit_of_work import Store
from renvoi.cli.base import Data, Json, group, load, program_of, usage_error, whole, with_store
from renvoi.cli.output import cell, show_json, show_rows, time_text, write_file
from renvoi.domain.messages.voicemail_handoff import WITHHELD
from renvoi.files import read_regular

message_commands = group("The messages that callers left.", bare=True)

_Id = Annotated[str, typer.Argument(metavar="ID", help="The message's id: `renvoi messages` shows it")]
_Number = Annotated[str | None, typer.Option(help="Only messages left for this number")]
_Limit = Annotated[int, whole("How many to show at most", 1, 100_000)]
_DEFAULT_LIMIT = 100
_COLUMNS = ("id", "received_at", "number", "from", "duration_s", "mail_state", "recipient")


@message_commands.callback()
def messages_alone(
    ctx: typer.Context,
    number: _Number = None,
    limit: _Limit = _DEFAULT_LIMIT,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """List the latest messages, newest first; the commands act on one message."""
    if ctx.invoked_subcommand is None:
        list_messages(ctx, number, limit, data, as_json)
    elif (number, limit, data, as_json) != (None, _DEFAULT_LIMIT, None, False):
        usage_error(f"give the options after `messages {ctx.invoked_subcommand}`")


@message_commands.command("list")
def list_messages(
    ctx: typer.Context,
    number: _Number = None,
    limit: _Limit = _DEFAULT_LIMIT,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """List the latest messages, newest first."""
    settings = load(ctx, data)
    parsed = numbers.parse_number(number, settings.region) if number is not None else None
    found = with_store(ctx, data, lambda store: messages.list_messages(store, limit, parsed))
    files = program_of(ctx).message_files(settings)
    if as_json:
        show_json([message_row(stored, files) for stored in found])
    else:
        rows = [_shown(message_row(stored, files)) for stored in found]
        show_rows(rows, as_json=False, empty="no messages yet", columns=_COLUMNS)


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
        "recipient": mail.recipient.value,
        "mail_state": mail.state.value,
        "mail_attempts": mail.attempts,
        "mail_note": mail.note or None,
        "mail_due_at": time_text(mail.due_at_ms if mail.ended_at_ms is None else None),
        "mail_ended_at": time_text(mail.ended_at_ms),
        "call_id": message.call_id,
        "revision": message.revision,
        "audio": _path(files.audio(message.id)),
    }


def _path(audio: Path) -> str | None:
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
        async with messages.open_audio(store, files, message_id) as wav:
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
        with_store(ctx, data, lambda store: messages.delete_message(store, stored.message.id, files.remove))
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
        typer.echo(f"{_told(stored)} is mailed again to {stored.mail.recipient}")


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
