"""Messages: filed once, sent again, deleted with all that belongs to them."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from operator import methodcaller

import pytest

from renvoi.application import inbox, messages
from renvoi.application.errors import OperatorError
from renvoi.application.messages import MailboxGone, Recorded
from renvoi.application.ports.errors import StoreUnavailable
from renvoi.application.ports.messages import MessageQuery, StoredMessage
from renvoi.application.ports.unit_of_work import Writer
from renvoi.application.reach import THE_OPERATOR
from renvoi.domain.email_address import EmailAddress
from renvoi.domain.messages.message import Mail, MailState, Message
from renvoi.domain.messages.voicemail_handoff import WITHHELD, VoicemailHandoff
from renvoi.domain.numbers.number import E164
from renvoi.domain.rules.rule import Unreadable
from tests.support.http_api import START_MS, FixedClock
from tests.support.memory_store import MemoryStore
from tests.support.stores import A, seed

OWNER = EmailAddress("owner@example.net")
DAY_MS = 24 * 3600 * 1000


def recorded(name: str, began_at_ms: int = START_MS - 5000) -> Recorded:
    """Return a recording for A."""
    return Recorded(
        name, VoicemailHandoff(A, 7, OWNER, "+33140000001"), f"call-{name}", began_at_ms, 4200, cut_off=True
    )


class Case:
    """A store with an account and the number A, and where removed files are noted."""

    def __init__(self) -> None:
        self.store = MemoryStore()
        self.clock = FixedClock()
        self.removed: list[str] = []
        asyncio.run(seed(self.store))

    def remove(self, message_id: str) -> None:
        """Remove the files of a message, in name."""
        assert message_id in self.names(), "files are removed before the row"
        self.removed.append(message_id)

    def names(self) -> list[str]:
        """Return which messages there are, by a look past the store's methods, as callbacks are not asynchronous."""
        return sorted(self.store._state.messages)

    def counts(self) -> dict[str, int]:
        """Return the counters."""
        return dict(asyncio.run(self.store.read(lambda reader: reader.counts())))

    def file(self, *recordings: Recorded) -> list[bool]:
        """File recordings."""
        return [asyncio.run(messages.file_message(self.store, self.clock, each)) for each in recordings]

    def show(self, message_id: str) -> StoredMessage:
        """Return a message."""
        return asyncio.run(messages.show_message(self.store, message_id))


def test_a_recording_is_filed_once_with_its_mail() -> None:
    case = Case()
    assert case.file(recorded("m1"), recorded("m1")) == [True, False]
    assert case.show("m1") == StoredMessage(
        Message("m1", A, 1, 7, "+33140000001", "call-m1", START_MS - 5000, 4200, True),
        Mail("m1", OWNER, queued_at_ms=START_MS, due_at_ms=START_MS, scheduled_at_ms=START_MS),
    )
    assert case.counts() == {"messages": 1, "recorded_ms": 4200}


def test_a_second_filing_leaves_the_mail_as_it_is() -> None:
    """A recording found again after a crash must not be mailed twice."""
    case = Case()
    case.file(recorded("m1"))
    sent = replace(case.show("m1").mail, state=MailState.SENT)
    asyncio.run(case.store.write(lambda writer: writer.put_mail(sent)))
    assert case.file(recorded("m1")) == [False]
    assert case.show("m1").mail.state is MailState.SENT


def test_a_message_for_a_number_that_is_gone_is_not_filed() -> None:
    case = Case()
    gone = replace(recorded("m1"), handoff=VoicemailHandoff(E164("+33199009999"), 1, OWNER, WITHHELD))
    with pytest.raises(MailboxGone, match=r"\+33199009999"):
        case.file(gone)
    assert (case.names(), case.counts()) == ([], {})


def test_a_message_for_a_number_whose_rule_cannot_be_read_is_filed() -> None:
    """It was recorded while the rule could be, and the row stays as it is."""
    case = Case()
    asyncio.run(case.store.write(methodcaller("make_unreadable", A, Unreadable.DAMAGED)))
    assert case.file(recorded("m1")) == [True]
    assert case.show("m1").message.number == A


def test_nothing_is_filed_while_the_store_is_away() -> None:
    case = Case()
    case.store.fail_with = StoreUnavailable("away")
    with pytest.raises(StoreUnavailable):
        case.file(recorded("m1"))
    case.store.fail_with = None
    assert case.names() == []
    assert case.file(recorded("m1")) == [True]


def test_messages_are_listed() -> None:
    case = Case()
    case.file(recorded("m1", 1000), recorded("m2", 2000))
    listed = asyncio.run(inbox.latest_messages(case.store, THE_OPERATOR, MessageQuery(), 1))
    assert [stored.message.id for stored in listed] == ["m2"]
    assert len(asyncio.run(inbox.latest_messages(case.store, THE_OPERATOR, MessageQuery(number=A), 9))) == 2


@pytest.mark.parametrize("state", list(MailState))
def test_a_mail_is_queued_anew_whatever_became_of_it(state: MailState) -> None:
    case = Case()
    case.file(recorded("m1"))
    ended = replace(case.show("m1").mail, state=state, attempts=4, note="550", ended_at_ms=5, due_at_ms=9)
    asyncio.run(case.store.write(lambda writer: writer.put_mail(ended)))
    case.clock.now += 1000
    again = asyncio.run(messages.send_again(case.store, case.clock, "m1"))
    now_ms = START_MS + 1000
    assert again.mail == Mail("m1", OWNER, now_ms, now_ms, note="550", scheduled_at_ms=now_ms)
    assert case.show("m1") == again


def test_a_message_is_deleted_files_first() -> None:
    case = Case()
    case.file(recorded("m1"), recorded("m2"))
    deleted = asyncio.run(messages.delete_message(case.store, case.clock, "m1", case.remove))
    assert deleted.id == "m1"
    assert (case.removed, case.names()) == (["m1"], ["m2"])
    assert case.counts()["messages_deleted"] == 1


def test_a_message_whose_files_cannot_be_removed_stays() -> None:
    case = Case()
    case.file(recorded("m1"))

    def fail(_: str) -> None:
        raise PermissionError("no")

    with pytest.raises(PermissionError):
        asyncio.run(messages.delete_message(case.store, case.clock, "m1", fail))
    assert case.names() == ["m1"]
    assert "messages_deleted" not in case.counts()


UseCase = Callable[[Case], Awaitable[object]]


@pytest.mark.parametrize(
    "use",
    [
        lambda case: messages.show_message(case.store, "m1"),
        lambda case: messages.send_again(case.store, case.clock, "m1"),
        lambda case: messages.delete_message(case.store, case.clock, "m1", case.remove),
    ],
)
def test_what_is_not_there_is_refused(use: UseCase) -> None:
    async def scenario(case: Case) -> None:
        with pytest.raises(OperatorError, match="there is no message 'm1'"):
            await use(case)

    case = Case()
    asyncio.run(scenario(case))
    assert case.removed == []


def test_messages_are_deleted_after_their_time() -> None:
    """The oldest first, up to a limit, each with its files, sent or not."""
    case = Case()

    def keep_a_week(writer: Writer) -> None:
        account = writer.account("demo")
        assert account is not None
        writer.put_account(replace(account, retention_days=7))

    asyncio.run(case.store.write(keep_a_week))
    limit_ms = START_MS - 7 * DAY_MS
    case.file(recorded("new"), recorded("kept", limit_ms), recorded("old", limit_ms - 1), recorded("older", 1))

    def expire(limit: int) -> list[str]:
        gone = asyncio.run(messages.delete_expired(case.store, case.clock, case.remove, limit))
        return [message.id for message in gone]

    assert expire(1) == ["older"]
    assert expire(9) == ["old"]
    assert expire(9) == []
    assert (case.removed, case.names()) == (["older", "old"], ["kept", "new"])
    assert case.counts()["messages_deleted"] == 2


def test_of_two_nodes_that_delete_the_same_one_tells_of_it() -> None:
    case = Case()
    case.file(recorded("old", START_MS - 31 * DAY_MS))

    def remove_first(message_id: str) -> None:
        if not case.removed:
            case.remove(message_id)
            # The other node's whole round fits in here: files are removed in a thread.
            other = asyncio.run(messages.delete_expired(case.store, case.clock, lambda _: None, 9))
            told.extend(each.id for each in other)

    told: list[str] = []
    ours = asyncio.run(messages.delete_expired(case.store, case.clock, remove_first, 9))
    assert (told, list(ours)) == (["old"], [])
    assert case.counts()["messages_deleted"] == 1


def test_files_of_messages_that_others_deleted_are_removed() -> None:
    case = Case()
    names = [f"m{number:03}" for number in range(250)]
    case.file(*map(recorded, names[::50]))
    removed: list[str] = []
    assert asyncio.run(messages.remove_leftovers(case.store, names, removed.append)) == 245
    assert sorted({*names} - {*removed}) == names[::50]
