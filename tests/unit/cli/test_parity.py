"""What the command line can do `/v2` can do, and the other way round: both lists are held together here.

Whoever adds a command or an operation adds it to `SAME`, or says in `ONLY_COMMANDS` or `ONLY_OPERATIONS` why it has no
counterpart.
"""

from collections.abc import Mapping

from renvoi.http.v2.app import V2
from tests.support.v2_api import V2Api
from tests.unit.cli.test_documented import LEAVES

SAME: Mapping[str, tuple[str, ...]] = {
    "account add": ("admin.accounts.create",),
    "account close": ("admin.accounts.close", "admin.removals.get"),
    "account list": ("admin.accounts.list",),
    "account set": ("admin.accounts.update", "account.update"),
    "account show": ("admin.accounts.get", "account.get", "admin.removals.list"),
    "audit": ("admin.changes.list", "forwarding.history"),
    "calls": ("calls.list",),
    "calls show": ("calls.get",),
    "check": ("admin.node.get",),
    "events": ("events.list",),
    "explain": ("forwarding.explain",),
    "forward": ("forwarding.replace", "forwarding.update", "forwarding.undo"),
    "greeting reset": ("greeting.reset",),
    "greeting set": ("greeting.set",),
    "greeting show": ("greeting.get", "greeting.state"),
    "key add": ("keys.create",),
    "key history": ("keys.history",),
    "key list": ("keys.list",),
    "key revoke": ("keys.delete",),
    "key rotate": ("keys.rotate",),
    "key set": ("keys.update",),
    "key show": ("keys.get",),
    "limits set": ("admin.limits.update",),
    "limits show": ("admin.limits.get",),
    "messages": ("messages.list",),
    "messages delete": ("messages.delete",),
    "messages heard": ("messages.update",),
    "messages link": ("messages.link", "audio.get"),
    "messages list": ("messages.list",),
    "messages resend": ("messages.resend",),
    "messages save": ("messages.audio",),
    "messages show": ("messages.get",),
    "messages unheard": ("messages.update",),
    "number activate": ("numbers.update", "admin.numbers.update"),
    "number add": ("admin.numbers.create",),
    "number deactivate": ("numbers.update", "admin.numbers.update"),
    "number disable-forwarding": ("admin.numbers.update",),
    "number enable-forwarding": ("admin.numbers.update",),
    "number import": ("admin.numbers.import",),
    "number list": ("numbers.list", "admin.numbers.list"),
    "number move": ("admin.numbers.update",),
    "number remove": ("admin.numbers.remove",),
    "number show": ("numbers.get", "forwarding.get", "admin.numbers.get"),
    "policy history": ("admin.policies.history",),
    "policy set": ("admin.policies.update",),
    "policy show": ("admin.policies.get",),
    "rates import": ("admin.rates.replace",),
    "rates show": ("admin.rates.list",),
    "rules import": ("forwarding.batch",),
    "trunk add": ("admin.trunks.create",),
    "trunk list": ("admin.trunks.list", "admin.trunks.get"),
    "trunk presets": ("admin.trunk_presets.list",),
    "trunk remove": ("admin.trunks.remove",),
    "trunk set": ("admin.trunks.update",),
    "trunk test": ("admin.trunks.test",),
    "webhook add": ("webhooks.create",),
    "webhook deliveries": ("webhooks.deliveries",),
    "webhook history": ("webhooks.changes",),
    "webhook list": ("webhooks.list",),
    "webhook redeliver": ("webhooks.redeliver",),
    "webhook remove": ("webhooks.delete",),
    "webhook rotate-secret": ("webhooks.rotate_secret",),
    "webhook set": ("webhooks.update",),
    "webhook show": ("webhooks.get",),
    "webhook test": ("webhooks.test",),
}
"""Commands, and the operations that do the same."""
ONLY_COMMANDS: Mapping[str, str] = {
    "backup": "it writes a file of this machine's disk; whoever may read it has everything",
    "demo": "it makes an account with a key to try things out, on a machine that one sits at",
    "migrate": "no node serves on a store whose schema is not up to date, or that moves elsewhere",
    "serve": "it starts what would answer",
    "sign-in-link": "it lets whoever sits at the machine in, and nobody else",
    "try": "it opens a SIP port of this machine, and plays a caller",
    **dict.fromkeys(
        ("user add", "user invite", "user list", "user remove", "user reset-password"),
        "people are managed at the machine and by invitation: a key that is stolen must not make itself a password",
    ),
}
"""Commands without an operation, and why."""
ONLY_OPERATIONS: Mapping[str, str] = {}
"""Operations without a command, and why."""


def operations() -> set[str]:
    found = V2Api().app._v2  # type: ignore[attr-defined]  # what `create_app` returns is the Middleware
    assert isinstance(found, V2)
    return {route.name_of_operation for route in found.operations()}


def test_every_command_has_its_operations_or_a_reason_why_not() -> None:
    assert not SAME.keys() & ONLY_COMMANDS.keys()
    assert set(LEAVES) == SAME.keys() | ONLY_COMMANDS.keys()


def test_every_operation_has_its_command_or_a_reason_why_not() -> None:
    named = {name for names in SAME.values() for name in names}
    assert not named & ONLY_OPERATIONS.keys()
    assert operations() == named | ONLY_OPERATIONS.keys()


def test_the_reasons_are_said() -> None:
    assert all(len(reason) > 20 for reason in (*ONLY_COMMANDS.values(), *ONLY_OPERATIONS.values()))
