"""What the pages of operators share: their scope, their tabs, what they ask use cases for, and findings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response

from renvoi.application.ports.accounts import Account
from renvoi.domain.ids import IdKind, written
from renvoi.http.dashboard.visit import Visit
from renvoi.http.v2.admin.common import account_of

OPERATOR = "operator"
"""The scope of all these pages."""
TABS: Sequence[tuple[str, str]] = (
    ("/operator", "operator.overview"),
    ("/operator/accounts", "operator.accounts"),
    ("/operator/trunks", "operator.trunks"),
    ("/operator/rates", "operator.rates"),
    ("/operator/mails", "operator.mails"),
)


def render(visit: Visit, template: str, tab: str, status: int = 200, **values: Any) -> Response:
    """Return a page with the tabs; `tab` is the path of the present one."""
    tabs = [(path, visit.text(key), path == tab) for path, key in TABS]
    return visit.render(template, status, tabs=tabs, **values)


async def account(visit: Visit, *, for_change: bool = False) -> Account:
    """Return the account that the path names; to change it, it has to be open.

    Raises:
        Problem: there is none, or it is closed.
    """
    return await account_of(visit.deps, visit.request.path_params["account"], for_change=for_change)


def account_path(account_id: int) -> str:
    """Return where an account's page is."""
    return f"/operator/accounts/{written(IdKind.ACCOUNT, account_id)}"


def named(found: Account) -> Mapping[str, Any]:
    """Return what pages of an account show of it on top."""
    return {
        "id": written(IdKind.ACCOUNT, found.id),
        "name": found.name,
        "is_closed": found.closed_at_ms is not None,
        "closed_at": found.closed_at_ms,
        "created_at": found.created_at_ms,
        "region": found.region,
    }


@dataclass(frozen=True, slots=True)
class Shown:
    """A finding as a page shows it; `language` is that of its texts."""

    name: str
    text: str
    advice: str
    ok: bool
    needed: bool
    language: str


def shown_findings(visit: Visit, findings: Sequence[Mapping[str, Any]]) -> Sequence[Shown]:
    """Return findings in the language of the visit as far as they are there."""
    return [_shown(visit.language, each) for each in findings]


def _shown(language: str, finding: Mapping[str, Any]) -> Shown:
    said = finding.get("french") if language == "fr" else None
    texts = finding if said is None else said
    return Shown(
        str(texts["name"]),
        str(texts["text"]),
        str(texts["advice"]),
        bool(finding["ok"]),
        bool(finding["needed"]),
        "en" if said is None else language,
    )
