"""What the command line lists, shows, changes and removes of what is in `full_store`, and which refusals are right."""

import csv
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any, Protocol

import pytest

from renvoi.adapters.sql.compiled_statements import Statements
from tests.support.damaged_rows import Damage
from tests.support.everything_asked import differences

ASKED: Mapping[str, Sequence[str]] = {
    "account close": ("account close {accounts} --yes",),
    "account list": ("account list",),
    "account set": ("account set {accounts} --locale fr",),
    "account show": ("account show {accounts}",),
    "audit": ("audit", "audit --former", "audit --account 1"),
    "calls": ("calls", "calls --csv"),
    "calls show": ("calls show {calls}",),
    "events": ("events --account 1", "events --node"),
    "explain": ("explain {numbers} --from +33140000001",),
    "forward": ("forward {numbers} --voicemail owner@example.net",),
    "greeting reset": ("greeting reset {numbers}",),
    "greeting show": ("greeting show {numbers}",),
    "key history": ("key history {keys}", "key history {operators}"),
    "key list": ("key list", "key list --operator", "key list --account 1"),
    "key revoke": ("key revoke {keys}", "key revoke {operators}"),
    "key rotate": ("key rotate {keys}",),
    "key set": ("key set {keys} --name new",),
    "key show": ("key show {keys}", "key show {operators}"),
    "limits set": ("limits set {accounts} --calls 7",),
    "limits show": ("limits show", "limits show {accounts}"),
    "messages": ("messages",),
    "messages delete": ("messages delete {messages}",),
    "messages heard": ("messages heard {messages}",),
    "messages list": ("messages list",),
    "messages resend": ("messages resend {messages}",),
    "messages show": ("messages show {messages}",),
    "messages unheard": ("messages unheard {messages}",),
    "number activate": ("number activate {numbers}",),
    "number deactivate": ("number deactivate {numbers}",),
    "number disable-forwarding": ("number disable-forwarding {numbers}",),
    "number enable-forwarding": ("number enable-forwarding {numbers}",),
    "number list": ("number list", "number list --account 1"),
    "number move": ("number move {numbers} 1",),
    "number remove": ("number remove {numbers} --yes", "number remove {numbers} --keep-messages --yes"),
    "number show": ("number show {numbers}",),
    "policy history": ("policy history", "policy history {accounts}"),
    "policy set": ("policy set {accounts} --countries FR",),
    "policy show": ("policy show", "policy show {accounts}"),
    "rates show": ("rates show",),
    "trunk list": ("trunk list",),
    "trunk remove": ("trunk remove {trunks}",),
    "user list": ("user list", "user list --operator", "user list --account 1"),
    "user remove": ("user remove {users}",),
    "webhook deliveries": ("webhook deliveries {webhooks}",),
    "webhook history": ("webhook history", "webhook history {webhooks}"),
    "webhook list": ("webhook list", "webhook list --account 1"),
    "webhook redeliver": ("webhook redeliver {deliveries}",),
    "webhook remove": ("webhook remove {webhooks}",),
    "webhook set": ("webhook set {webhooks} --description new",),
    "webhook show": ("webhook show {webhooks}",),
}
"""Commands, and how they are asked: a noun stands for each of the things of its kind."""
NOT_ASKED: Mapping[str, str] = {
    **dict.fromkeys(("backup", "migrate"), "they copy a store, with what is damaged in it (test_backup.py)"),
    "check": "what it reads of the store are accounts, trunks and rules, by what lists of them use, in a second a time",
    **dict.fromkeys(("serve", "try", "trunk test"), "they want a node, or are one"),
    **dict.fromkeys(("greeting set", "messages link", "messages save"), "they want audio, or the key of links"),
    **dict.fromkeys(("rates import", "rules import", "number import"), "they read a file, and write what is in it"),
    **dict.fromkeys(("user invite", "user reset-password"), "they want a mail server, and are `user list` besides"),
    **dict.fromkeys(("webhook rotate-secret", "webhook test"), "they want the key of secrets, or a node"),
    **dict.fromkeys(("trunk add", "trunk set"), "one trunk that is damaged refuses them (test_unreadable_rows.py)"),
    **dict.fromkeys(("account add", "demo", "key add", "number add", "user add", "webhook add"), "they only add"),
    "sign-in-link": "it only adds a token",
    "trunk presets": "it does not open the store",
}
"""Commands that no store of damaged rows is asked with, and why."""
THINGS: Mapping[str, tuple[str, str, str]] = {
    "accounts": ("accounts", "id", "id"),
    "calls": ("calls", "call_id", "account_id"),
    "deliveries": ("webhook_deliveries", "webhook_id || ' ' || id", "0"),
    "keys": ("api_keys", "id", "account_id"),
    "messages": ("messages", "id", "account_id"),
    "numbers": ("numbers", "'+' || number", "account_id"),
    "operators": ("operator_keys", "id", "0"),
    "trunks": ("trunks", "name", "0"),
    "users": ("users", "id", "account_id"),
    "webhooks": ("webhooks", "id", "account_id"),
}
"""Nouns with their tables, and how these name a thing and its account."""
MOST_ASKED = 400
"""Statements that one command needs at the most: one that never ends needs more."""
NEWER = {"accounts.policy_version", "numbers.routing_version", "trunks.options_version"}
"""Columns whose damage is taken for a newer renvoi's: each command names the row, and refuses the store."""


class Endless(AssertionError):
    """A command asks the store again and again."""


class Ran(Protocol):
    """What a command came to."""

    @property
    def code(self) -> int: ...

    @property
    def out(self) -> str: ...

    @property
    def err(self) -> str: ...


@dataclass(frozen=True)
class Asked:
    """A command, the things that it names, and the accounts that have them."""

    template: str
    words: tuple[str, ...]
    things: frozenset[str]
    owners: frozenset[str]

    def __str__(self) -> str:
        return f"renvoi {' '.join(self.words)}"


class Commands:
    """What can be asked of a filled store by commands, and what they said while it was whole."""

    def __init__(self, run: Callable[..., Ran], things: Mapping[str, Sequence[tuple[str, str]]]) -> None:
        self._run = run
        self._whole: dict[tuple[str, ...], list[str]] = {}
        self.all = list(_every_command(things))

    def note_whole(self, each: Asked) -> bool:
        """Run a command on the whole store, a list in each of its forms, and keep what it lists.

        False: it is refused there, as one that moves a number to whom it belongs.
        """
        for form in forms_of(each):
            ran = self._asked(each, form)
            if ran.code:
                return False
            if form and not _is_list(ran.out):
                return True
            self._whole[each.words + form] = _names_in(each, ran.out)
        return True

    def _asked(self, each: Asked, form: tuple[str, ...]) -> Ran:
        left = MOST_ASKED
        bind = Statements.bind

        def counted(self: Statements, *values: Any) -> Any:
            nonlocal left
            left -= 1
            if left < 0:
                raise Endless(f"the store was asked {MOST_ASKED} times")
            return bind(self, *values)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Statements, "bind", counted)
            return self._run(*each.words, *form)

    def fault(self, each: Asked, form: tuple[str, ...], damage: Damage, hanging: frozenset[str], *, lacks: bool) -> str:
        """Return what is wrong with a command on a store with that damage, "" if all is well.

        What names something of the damaged row, whose values are `hanging`, may be refused; its list may lack that row
        if it `lacks` it.
        """
        words = each.words + form
        try:
            ran = self._asked(each, form)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is what is looked for
            return f"{each} {form}: {error!r:.300}"
        if ran.code:
            table = damage.column.table.name
            is_told = ran.code == 1 and "renvoi: " in ran.err
            may = f"{table}.{damage.column.name}" in NEWER or bool(each.things & hanging)
            may = may or (table == "accounts" and bool(each.owners & hanging))
            return "" if is_told and may else f"{each} {form}: exit code {ran.code}: {ran.err[-300:]}"
        if words not in self._whole:
            return ""
        whole, shown = self._whole[words], _names_in(each, ran.out)
        faults = list(differences(whole, shown, lacks))
        if lacks and faults:
            # What says whose a row is may say that it is in this list.
            faults = list(differences(shown, whole, lacks))
        return "; ".join(f"{each} {form}: {text}" for text in faults)


def forms_of(each: Asked) -> Sequence[tuple[str, ...]]:
    """Return what a command may be given so that it writes in another form."""
    return ((),) if "--csv" in each.words else (("--json",), ())


def _is_list(output: str) -> bool:
    """Tell whether JSON that a command wrote, or CSV, is a list: one document, or a line for each element."""
    return not output.startswith("{") or len(output.splitlines()) > 1


def _names_in(each: Asked, output: str) -> list[str]:
    """Return what names the elements of a list: JSON, lines of JSON, CSV, or a table, whose first column does."""
    lines = output.splitlines()
    if output.startswith("["):
        found = [_name(element) for element in json.loads(output)]
    elif output.startswith("{"):
        found = [_name(json.loads(line)) for line in lines]
    elif "--csv" in each.words:
        found = [row[0] for row in csv.reader(lines)]
    else:
        found = [line.partition("\t")[0] for line in lines if "\t" in line]
    # A trunk has a row for each of its sides.
    return list(dict.fromkeys(found)) if each.words[:2] == ("trunk", "list") else found


def _name(element: Mapping[str, Any]) -> str:
    names = ("id", "call_id", "number", "name", "prefix", "revision", "at", "account_id", "webhook")
    return next(str(element[name]) for name in names if name in element)


def _every_command(things: Mapping[str, Sequence[tuple[str, str]]]) -> Iterator[Asked]:
    """Yield each command of `ASKED` for each of these things, of which there are names and accounts by noun."""
    for template in (template for templates in ASKED.values() for template in templates):
        nouns = [word[1:-1] for word in template.split() if word.startswith("{")]
        for chosen in product(*(things[noun] for noun in nouns)):
            text = template.format(**{noun: name for noun, (name, _) in zip(nouns, chosen, strict=True)})
            names = frozenset(part.lstrip("+") for name, _ in chosen for part in name.split())
            yield Asked(template, tuple(text.split()), names, frozenset(owner for _, owner in chosen))
