"""People: invited and removed, and how they come to a password and another one."""

import asyncio
from operator import methodcaller
from typing import Any

import pytest

from renvoi.application import people
from renvoi.application.errors import OperatorError
from renvoi.application.mailer import Delivery, Sent
from renvoi.application.notice_loop import RETRY_MS
from renvoi.application.outbox.channel import Affected, PermanentFailure, TemporaryFailure
from renvoi.application.person_mail import PersonMail, PersonNotice
from renvoi.application.ports.unit_of_work import Store
from renvoi.application.removals import close_account, settle_removals
from renvoi.application.sessions import session_of
from renvoi.application.sign_in import SignInRefused, TooManyAttempts, begin_session_of_person
from renvoi.domain.access.api_key import EVERY_ACCOUNT
from renvoi.domain.access.person import read_password
from renvoi.domain.access.session import TokenKind
from renvoi.domain.access.sign_in_limits import NETWORK, RESET, STRANGER
from renvoi.domain.email_address import EmailAddress
from renvoi.domain.problem import Problem
from tests.support.http_api import FixedClock
from tests.support.sign_in import AWAY, HOME, OLIVE, OSCAR, PASSWORD, PASSWORDS, add_person, in_store
from tests.support.stores import seed
from tests.support.waiting import wait_until

OTHER = "another good one"


class Post:
    """Takes the mails, one outcome after the other; then all."""

    def __init__(self, *outcomes: Delivery) -> None:
        self.notices: list[PersonNotice] = []
        self._outcomes = list(outcomes)

    async def notify_person(self, notice: PersonNotice) -> Delivery:
        """Take it."""
        self.notices.append(notice)
        return self._outcomes.pop(0) if self._outcomes else Sent("250 ok")

    @property
    def token(self) -> str:
        """The token of the last mail."""
        return self.notices[-1].url.partition("?token=")[2]


async def post(store: Store, clock: FixedClock, to: Post) -> Post:
    """Send what is due."""
    await PersonMail(store, to, clock, "https://renvoi.example")._send_due()
    return to


async def sign_in(store: Store, clock: FixedClock, password: str) -> str:
    """Sign in as Olive; return the cookie."""
    return (await begin_session_of_person(store, clock, PASSWORDS, OLIVE, password, HOME)).token.reveal()


def test_who_is_invited_chooses_a_password_once() -> None:
    async def scenario(store: Store, clock: FixedClock) -> None:
        account_id = await seed(store)
        added = await people.add_person(store, clock, OLIVE, "demo")
        assert (added.account_id, added.password, added.email.value) == (account_id, None, OLIVE)
        with pytest.raises(SignInRefused):
            await sign_in(store, clock, "")
        mails = await post(store, clock, Post())
        (notice,) = mails.notices
        assert (notice.kind, notice.account, notice.person.id) == (TokenKind.INVITATION, "demo", added.id)
        assert notice.url.startswith("https://renvoi.example/sign-in/password?token=")
        assert await people.person_of_token(store, clock, mails.token) == added
        begun = await people.set_password_by_token(store, clock, PASSWORDS, mails.token, PASSWORD, HOME)
        assert await session_of(store, clock, begun.token.reveal(), "192.0.2.7") is not None
        assert await sign_in(store, clock, PASSWORD)
        for token in (mails.token, mails.token[:-1] + "x", "", notice.token_id):
            assert await people.person_of_token(store, clock, token) is None
            with pytest.raises(SignInRefused):
                await people.set_password_by_token(store, clock, PASSWORDS, token, OTHER, HOME)
        assert (await post(store, clock, Post())).notices == []

    in_store(scenario)


def test_a_token_ends_with_time_and_with_the_next_one() -> None:
    async def scenario(store: Store, clock: FixedClock) -> None:
        await add_person(store, PASSWORDS)
        _, kind = await people.send_mail(store, clock, OLIVE)
        first = (await post(store, clock, Post())).token
        await people.send_mail(store, clock, OLIVE)
        second = (await post(store, clock, Post())).token
        assert kind is TokenKind.RESET
        assert await people.person_of_token(store, clock, first) is None
        clock.now += TokenKind.RESET.lasts_ms - 1
        assert await people.person_of_token(store, clock, second) is not None
        clock.now += 1
        assert await people.person_of_token(store, clock, second) is None

    in_store(scenario)


@pytest.mark.parametrize(
    "password",
    [
        "short",
        "x" * 201,
        OLIVE.upper(),
        "aaaaaaaaaaaa",
        "Password1234",
        "MotDePasse2026!",
        "azerty123azerty",
        "1234567890",
        "9876543210",
        "qwertyuiopasdf",
        f"{OLIVE.partition('@')[0]}-123456",
    ],
)
def test_a_bad_password_is_refused_and_the_token_stays_good(password: str) -> None:
    async def scenario(store: Store, clock: FixedClock) -> None:
        await add_person(store, PASSWORDS)
        _, token = await people.make_password_link(store, clock, OLIVE)
        with pytest.raises(Problem) as refused:
            await people.set_password_by_token(store, clock, PASSWORDS, token.reveal(), password, HOME)
        assert [error.pointer for error in refused.value.errors] == ["/password"]
        await people.set_password_by_token(store, clock, PASSWORDS, token.reveal(), OTHER, HOME)

    in_store(scenario)


@pytest.mark.parametrize(
    "password", ["un cheval bleu mange", "password of the bakery", "42 azerty lines", "0199001234", "x7#k2!m9@q"]
)
def test_a_password_that_is_not_tried_first_is_taken(password: str) -> None:
    assert read_password(password, EmailAddress(OLIVE)) == password


def test_a_password_may_be_typed_in_another_way() -> None:
    async def scenario(store: Store, clock: FixedClock) -> None:
        await add_person(store, PASSWORDS)
        await people.set_password(store, PASSWORDS, OLIVE, "un café réglé")
        assert await sign_in(store, clock, "un cafe\N{COMBINING ACUTE ACCENT} re\N{COMBINING ACUTE ACCENT}gle\u0301")

    in_store(scenario)


def test_that_somebody_has_an_address_is_not_told() -> None:
    async def scenario(store: Store, clock: FixedClock) -> None:
        account_id = await seed(store)
        await add_person(store, PASSWORDS, account_id=account_id)
        for email in (OLIVE.upper(), "nobody@example.com", "x\0", ""):
            await people.request_reset(store, clock, email, HOME)
        mails = await post(store, clock, Post())
        assert [notice.person.email.value for notice in mails.notices] == [OLIVE]
        # Nobody's box is filled, and nobody learns that it was not.
        sent = 1
        for _ in range(2 * RESET.burst):
            await people.request_reset(store, clock, OLIVE, HOME)
            sent += len((await post(store, clock, Post())).notices)
        assert sent == RESET.burst
        for _ in range(NETWORK.burst):
            await people.request_reset(store, clock, "nobody@example.com", AWAY)
        with pytest.raises(TooManyAttempts):
            await people.request_reset(store, clock, OSCAR, AWAY)
        clock.now += RESET.interval_ms
        await close_account(store, clock, str(account_id))
        await people.request_reset(store, clock, OLIVE, HOME)
        assert (await post(store, clock, Post())).notices == []

    in_store(scenario)


def test_who_asks_for_a_mail_takes_no_link_from_its_owner() -> None:
    async def scenario(store: Store, clock: FixedClock) -> None:
        await people.add_person(store, clock, OLIVE, None)
        mails = await post(store, clock, Post())
        invitation = mails.token
        await people.request_reset(store, clock, OLIVE, AWAY)
        await post(store, clock, mails)
        assert [each.kind for each in mails.notices] == [TokenKind.INVITATION, TokenKind.RESET]
        assert mails.token != invitation
        assert await people.person_of_token(store, clock, mails.token) is not None
        await people.set_password_by_token(store, clock, PASSWORDS, invitation, OTHER, HOME)
        assert await people.person_of_token(store, clock, mails.token) is None

    in_store(scenario)


def test_a_reset_ends_all_sessions_and_every_lock() -> None:
    async def scenario(store: Store, clock: FixedClock) -> None:
        await add_person(store, PASSWORDS)
        cookie = await sign_in(store, clock, PASSWORD)
        for _ in range(STRANGER.burst):
            with pytest.raises(SignInRefused):
                await begin_session_of_person(store, clock, PASSWORDS, OLIVE, "wrong", AWAY)
        with pytest.raises(TooManyAttempts):
            await begin_session_of_person(store, clock, PASSWORDS, OLIVE, PASSWORD, AWAY)
        _, token = await people.make_password_link(store, clock, OLIVE)
        await people.set_password_by_token(store, clock, PASSWORDS, token.reveal(), OTHER, AWAY)
        assert await session_of(store, clock, cookie, "192.0.2.7") is None
        await begin_session_of_person(store, clock, PASSWORDS, OLIVE, OTHER, AWAY)

    in_store(scenario)


def test_another_password_ends_the_other_sessions() -> None:
    async def scenario(store: Store, clock: FixedClock) -> None:
        await add_person(store, PASSWORDS)
        mine, other = [await sign_in(store, clock, PASSWORD) for _ in range(2)]
        session = await session_of(store, clock, mine, "192.0.2.7")
        assert session is not None
        with pytest.raises(SignInRefused):
            await people.change_password(store, clock, PASSWORDS, session, "wrong", OTHER)
        with pytest.raises(Problem):
            await people.change_password(store, clock, PASSWORDS, session, PASSWORD, "short")
        await people.change_password(store, clock, PASSWORDS, session, PASSWORD, OTHER)
        assert await session_of(store, clock, mine, "192.0.2.7") is not None
        assert await session_of(store, clock, other, "192.0.2.7") is None
        with pytest.raises(SignInRefused):
            await sign_in(store, clock, PASSWORD)
        await sign_in(store, clock, OTHER)

    in_store(scenario)


@pytest.mark.parametrize("outcome", [TemporaryFailure("450 busy", Affected.ITEM), PermanentFailure("550 no")], ids=repr)
def test_a_mail_that_cannot_be_sent_now_is_tried_again(outcome: Any) -> None:
    async def scenario(store: Store, clock: FixedClock) -> None:
        await people.add_person(store, clock, OLIVE, None)
        mails = await post(store, clock, Post(outcome))
        clock.now += RETRY_MS - 1
        assert len((await post(store, clock, mails)).notices) == 1
        clock.now += 1
        await post(store, clock, mails)
        assert len(mails.notices) == (2 if isinstance(outcome, TemporaryFailure) else 1)
        assert await people.person_of_token(store, clock, mails.token) is not None

    in_store(scenario)


def test_mails_are_sent_when_they_are_looked_for() -> None:
    async def scenario(store: Store, clock: FixedClock) -> None:
        mails, stop = Post(), asyncio.Event()
        sender = PersonMail(store, mails, clock, "https://renvoi.example", period_s=60)
        running = asyncio.create_task(sender.run(stop))
        await people.add_person(store, clock, OLIVE, None)
        sender.look()

        async def is_sent() -> bool:
            return len(mails.notices) == 1

        await wait_until(is_sent, "the mail")
        stop.set()
        await running

    in_store(scenario)


def test_people_are_found_listed_and_removed() -> None:
    async def scenario(store: Store, clock: FixedClock) -> None:
        account_id = await seed(store)
        olive = await people.add_person(store, clock, OLIVE, str(account_id), invite=False)
        oscar = await people.add_person(store, clock, OSCAR, None)
        assert oscar.account_id == EVERY_ACCOUNT
        assert list(await people.list_people(store)) == [oscar, olive]
        assert list(await people.list_people(store, "demo")) == [olive]
        assert list(await people.list_people(store, operators=True)) == [oscar]
        assert (
            await people.find_person(store, olive.id) == await people.find_person(store, f" {OLIVE.upper()}") == olive
        )
        for email, account in ((OLIVE.upper(), None), ("x", None)):
            with pytest.raises(Problem):
                await people.add_person(store, clock, email, account)
        with pytest.raises(OperatorError, match="nobody"):
            await people.add_person(store, clock, "a@example.com", "nobody")
        await people.remove_person(store, OSCAR)
        with pytest.raises(OperatorError, match=OSCAR):
            await people.remove_person(store, OSCAR)
        # Those of a closed account go with it, and their addresses are free.
        await close_account(store, clock, "demo")
        await settle_removals(store, clock, lambda *_: None)
        assert await store.read(methodcaller("person", olive.id)) is None

    in_store(scenario)
