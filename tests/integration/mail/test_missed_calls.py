"""A call that was missed is mailed to the owner of its number: from the events of the edge to the mail."""

import asyncio
import email
import email.policy
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from renvoi.adapters.mail.folder import FolderMailer
from renvoi.adapters.mail.message import Composer
from renvoi.application.missed_calls import MissedCallChannel
from renvoi.application.outbox.engine import Outbox, OutboxConfig
from renvoi.application.ports.accounts import AuditEntry
from renvoi.application.ports.numbers import NumberRow
from renvoi.application.ports.unit_of_work import Writer
from renvoi.application.removals import remove_number, settle_removals
from renvoi.call_records.call_batch import CallBatch
from renvoi.domain.calls.call_record import Answered, CallEvent, CallKey, Decided, Failed, MessageLeft, Missed
from renvoi.domain.email_address import EmailAddress
from renvoi.domain.numbers.number import E164
from renvoi.domain.rules.rule import Rule, Unreadable
from tests.support.memory_store import MemoryStore, MemoryWriter
from tests.support.outbox_harness import MovedClock

NUMBER = E164("+33199001234")
OWNERS = tuple(EmailAddress(f"owner@{name}.example") for name in ("one", "two"))


class MissedCallHarness:
    """A store with a number, what collects the events of its calls, and what mails."""

    def __init__(self, folder: Path) -> None:
        self.store, self.clock, self.folder = MemoryStore(), MovedClock(), folder
        self.at_ms = self.clock.now_ms()

    async def open(self, locale: str = "en", **changes: Any) -> None:
        rule = replace(Rule.forward(E164("+33612345678")), emails=OWNERS, missed_call_mail=True)

        def work(writer: Writer) -> None:
            account = writer.add_account("demo", locale, "FR", 0)
            writer.add_number(account.id, NumberRow(NUMBER, "front desk"), 0)
            writer.put_rule(NUMBER, replace(rule, revision=1, **changes), 0)

        await self.store.write(work)

    async def call(self, name: str, *events: CallEvent, **changes: Any) -> None:
        """Have a call collected, event by event, as they come."""
        key = CallKey(name, "t", 1)
        first = Decided(key, self.at_ms, "+33140000001", str(NUMBER), str(NUMBER), 1, "forward", target="+33612345678")
        for event in (replace(first, **changes), *events):
            await self.take(event)

    async def take(self, event: CallEvent) -> None:
        """Have an event collected."""

        def work(writer: Writer) -> None:
            batch = CallBatch(writer)
            assert batch.take(event)
            batch.put()

        await self.store.write(work)

    async def change(self, rule: Rule) -> None:
        """Change the rule, as everybody does."""

        def work(writer: Writer) -> None:
            record = writer.number_for_change(NUMBER)
            assert record is not None
            after = replace(rule, revision=record.rule.revision + 1)
            writer.put_rule(NUMBER, after, self.at_ms)
            writer.add_audit(AuditEntry(self.at_ms, NUMBER, record.account_id, None, "", record.rule, after))

        await self.store.write(work)

    async def mails(self, count: int) -> list[EmailMessage]:
        """Return the mails of all missed calls, once there are so many."""
        mailer = FolderMailer(self.folder, Composer(EmailAddress("renvoi@service.example")))
        channel = MissedCallChannel(self.store, mailer, lambda number: f"https://x.example/numbers/{number}")
        outbox = Outbox(self.store, channel, self.clock, OutboxConfig("node", lambda: 0.5))
        stop = asyncio.Event()
        running = asyncio.create_task(outbox.run(stop, 5))
        async with asyncio.timeout(10):
            while len(list(self.folder.glob("*.eml"))) < count or await self.waiting():  # noqa: ASYNC110 - the outbox sends no event
                await asyncio.sleep(0.01)
        stop.set()
        await running
        found = [path.read_bytes() for path in sorted(self.folder.glob("*.eml"))]
        assert len(found) == count
        return [email.message_from_bytes(each, policy=email.policy.default) for each in found]

    async def waiting(self) -> bool:
        return bool(await self.store.read(lambda reader: reader.due_missed_calls(self.clock.now_ms() + 10**7, 9)))


def failed(name: str, at_ms: int, status: int = 486) -> Failed:
    return Failed(CallKey(name, "t", 1), at_ms, status, "callee")


@pytest.mark.parametrize(
    ("locale", "subject", "lines"),
    [
        (
            "en",
            "Missed call from +33 1 40 00 00 01",
            ["Missed call for front desk (+33 1 99 00 12 34)", "From: +33 1 40 00 00 01 (France)", "Reason: the line"],
        ),
        (
            "fr",
            "Appel manqué de +33 1 40 00 00 01",
            [
                "Appel manqué pour front desk (+33 1 99 00 12 34)",
                "De\u00a0: +33 1 40 00 00 01 (France)",
                "Raison\u00a0:",
            ],
        ),
    ],
)
def test_who_called_when_and_why_nobody_answered(tmp_path: Path, locale: str, subject: str, lines: list[str]) -> None:
    async def scenario() -> None:
        harness = MissedCallHarness(tmp_path / "mail")
        await harness.open(locale)
        await harness.call("c", failed("c", harness.at_ms + 5000))
        mails = await harness.mails(2)
        assert [mail["To"] for mail in mails] == [each.value for each in OWNERS]
        assert len({mail["Message-ID"] for mail in mails}) == 2
        for mail in mails:
            assert (mail["Subject"], mail["Content-Language"]) == (subject, locale)
            assert mail["Auto-Submitted"] == "auto-generated"
            text = mail.get_content()
            assert all(line in text for line in lines), text
            assert "https://x.example/numbers/+33199001234" in text

    asyncio.run(scenario())


def test_a_withheld_caller_is_shown_as_such(tmp_path: Path) -> None:
    async def scenario() -> None:
        harness = MissedCallHarness(tmp_path / "mail")
        await harness.open(emails=OWNERS[:1])
        await harness.call("c", failed("c", harness.at_ms + 5000), withheld=True)
        (mail,) = await harness.mails(1)
        assert mail["Subject"] == "Missed call from a withheld number"
        assert "number withheld" in mail.get_content()
        assert "40000001" not in mail.as_string().replace(" ", "")

    asyncio.run(scenario())


def test_who_is_told_of_nothing(tmp_path: Path) -> None:
    """Blocked callers, calls that were taken or left a message, the second of two within five minutes, other rules."""

    async def scenario() -> None:
        harness = MissedCallHarness(tmp_path / "mail")
        await harness.open(emails=OWNERS[:1])
        key = CallKey("answered", "t", 1)
        await harness.call("answered", Answered(key, harness.at_ms + 1, 200))
        await harness.call("blocked", decision="reject", reason="blocked", status=603, target=None)
        key = CallKey("left", "t", 1)
        left = MessageLeft("left", "t", harness.at_ms + 9)
        await harness.call("left", Answered(key, harness.at_ms + 1, 200), left, decision="voicemail", target=None)
        await harness.call("first", failed("first", harness.at_ms + 5000))
        harness.at_ms += 60_000
        await harness.call("second", failed("second", harness.at_ms + 5000))
        key = CallKey("silent", "t", 1)
        missed = Missed("silent", "t", harness.at_ms + 9)
        silent = {"decision": "voicemail", "target": None, "caller": "+33140000002"}
        await harness.call("silent", Answered(key, harness.at_ms + 1, 200), missed, missed, **silent)
        mails = await harness.mails(2)
        assert sorted(mail.get_content().partition("Reason: ")[2].splitlines()[0] for mail in mails) == [
            "the caller reached the voicemail and left no message",
            "the line was busy, or the call was declined",
        ]

    asyncio.run(scenario())


def test_a_rule_that_cannot_be_read_by_then_holds_up_no_mail(tmp_path: Path) -> None:
    def damage(writer: Writer) -> None:
        assert isinstance(writer, MemoryWriter)
        writer.make_unreadable(NUMBER, Unreadable.DAMAGED)

    async def scenario() -> None:
        harness = MissedCallHarness(tmp_path / "mail")
        await harness.open()
        await harness.call("c", failed("c", harness.at_ms + 5000))
        await harness.store.write(damage)
        await harness.mails(2)

    asyncio.run(scenario())


def test_a_rule_that_wants_none_gets_none(tmp_path: Path) -> None:
    async def scenario() -> None:
        harness = MissedCallHarness(tmp_path / "mail")
        await harness.open(missed_call_mail=False)
        await harness.call("c", failed("c", harness.at_ms + 5000))
        assert not await harness.waiting()

    asyncio.run(scenario())


def test_a_number_that_was_removed_and_added_again_tells_nobody_of_calls_before(tmp_path: Path) -> None:
    """Its revisions begin again, so that of the call is that of another rule."""

    async def scenario() -> None:
        harness = MissedCallHarness(tmp_path / "mail")
        await harness.open()
        await harness.call("c")
        harness.clock.move(seconds=1)
        await remove_number(harness.store, harness.clock, NUMBER)
        rule = replace(Rule.forward(E164("+33612345678")), emails=OWNERS, missed_call_mail=True, revision=1)

        def work(writer: Writer) -> None:
            writer.add_number(1, NumberRow(NUMBER, "front desk"), harness.clock.now_ms())
            writer.put_rule(NUMBER, rule, harness.clock.now_ms())

        await settle_removals(harness.store, harness.clock, lambda _: None)
        await harness.store.write(work)
        await harness.take(failed("c", harness.at_ms + 5000))
        assert not await harness.waiting()
        # One that comes now is mailed about.
        harness.clock.move(seconds=1)
        harness.at_ms = harness.clock.now_ms()
        await harness.call("d", failed("d", harness.at_ms + 5000))
        assert len(await harness.mails(2)) == 2

    asyncio.run(scenario())


@pytest.mark.parametrize("is_kept", [True, False], ids=["the trail is kept", "it is kept no more"])
def test_the_rule_that_the_call_met_says_who_is_told(tmp_path: Path, is_kept: bool) -> None:
    """Calls wait in the spool while the store is away, and rules change meanwhile, and while it rings."""
    harness = MissedCallHarness(tmp_path)
    quiet = Rule.forward(E164("+33612345678"))
    told = replace(quiet, emails=OWNERS, missed_call_mail=True)
    later = replace(told, emails=(EmailAddress("new@one.example"),))

    async def main() -> None:
        await harness.open(missed_call_mail=False, emails=())
        await harness.change(told)
        await harness.change(later)
        await harness.change(quiet)
        if not is_kept:
            await harness.store.write(lambda writer: writer.remove_old_audit(harness.at_ms + 1, (0, -1), 99))
        # At revision 2 two were to be told, at 3 another one, at 4 nobody.
        for revision in (2, 3, 4):
            name = f"r{revision}"
            failed = Failed(CallKey(name, "t", 1), harness.at_ms + 9000, 486, "callee", 17)
            await harness.call(name, failed, revision=revision, caller=f"+3314000000{revision}")
        mails = await harness.mails(3 if is_kept else 0)
        recipients = sorted(str(mail["to"]) for mail in mails)
        assert recipients == (["new@one.example", *map(str, OWNERS)] if is_kept else [])

    asyncio.run(main())
