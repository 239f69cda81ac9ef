"""What `renvoi check` finds about accounts: where calls may go, who has no limits, whose rules run out of holidays."""

from renvoi.application.holiday_renewal import running_out
from renvoi.application.policies import list_policies
from renvoi.application.ports.unit_of_work import Store
from renvoi.domain.bilingual import Bilingual
from renvoi.domain.numbers.destination_policy import DEFAULT, REFUSED_TYPES
from renvoi.domain.rules.schedule import ALARM_BEFORE, due_with_less_than
from renvoi.domain.text import counted, counted_in_french
from renvoi.node.checks.results import Finding, some_of

_EXPENSIVE = ", ".join(sorted(REFUSED_TYPES))


async def check_destinations(store: Store) -> Finding:
    """Say where calls may go, and name who may send them where every call earns somebody money."""
    name = "destinations"
    advice = Bilingual(
        "`renvoi policy show` shows the policies, `renvoi policy set` changes one",
        "`renvoi policy show` montre les règles, `renvoi policy set` en change une",
    )
    held = await list_policies(store)
    damaged = [each.account.name for each in held if each.unreadable is not None]
    if damaged:
        unreadable = Bilingual(
            f"the policy of {some_of(damaged)} cannot be read: calls, and forwards to be set, are refused",
            f"les règles de {some_of(damaged)} sont illisibles\u00a0: les appels, et tout nouveau transfert, sont "
            "refusés",
        )
        another = Bilingual(
            "`renvoi policy set ACCOUNT` sets another one",
            "`renvoi policy set COMPTE` en fixe d’autres",
        )
        return Finding(name, False, unreadable, another, needed=False)
    text = "accounts reach their own countries, but no premium numbers and the like"
    french = "les comptes atteignent leur propre pays, mais pas les numéros surtaxés et semblables"
    changed = sum(each.policy.destinations != DEFAULT for each in held)
    if changed:
        text += f"; {changed} of {len(held)} have another policy"
        french += f"\u00a0; {changed} sur {len(held)} ont d’autres règles"
    open_ones = [each.account.name for each in held if REFUSED_TYPES - each.policy.destinations.refused_types]
    if open_ones:
        text += f"; not all of {_EXPENSIVE} are refused to {some_of(open_ones)}"
        french += f"\u00a0; {_EXPENSIVE} ne sont pas tous refusés à {some_of(open_ones)}"
    return Finding(name, not open_ones, Bilingual(text, french), advice, needed=False)


async def check_limits(store: Store) -> Finding:
    """Name the accounts whose calls nothing limits, such as those that were there before limits were."""
    name, command = "limits", "`renvoi limits set ACCOUNT --calls N`"
    advice = Bilingual(
        f"{command} limits an account, and so what a stolen key costs",
        f"{command} limite un compte, et donc ce que coûte une clé volée",
    )
    # Those that cannot be read are named as destinations, and let no call pass.
    held = [each for each in await list_policies(store) if each.unreadable is None]
    if any(each.policy.limits.of_spend for each in held) and not await store.read(lambda reader: reader.rates()):
        text = Bilingual(
            "spend is limited, but there are no rates, so nothing costs anything",
            "la dépense est limitée, mais il n’y a pas de tarifs\u00a0: rien ne coûte rien",
        )
        read = Bilingual("`renvoi rates import FILE.csv` reads them", "`renvoi rates import FILE.csv` les lit")
        return Finding(name, False, text, read, needed=False)
    free = [each.account.name for each in held if not each.policy.limits]
    if not free:
        return Finding(name, True, Bilingual("each account has limits", "chaque compte a des limites"), needed=False)
    has, a = ("has", "n’en a") if len(free) == 1 else ("have", "n’en ont")
    text = Bilingual(
        f"{len(free)} of {counted(len(held), 'account')} {has} none: {some_of(free)}",
        f"{counted_in_french(len(free), 'compte')} sur {len(held)} {a} pas\u00a0: {some_of(free)}",
    )
    return Finding(name, False, text, advice, needed=False)


async def check_holidays(store: Store, now_ms: int) -> list[Finding]:
    """Say how many rules run out of holidays soon, or have; nothing where none does."""
    short = await store.read(lambda reader: reader.count_to_renew(due_with_less_than(ALARM_BEFORE, now_ms)))
    if not short:
        return []
    advice = Bilingual(
        "the mailer's log says why they are not renewed (docs/schedules.md, Holidays)",
        "le journal du mailer dit pourquoi elles ne sont pas renouvelées (docs/schedules.md, Holidays)",
    )
    rules = counted_in_french(short, "règle")
    french = f"{rules} à jours fériés dont les dates sont connues pour moins de {ALARM_BEFORE.days} jours"
    return [Finding("holidays", False, Bilingual(running_out(short), french), advice, needed=False)]
