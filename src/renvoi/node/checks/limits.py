"""Which accounts have no limits, as `renvoi check` tells it."""

from renvoi.application.policies import list_policies
from renvoi.application.ports.errors import StoreUnavailable
from renvoi.application.ports.unit_of_work import Store
from renvoi.node.checks.results import Finding, some_of


async def check_limits(store: Store) -> Finding:
    """Name the accounts whose calls nothing limits, such as those that were there before limits were."""
    name, advice = "limits", "`renvoi limits set ACCOUNT --calls N` limits an account, and so what a stolen key costs"
    try:
        held = await list_policies(store)
    except StoreUnavailable as error:
        return Finding(name, False, str(error), "calls of that account are refused", needed=False)
    if any(each.policy.limits.of_spend for each in held) and not await store.read(lambda reader: reader.rates()):
        text = "spend is limited, but there are no rates, so nothing costs anything"
        return Finding(name, False, text, "`renvoi rates import FILE.csv` reads them", needed=False)
    free = [each.account.name for each in held if not each.policy.limits]
    if not free:
        return Finding(name, True, "each account has limits", needed=False)
    return Finding(name, False, f"{len(free)} of {len(held)} accounts have none: {some_of(free)}", advice, needed=False)
