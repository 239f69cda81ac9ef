"""Where accounts' calls may go, as `renvoi check` tells it."""

from renvoi.application.policies import list_policies
from renvoi.application.ports.errors import StoreUnavailable
from renvoi.application.ports.unit_of_work import Store
from renvoi.domain.numbers.destination_policy import DEFAULT, REFUSED_TYPES
from renvoi.node.checks.results import Finding, some_of

_EXPENSIVE = ", ".join(sorted(REFUSED_TYPES))


async def check_destinations(store: Store) -> Finding:
    """Say where calls may go, and name who may send them where every call earns somebody money."""
    name, advice = "destinations", "`renvoi policy show` shows the policies, `renvoi policy set` changes one"
    try:
        held = await list_policies(store)
    except StoreUnavailable as error:
        return Finding(name, False, str(error), "calls and changes of that account are refused", needed=False)
    text = "accounts reach their own countries, but no premium numbers and the like"
    changed = sum(each.policy.destinations != DEFAULT for each in held)
    text += f"; {changed} of {len(held)} have another policy" if changed else ""
    open_ones = [each.account.name for each in held if REFUSED_TYPES - each.policy.destinations.refused_types]
    if open_ones:
        text += f"; not all of {_EXPENSIVE} are refused to {some_of(open_ones)}"
        return Finding(name, False, text, advice, needed=False)
    return Finding(name, True, text, advice, needed=False)
