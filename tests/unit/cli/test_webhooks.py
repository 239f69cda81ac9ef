"""`renvoi webhook history`."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from renvoi.adapters.sql.sqlite import open_sqlite
from renvoi.application.webhooks.outcomes import disable
from renvoi.domain.events.webhook import DisabledReason
from tests.unit.cli.conftest import Cli

URL = "https://example.com/hook"


def test_who_changed_which_webhook(acme: Cli) -> None:
    assert "no changes are known" in acme("webhook", "history").err
    made = acme("webhook", "add", URL, "--account", "acme", "--json").json
    node = acme("webhook", "add", URL, "--node", "--json").json
    webhook = made["id"]
    acme("webhook", "set", webhook, "--description", "CRM")
    other = "https://example.com/other"
    acme("webhook", "set", webhook, "--disable", "--url", other, "--description", "other")
    acme("webhook", "set", webhook, "--enable")
    rotated = acme("webhook", "rotate-secret", webhook, "--json").json
    acme("webhook", "remove", webhook)
    ran = acme("webhook", "history", webhook, "--json")
    assert [each["what"] for each in ran.json] == [
        "removed",
        "rotated",
        "enabled",
        "disabled, changed url, description",
        "changed description",
        "made",
    ]
    assert [each["description"] for each in ran.json] == ["other", "other", "other", "other", "CRM", ""]
    assert ran.json[-1] == {
        "at": ran.json[-1]["at"],
        "webhook": webhook,
        "account": "acc_1",
        "by": "command line",
        "address": "command line",
        "what": "made",
        "url": URL,
        "types": ["*"],
        "numbers": [],
        "description": "",
        "enabled": True,
    }
    assert made["account"] == "acc_1"
    assert made["secret"] not in ran.out
    assert rotated["secret"] not in ran.out
    everything = acme("webhook", "history", "--json").json
    assert [each["webhook"] for each in everything].count(node["id"]) == 1
    assert len(everything) == 7
    assert len(acme("webhook", "history", "--account", "acme", "--limit", "4", "--json").json) == 4


@pytest.mark.parametrize("webhook", ["junk", "wh_zz", "wh_019b76daa8000d0d0d0d0d0d"])
def test_a_webhook_of_which_nothing_is_known_is_told(acme: Cli, webhook: str) -> None:
    for more in ((), ("--account", "acme"), ("--json",)):
        ran = acme("webhook", "history", webhook, *more)
        assert (ran.code, ran.out) == (1, "")
        assert "There is no such webhook" in ran.err


def test_a_webhook_whose_trail_is_not_kept_has_no_changes(acme: Cli, data: Path) -> None:
    webhook = acme("webhook", "add", URL, "--account", "acme", "--json").json["id"]
    with closing(sqlite3.connect(data / "renvoi.db")) as store, store:
        store.execute("DELETE FROM webhook_changes")
    ran = acme("webhook", "history", webhook)
    assert (ran.code, ran.err) == (0, "no changes are known\n")


def test_what_renvoi_disabled_itself_is_told_with_the_reason(acme: Cli, data: Path) -> None:
    webhook = acme("webhook", "add", URL, "--account", "acme", "--json").json["id"]

    async def fail() -> None:
        store = await open_sqlite(data / "renvoi.db")
        try:
            (found,) = await store.read(lambda reader: reader.webhooks())
            await store.write(lambda writer: disable(writer, found, DisabledReason.FAILING, 1_000))
        finally:
            await store.close()

    asyncio.run(fail())
    acme("webhook", "set", webhook, "--enable")
    enabled, disabled, _ = acme("webhook", "history", webhook, "--json").json
    assert (disabled["what"], disabled["by"], disabled["address"]) == ("disabled (failing)", "renvoi", "renvoi")
    assert (enabled["what"], enabled["by"]) == ("enabled", "command line")
    assert "renvoi\tdisabled (failing)" in acme("webhook", "history", webhook).out
