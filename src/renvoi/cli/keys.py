"""`renvoi key`."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Annotated

import typer

from renvoi.application import keys
from renvoi.application.accounts import find_account, find_any_account
from renvoi.application.auth import operator_everywhere, operator_for
from renvoi.application.keys import KEEP, LONGEST_KEEP, KeyView, KeyWish
from renvoi.application.ports.keys import KeyChange
from renvoi.application.ports.unit_of_work import Store
from renvoi.cli.base import EVERY, Data, Json, group, program_of, read_numbers, usage_error, whole, with_store
from renvoi.cli.output import COMING_HELP, actor_text, read_coming, show_json, show_rows, time_text
from renvoi.domain.access.api_key import ApiKey, Principal
from renvoi.domain.access.rights import EVERYTHING, ScopeUnknown, read_scopes, written_scopes
from renvoi.domain.ids import IdKind, written
from renvoi.domain.numbers.number import E164

key_commands = group("The keys that customers' programs and operators' programs use.")

_ALL, _NEVER = "all", "never"
KeyId = Annotated[str, typer.Argument(metavar="ID", help="The key's id")]
Name = Annotated[str | None, typer.Option("--name", help="Label, for your own eyes")]
Scopes = Annotated[
    list[str] | None, typer.Option("--scope", help=f"A scope of the key, repeat it for more; {EVERYTHING} for all")
]
Numbers = Annotated[
    list[str] | None,
    typer.Option("--number", help=f"A number that the key is limited to, repeat it for more; {_ALL} for all"),
]
Expires = Annotated[
    str | None, typer.Option("--expires", metavar="TIME", help=f"When it ends: {COMING_HELP}; {_NEVER}")
]


@key_commands.command("add")
def add_key(
    ctx: typer.Context,
    account: Annotated[str | None, typer.Argument(help="Account, by name or id")] = None,
    operator: Annotated[bool, typer.Option("--operator", help="A key of an operator, for all accounts")] = False,
    name: Name = None,
    scope: Scopes = None,
    number: Numbers = None,
    expires: Expires = None,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Add a key and print it: this is the only time that it is shown. Without --scope it may do everything."""
    if (account is None) != operator:
        usage_error("give an account, or --operator for a key of an operator")
    clock = program_of(ctx).clock
    now_ms = clock.now_ms()
    scopes = _scopes(scope or [EVERYTHING], is_operator=operator)

    async def add(store: Store) -> keys.NewSecret:
        who = await _whoever(store, account)
        wish = KeyWish(name or "", scopes, _numbers(number or [], who.region), _expiry(expires or _NEVER, now_ms))
        return await keys.create_key(store, clock, who, wish, of_operator=operator)

    made = with_store(ctx, data, add)
    _show_new(made, as_json=as_json)


@key_commands.command("list")
def list_keys(
    ctx: typer.Context,
    account: Annotated[str | None, typer.Option(help="Only of this account, by name or id")] = None,
    operator: Annotated[bool, typer.Option("--operator", help="Only those of operators")] = False,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """List the keys, without their secrets, and when each was used last (as known since a minute or two)."""
    if account is not None and operator:
        usage_error("give --account or --operator")

    async def find(store: Store) -> list[KeyView]:
        who = await _whoever(store, account, reads=True)
        found: list[KeyView] = []
        for of_operators in (False, True):
            if (of_operators and account is not None) or (operator and not of_operators):
                continue
            # At once, as all are kept anyway: a page would need its place, which a damaged row may not have.
            found += await keys.keys_page(store, who, None, EVERY, of_operators=of_operators)
        return found

    rows = [_row(view) for view in with_store(ctx, data, find)]
    show_rows(rows, as_json=as_json, empty="no keys: `renvoi key add ACCOUNT` makes one")


@key_commands.command("show")
def show_key(ctx: typer.Context, key_id: KeyId, data: Data = None, as_json: Json = False) -> None:
    """Show a key, without its secret."""
    view = with_store(ctx, data, lambda store: keys.read_key(store, operator_everywhere(), _id(key_id)))
    _show(view, as_json=as_json)


@key_commands.command("set")
def change_key(
    ctx: typer.Context,
    key_id: KeyId,
    name: Name = None,
    scope: Scopes = None,
    number: Numbers = None,
    expires: Expires = None,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Change a key, from the next request on; what is not given stays."""
    if (name, scope, number, expires) == (None,) * 4:
        usage_error("give one of --name, --scope, --number and --expires")
    clock, wanted = program_of(ctx).clock, _id(key_id)
    is_operator = wanted.startswith("op_")
    scopes = _scopes(scope, is_operator=is_operator) if scope else None

    async def change(store: Store) -> KeyView:
        region = (await keys.read_key(store, operator_everywhere(), wanted)).record.region

        def edit(wish: KeyWish) -> KeyWish:
            return replace(
                wish,
                label=wish.label if name is None else name,
                scopes=wish.scopes if scopes is None else scopes,
                numbers=wish.numbers if number is None else _numbers(number, region),
                expires_at_ms=wish.expires_at_ms if expires is None else _expiry(expires, clock.now_ms()),
            )

        return await keys.change_key(store, clock, operator_everywhere(), wanted, edit)

    _show(with_store(ctx, data, change), as_json=as_json)


@key_commands.command("rotate")
def rotate_key(
    ctx: typer.Context,
    key_id: KeyId,
    keep: Annotated[
        int,
        whole("Seconds for which the previous secret stays valid; 0: none", 0, int(LONGEST_KEEP.total_seconds())),
    ] = int(KEEP.total_seconds()),
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Give a key another secret and print it: this is the only time that it is shown."""
    clock = program_of(ctx).clock
    made = with_store(
        ctx,
        data,
        lambda store: keys.rotate_key(store, clock, operator_everywhere(), _id(key_id), timedelta(seconds=keep)),
    )
    _show_new(made, as_json=as_json)


@key_commands.command("revoke")
def revoke_key(ctx: typer.Context, key_id: KeyId, data: Data = None, as_json: Json = False) -> None:
    """Revoke a key, from the next request on."""
    clock, wanted = program_of(ctx).clock, _id(key_id)
    with_store(ctx, data, lambda store: keys.revoke_key(store, clock, operator_everywhere(), wanted))
    if as_json:
        show_json({"id": wanted, "revoked": True})
    else:
        typer.echo(f"key {wanted} is revoked")


@key_commands.command("history")
def show_history(
    ctx: typer.Context,
    key_id: KeyId,
    limit: Annotated[int, whole("How many, at most", 1, 10_000)] = 100,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """List the latest changes of a key, newest first."""
    found = with_store(ctx, data, lambda store: keys.key_history(store, operator_everywhere(), _id(key_id), limit))
    show_rows([_change_row(each) for each in found], as_json=as_json, empty="no changes are known")


async def _whoever(store: Store, account: str | None, *, reads: bool = False) -> Principal:
    if account is None:
        return operator_everywhere()
    find = find_any_account if reads else find_account
    return operator_for(await store.read(lambda reader: find(reader, account)))


def _id(text: str) -> str:
    """Return the id that a text names: it, the key in full, or as `/v2` writes it."""
    key = ApiKey.parse(text)
    return key.id if key is not None else text.removeprefix("key_")


def _scopes(texts: Sequence[str], *, is_operator: bool) -> tuple[str, ...]:
    try:
        return read_scopes(texts, is_operator=is_operator)
    except ScopeUnknown as error:
        usage_error(str(error))


def _numbers(texts: Sequence[str], region: str) -> frozenset[E164] | None:
    if not texts or _ALL in texts:
        return None
    return frozenset(read_numbers(texts, region))


def _expiry(text: str, now_ms: int) -> int | None:
    return None if text == _NEVER else read_coming("--expires", text, now_ms)


def _row(view: KeyView) -> dict[str, object]:
    record = view.record
    return {
        "id": record.id,
        "account": None if record.is_operator else written(IdKind.ACCOUNT, record.account_id),
        "label": record.label,
        "scopes": list(written_scopes(record.scopes)),
        "numbers": None if record.numbers is None else sorted(number.value for number in record.numbers),
        "created_at": time_text(record.created_at_ms),
        "made_by": record.made_by,
        "expires_at": time_text(record.expires_at_ms),
        "last_used_at": time_text(view.last_used_at_ms),
        "previous_secret_until": time_text(record.previous_until_ms),
        "revoked_at": time_text(record.revoked_at_ms),
    }


def _show(view: KeyView, *, as_json: bool) -> None:
    if as_json:
        show_json(_row(view))
    else:
        show_rows([_row(view)], as_json=False, empty="")


def _show_new(made: keys.NewSecret, *, as_json: bool) -> None:
    if as_json:
        show_json({"id": made.key.id, "key": made.key.reveal(), **_row(made.view)})
    else:
        typer.echo(made.key.reveal())


def _change_row(change: KeyChange) -> dict[str, object]:
    after = change.after
    return {
        "at": time_text(change.at_ms),
        "by": actor_text(change.key_id),
        "address": change.source,
        "revision": after.revision,
        "what": _what(change),
        "label": after.label,
        "scopes": list(written_scopes(after.scopes)),
        "numbers": None if after.numbers is None else list(after.numbers),
        "expires_at": time_text(after.expires_at_ms),
    }


def _what(change: KeyChange) -> str:
    if change.before is None:
        return "made"
    if change.after.revoked_at_ms != change.before.revoked_at_ms:
        return "revoked"
    return "rotated" if change.after.rotated else "changed"
