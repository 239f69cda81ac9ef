"""Who made a change, as pages show it: names, never those of others."""

from dataclasses import replace

import pytest

from renvoi.application.auth import COMMAND_LINE
from renvoi.application.ports.accounts import AuditEntry
from renvoi.application.ports.unit_of_work import Writer
from renvoi.domain.access.api_key import EVERY_ACCOUNT, ApiKey, KeyRecord
from renvoi.domain.access.person import Person
from renvoi.domain.email_address import EmailAddress
from renvoi.domain.numbers.number import E164, NO_REGION
from renvoi.domain.rules.rule import Rule
from tests.support.dashboard_api import Pages
from tests.support.http_api import NUMBER, START_MS, TARGET
from tests.support.v2_api import OPERATOR_KEY
from tests.support.v2_kept import CALL

OWN, UNLABELLED, FOREIGN = (ApiKey(f"0{name}0000000000"[:12], "k" * 43) for name in "abc")
OLIVE = Person("usr_0a0b0c0d0e0f", 1, EmailAddress("olive@example.com"), START_MS)
SOMEBODY = Person("usr_0b0b0b0b0b0b", EVERY_ACCOUNT, EmailAddress("somebody@host.example"), START_MS)
RULE = replace(Rule.forward(E164(TARGET)), revision=3)


def put_who(writer: Writer) -> None:
    writer.add_key(KeyRecord(OWN.id, 1, OWN.hash(), "FR", label="the <shop>"))
    writer.add_key(KeyRecord(UNLABELLED.id, 1, UNLABELLED.hash(), "FR"))
    writer.add_key(KeyRecord(FOREIGN.id, 2, FOREIGN.hash(), "FR", label="of another account"))
    writer.add_key(KeyRecord(OPERATOR_KEY.id, EVERY_ACCOUNT, OPERATOR_KEY.hash(), NO_REGION))
    writer.add_person(OLIVE)
    writer.add_person(SOMEBODY)


@pytest.mark.parametrize(
    ("actor", "own", "to_operators"),
    [
        (None, '<span title="cli">the operator</span>', '<span title="cli">the operator</span>'),
        (OWN.id, f'<span title="key_{OWN.id}, cli">the &lt;shop&gt;</span>', None),
        (OLIVE.id, f'<span title="{OLIVE.id}, cli">olive@example.com</span>', None),
        (UNLABELLED.id, f'<span title="key_{UNLABELLED.id}, cli">key_{UNLABELLED.id}</span>', None),
        ("0d0d0d0d0d0d", '<span title="key_0d0d0d0d0d0d, cli">key_0d0d0d0d0d0d</span>', None),
        (FOREIGN.id, f'<span title="key_{FOREIGN.id}, cli">key_{FOREIGN.id}</span>', ">of another account<"),
        (SOMEBODY.id, f'<span title="{SOMEBODY.id}, cli">the operator</span>', ">somebody@host.example<"),
        (OPERATOR_KEY.id, f'<span title="key_{OPERATOR_KEY.id}, cli">the operator</span>', f">key_{OPERATOR_KEY.id}<"),
    ],
)
def test_who_set_the_rule_of_a_call_is_named(actor: str | None, own: str, to_operators: str | None) -> None:
    pages = Pages()
    pages.write(put_who)
    pages.write(lambda writer: writer.put_call(CALL))
    entry = AuditEntry(START_MS - 60_000, NUMBER, 1, actor, "cli", Rule(), RULE)
    pages.write(lambda writer: writer.add_audit(entry))
    for path in ("/calls/call_1", f"/numbers/{NUMBER}"):
        assert own in pages.visit(path).text
    pages.sign_in(OPERATOR_KEY)
    assert (to_operators or own) in pages.visit("/calls/call_1").text


def test_the_command_line_is_named_in_the_language_of_the_page() -> None:
    pages = Pages()
    pages.write(lambda writer: writer.put_call(CALL))
    entry = AuditEntry(START_MS - 60_000, NUMBER, 1, None, COMMAND_LINE, Rule(), RULE)
    pages.write(lambda writer: writer.add_audit(entry))
    for path in ("/calls/call_1", f"/numbers/{NUMBER}"):
        assert '<span title="ligne de commande">l’exploitant</span>' in pages.visit(path, language="fr").text
