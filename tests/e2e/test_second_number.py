"""A rule with most of its options, from the command line to the mails: two numbers, a voicemail, several recipients."""

from collections.abc import Iterator

import pytest

from tests.e2e.test_nodes import Trunk
from tests.support.callers import Caller
from tests.support.node import NUMBER, TARGET, Node
from tests.support.smtp import Inbox, Received
from tests.support.waiting import wait_for

OTHER = "+33140000009"
OWNERS = ("owner@example.com", "office@example.net", "third@example.org")


@pytest.fixture(scope="module")
def trunk() -> Iterator[Trunk]:
    with Trunk() as trunk:
        yield trunk


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory, inbox: Inbox, trunk: Trunk) -> Iterator[Node]:
    """Run a node whose mails go to `inbox`, with a number whose two targets are busy."""
    made = Node(tmp_path_factory.mktemp("node"))
    made.configure(smtp_url=inbox.url(), mail_retry_s=0.2)
    made.renvoi("trunk", "add", "busy", "--outbound", trunk.uri)
    emails = [word for owner in OWNERS for word in ("--email", owner)]
    made.renvoi("forward", NUMBER, "--to", TARGET, "--busy", f"{OTHER},voicemail", *emails, "--missed-calls")
    try:
        made.start()
        yield made
    finally:
        made.stop()


def mails_of(caller: Caller, inbox: Inbox) -> list[Received]:
    """Wait for the mails about a caller, one for each recipient."""
    shown = caller.number[-2:]

    def found() -> list[Received]:
        digits = caller.number.removeprefix("+")
        told = [mail for mail in inbox.mails if digits in "".join(filter(str.isdigit, str(mail.message["Subject"])))]
        return told if len(told) >= len(OWNERS) else []

    mails: list[Received] = wait_for(found, f"the mails about the caller who ends with {shown}", 20)
    assert sorted(address for mail in mails for address in mail.recipients) == sorted(OWNERS)
    return mails


def test_a_message_that_is_left_behind_two_busy_numbers_reaches_everybody(node: Node, inbox: Inbox) -> None:
    with Caller(node.edge, NUMBER) as caller:
        assert caller.connect() == 200
        assert caller.wait_for_beep()
        assert caller.talk(2).hang_up() == 200
        mails = mails_of(caller, inbox)
    assert all(mail.message["Subject"].startswith("Voicemail from") for mail in mails)
    assert len({mail.message["Message-ID"] for mail in mails}) == len(OWNERS)
    wait_for(lambda: node.record(caller.call_id)["missed"] is False, "the record of the message", 20)
    record = node.record(caller.call_id)
    assert (record["decision"], record["reason"], record["target"]) == ("voicemail", "busy", OTHER)
    (shown,) = node.renvoi("calls", "show", caller.call_id)
    assert [leg["status"] for leg in shown["ladder"]] == [486, 486, 200]
    (message,) = node.renvoi("messages")
    assert [message["recipient"], *(mail["recipient"] for mail in message["other_mails"])] == list(OWNERS)

    def states() -> set[str]:
        (message,) = node.renvoi("messages")
        return {message["mail_state"], *(mail["state"] for mail in message["other_mails"])}

    # Each is stored when the mail server has it.
    wait_for(lambda: states() == {"sent"}, lambda: f"the outcome of the mails ({states()})", 20)


def test_a_caller_who_says_nothing_is_a_missed_call(node: Node, inbox: Inbox) -> None:
    with Caller(node.edge, NUMBER) as caller:
        assert caller.connect() == 200
        assert caller.hang_up() == 200
        mails = mails_of(caller, inbox)
    assert all(mail.message["Subject"].startswith("Missed call from") for mail in mails)
    assert all("left no message" in mail.message.get_content() for mail in mails)


def test_a_blocked_caller_is_declined_and_told_of_to_nobody(node: Node, inbox: Inbox) -> None:
    with Caller(node.edge, NUMBER) as caller:
        node.renvoi("forward", NUMBER, "--block", caller.number, "--anonymous", "reject")
        assert caller.connect() == 603
        record = node.record(caller.call_id)
        assert (record["decision"], record["reason"], record["status"]) == ("reject", "blocked", 603)
        explained = node.renvoi("explain", NUMBER, "--from", caller.number)
        assert (explained["decision"], explained["reason"]) == ("reject", "blocked")
        assert node.renvoi("explain", NUMBER, "--from", "anonymous")["reason"] == "anonymous"
        assert not [mail for mail in inbox.mails if caller.number[4:] in mail.content.decode().replace(" ", "")]
