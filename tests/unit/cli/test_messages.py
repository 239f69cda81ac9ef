"""`renvoi messages`: what it prints, saves, deletes and queues again."""

import asyncio
import wave
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from renvoi.adapters.message_files import MessageFiles
from renvoi.adapters.sql.sqlite import open_sqlite
from renvoi.application.ports.unit_of_work import Writer
from renvoi.bootstrap import Renvoi
from renvoi.domain.email_address import EmailAddress
from renvoi.domain.messages.message import Mail, MailState, Message
from renvoi.domain.numbers.number import E164
from renvoi.domain.shared_key import SharedKey
from tests.unit.cli.conftest import Cli

NUMBER = E164("+33199001234")
FIRST = Message("m1", NUMBER, 1, 3, "+33140000001", "call-1", 1_767_225_600_000, 4200)
WITHHELD = replace(FIRST, id="m2", caller="", received_at_ms=1_767_225_601_000, cut_off=True)


@pytest.fixture
def files(data: Path) -> MessageFiles:
    return MessageFiles(data / "messages", data / "mail")


@pytest.fixture
def left(acme: Cli, data: Path, files: MessageFiles) -> Cli:
    """Run commands on a store with two messages; the mail of the older one was kept."""
    audio = wav()
    for message in (FIRST, WITHHELD):
        path = files.audio(message.id)
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(audio)
    kept = files.mail(FIRST.id)
    kept.parent.mkdir()
    kept.write_bytes(b"mail")
    owner = EmailAddress("owner@example.net")
    ended = Mail("m1", owner, 1, 1, MailState.KEPT, 1, str(kept), ended_at_ms=1_767_225_605_000)

    def work(writer: Writer) -> None:
        writer.add_message(FIRST, ended)
        writer.add_message(WITHHELD, Mail("m2", owner, 1, 1_767_225_602_000))

    change(data, work)
    return acme


def change(data: Path, work: Any) -> None:
    """Change the store of `data`."""

    async def run() -> None:
        store = await open_sqlite(data / "renvoi.db")
        try:
            await store.write(work)
        finally:
            await store.close()

    asyncio.run(run())


def wav() -> bytes:
    """Return a tenth of a second of silence."""
    buffer = BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(bytes(1600))
    return buffer.getvalue()


@pytest.mark.parametrize("words", [("messages",), ("messages", "list")])
def test_messages_are_listed_newest_first(left: Cli, data: Path, words: tuple[str, ...]) -> None:
    found = left(*words, "--json").json
    assert [row["id"] for row in found] == ["m2", "m1"]
    assert found[1] == {
        "id": "m1", "number": "+33199001234", "from": "+33140000001", "duration_s": 4.2,
        "received_at": "2026-01-01T00:00:00.000Z", "cut_off": False, "heard_at": None, "transcript": None,
        "recipient": "owner@example.net",
        "mail_state": "kept", "mail_attempts": 1, "mail_note": str(data / "mail" / "m1.eml"), "mail_due_at": None,
        "mail_ended_at": "2026-01-01T00:00:05.000Z", "call_id": "call-1", "revision": 3,
        "other_mails": [],
        "audio": str(data / "messages" / "m1.wav"),
    }  # fmt: skip
    assert (found[0]["from"], found[0]["mail_state"], found[0]["mail_note"]) == (None, "pending", None)
    assert found[0]["mail_due_at"] == "2026-01-01T00:00:02.000Z"
    assert Path(found[0]["audio"]).is_file()
    table = left(*words).out.splitlines()
    assert table[0].split("\t") == ["id", "received_at", "number", "from", "duration_s", "mail_state", "recipient"]
    assert table[1].split("\t")[3] == "withheld"


@pytest.mark.parametrize("words", [("messages",), ("messages", "list")])
def test_messages_are_listed_by_number_and_up_to_a_limit(left: Cli, words: tuple[str, ...]) -> None:
    assert [row["id"] for row in left(*words, "--limit", "1", "--json").json] == ["m2"]
    assert len(left(*words, "--number", "01 99 00 12 34", "--json").json) == 2
    assert left(*words, "--number", "+33261910123", "--json").json == []
    assert left(*words, "--number", "+33261910123").err == "no such messages\n"
    assert left(*words, "--limit", "0").code == 2
    assert left(*words, "--number", "x").code == 1


def test_options_before_a_command_of_messages_are_not_passed_over(left: Cli) -> None:
    """`--data` above all: the command would work on another store than the one that was named."""
    ran = left("messages", "--json", "list")
    assert ran.code == 2
    assert "give the options after `messages list`" in ran.err


def test_one_message_is_shown(left: Cli) -> None:
    rows = {row["id"]: row for row in left("messages", "--json").json}
    assert left("messages", "show", "m2", "--json").json == rows["m2"]
    shown = left("messages", "show", "m2").out.splitlines()
    assert "from          withheld" in shown
    assert "mail_state    pending" in shown


@pytest.mark.parametrize("words", [("show",), ("save",), ("delete",), ("resend",)])
def test_a_message_that_is_not_there(left: Cli, tmp_path: Path, words: tuple[str, ...]) -> None:
    more = (str(tmp_path / "a.wav"),) if words == ("save",) else ()
    for message_id in ("m3", "../renvoi"):
        ran = left("messages", *words, message_id, *more)
        assert (ran.code, ran.out) == (1, "")
        assert f"no message {message_id!r}" in ran.err
    assert not (tmp_path / "a.wav").exists()


def test_audio_is_saved_and_nothing_is_overwritten(left: Cli, tmp_path: Path) -> None:
    copy = tmp_path / "copy.wav"
    saved = left("messages", "save", "m1", str(copy), "--json").json
    assert saved == {"id": "m1", "file": str(copy), "bytes": len(wav())}
    assert copy.read_bytes() == wav()
    copy.write_bytes(b"mine")
    refused = left("messages", "save", "m1", str(copy))
    assert (refused.code, copy.read_bytes()) == (1, b"mine")
    assert "give --force" in refused.err
    assert left("messages", "save", "m1", str(copy), "--force").code == 0
    assert copy.read_bytes() == wav()
    assert "cannot be written" in left("messages", "save", "m1", str(tmp_path / "no" / "a.wav")).err


def test_audio_is_saved_as_mp3_by_the_name_of_the_file(
    left: Cli, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Renvoi, "wav_to_mp3", lambda _, wav: b"mp3 of " + str(wav).encode())
    for name in ("a.mp3", "b.MP3"):
        assert left("messages", "save", "m1", str(tmp_path / name)).code == 0
        assert (tmp_path / name).read_bytes() == f"mp3 of {data}/messages/m1.wav".encode()


def test_audio_becomes_an_mp3(left: Cli, files: MessageFiles, tmp_path: Path) -> None:
    copy = tmp_path / "a.mp3"
    assert left("messages", "save", "m1", str(copy)).code == 0
    assert copy.read_bytes()[:3] == b"ID3" or copy.read_bytes()[0] == 0xFF
    files.audio("m1").write_bytes(b"junk")
    assert "cannot be made an MP3" in left("messages", "save", "m1", str(copy), "--force").err


def test_audio_goes_to_stdout(left: Cli) -> None:
    ran = left("messages", "save", "m1", "-")
    assert (ran.code, ran.out) == (0, wav().decode("utf-8", "replace"))
    assert left("messages", "save", "m1", "-", "--json").code == 2


@pytest.mark.parametrize("name", ["a.wav", "a.mp3"])
def test_audio_that_cannot_be_read_is_told(left: Cli, files: MessageFiles, tmp_path: Path, name: str) -> None:
    files.audio("m1").unlink()
    ran = left("messages", "save", "m1", str(tmp_path / name))
    assert ran.code == 1
    assert f"{files.audio('m1')} cannot be read" in ran.err
    assert not (tmp_path / name).exists()


@pytest.mark.parametrize("name", ["a.wav", "a.mp3"])
def test_audio_that_the_store_keeps_is_saved_from_there(left: Cli, data: Path, tmp_path: Path, name: str) -> None:
    kept = replace(FIRST, id="m3")
    change(data, lambda writer: writer.add_message(kept, Mail("m3", EmailAddress("a@example.net"), 1, 1), wav()))
    assert left("messages", "show", "m3", "--json").json["audio"] is None
    copy = tmp_path / name
    assert left("messages", "save", "m3", str(copy)).code == 0
    assert copy.read_bytes() == wav() if name == "a.wav" else len(copy.read_bytes()) > 100
    assert left("messages", "delete", "m3").code == 0
    assert left("messages", "show", "m3").code == 1


def test_a_message_is_deleted_with_its_files(left: Cli, files: MessageFiles) -> None:
    ran = left("messages", "delete", "m1")
    assert ran.out == "message m1 from +33140000001 for +33199001234, 4.2 s, 2026-01-01T00:00:00.000Z is deleted\n"
    assert not files.audio("m1").exists()
    assert not files.mail("m1").exists()
    assert left("messages", "delete", "m1").code == 1
    deleted = left("messages", "delete", "m2", "--json").json
    assert (deleted["id"], deleted["from"], deleted["deleted"]) == ("m2", None, True)
    assert left("messages", "--json").json == []


def test_a_message_whose_audio_cannot_be_deleted_stays(left: Cli, files: MessageFiles) -> None:
    audio = files.audio("m1")
    audio.unlink()
    audio.mkdir()
    ran = left("messages", "delete", "m1")
    assert (ran.code, ran.out) == (1, "")
    assert f"message m1 cannot be deleted: {audio}:" in ran.err
    assert len(left("messages", "--json").json) == 2


def test_the_mail_of_a_message_is_queued_again(left: Cli) -> None:
    again = left("messages", "resend", "m1", "--json").json
    assert (again["id"], again["mail_state"], again["mail_attempts"]) == ("m1", "pending", 0)
    assert again["mail_due_at"] is not None
    assert left("messages", "resend", "m2").out == (
        "message m2 from a withheld caller for +33199001234, 4.2 s, 2026-01-01T00:00:01.000Z "
        "is mailed again to owner@example.net\n"
    )


def test_what_a_caller_wrote_does_not_steer_the_terminal(left: Cli, data: Path) -> None:
    odd = replace(FIRST, id="m9", caller="\x07x")
    change(data, lambda writer: writer.add_message(odd, Mail("m9", EmailAddress("a@example.net"), 1, 1)))
    for words in (
        ("messages",),
        ("messages", "show", "m9"),
        ("messages", "resend", "m9"),
        ("messages", "delete", "m9"),
    ):
        assert "\x07" not in left(*words).out


@pytest.mark.parametrize("words", [("messages",), ("messages", "list")])
def test_messages_are_listed_by_caller_time_and_whether_they_were_heard(left: Cli, words: tuple[str, ...]) -> None:
    def ids(*options: str) -> list[str]:
        return [row["id"] for row in left(*words, *options, "--json").json]

    assert ids("--from", "01 40 00 00 01") == ["m1"]
    assert ids("--since", "2026-01-01T00:00:00.001Z") == ["m2"]
    assert left("messages", "heard", "m1", "--json").json["heard_at"] is not None
    assert (ids("--heard"), ids("--unheard")) == (["m1"], ["m2"])
    assert left("messages", "unheard", "m1").out.endswith(" is not heard\n")
    assert ids("--unheard") == ["m2", "m1"]
    assert left("messages", "heard", "nothing").code == 1
    assert left(*words, "--since", "yesterday").code == 2


def test_a_link_needs_the_address_of_the_node_and_its_keys(left: Cli, data: Path) -> None:
    assert "RENVOI_PUBLIC_URL" in left("messages", "link", "m1").err
    (data / "renvoi.toml").write_text('public_url = "https://calls.example"\n')
    assert "no shared keys" in left("messages", "link", "m1").err
    change(data, lambda writer: writer.add_shared_key(SharedKey("0a0a0a0a", bytes(32), 1)))
    made = left("messages", "link", "m1", "--format", "mp3", "--seconds", "60", "--json").json
    assert made["url"].startswith("https://calls.example/v2/audio?link=0a0a0a0a.")
    assert ".mp3.m1." in made["url"]
    assert left("messages", "link", "nothing").code == 1
    assert left("messages", "link", "m1", "--seconds", "59").code == 2


def test_ids_may_be_those_of_the_api(left: Cli) -> None:
    assert left("messages", "show", "msg_m1", "--json").json["id"] == "m1"
    assert left("messages", "show", "msg_m9").code == 1
    assert left("messages", "delete", "msg_m1").code == 0
    assert [row["id"] for row in left("messages", "--json").json] == ["m2"]
