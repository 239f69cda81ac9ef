"""What the store has and this program cannot read: what a request is answered that needs it, and what can be done.

Numbers whose rule cannot be read are found by what only names them, and refused by what needs the rule.
"""

from collections.abc import Callable, Mapping

from renvoi.application.ports.errors import NotUnderstood, StoreUnavailable, UnreadablePolicy, UnreadableTrunk
from renvoi.domain.access.api_key import Principal
from renvoi.domain.ids import IdKind, written
from renvoi.domain.numbers.number import E164
from renvoi.domain.problem import Problem, ProblemCode
from renvoi.domain.rules.rule import NumberRecord, Unreadable

_WHAT_TO_DO: Mapping[Unreadable, Mapping[str, str]] = {
    Unreadable.NEWER: {
        "en": "a newer renvoi wrote it, which the operator has to install here",
        "fr": "un renvoi plus récent l’a écrite, que l’exploitant doit installer ici",
    },
    Unreadable.DAMAGED: {
        "en": "it is damaged; the operator restores a backup, or removes the number and adds it again",
        "fr": "elle est endommagée ; l’exploitant restaure une sauvegarde, ou supprime le numéro et le rajoute",
    },
}


def listed(find: Callable[[E164], NumberRecord | None], number: E164) -> NumberRecord | None:
    """Return what `find` does, and a number's record without its rule where that is `unreadable`."""
    try:
        return find(number)
    except NotUnderstood as error:
        if error.record is None:
            raise
        return error.record


def own_known(find: Callable[[E164], NumberRecord | None], number: E164, who: Principal) -> NumberRecord | None:
    """Return the record that `find` does of a number of the principal's; None for all others, readable or not.

    Raises:
        NotUnderstood: its rule cannot be read.
    """
    try:
        record = find(number)
    except NotUnderstood as error:
        if error.record is None or _is_own(error.record, who):
            raise
        return None
    return record if record is not None and _is_own(record, who) else None


def _is_own(record: NumberRecord, who: Principal) -> bool:
    return record.account_id == who.account_id and who.may_number(record.number)


def readable(record: NumberRecord) -> NumberRecord:
    """Return the record of a number whose rule can be read.

    Ask first whether who asks may see the number: the problem says that there is one.

    Raises:
        Problem: it is `unreadable`, and stays so until the operator does something.
    """
    if record.unreadable is not None:
        raise rule_problem(record, record.unreadable)
    return record


def rule_problem(record: NumberRecord, why: Unreadable) -> Problem:
    """Return what is answered where the rule is needed."""
    return Problem(ProblemCode.RULE_UNREADABLE, number=record.number, why=_WHAT_TO_DO[why])


_POLICY: Mapping[Unreadable, Mapping[str, str]] = {
    Unreadable.NEWER: {
        "en": "a newer renvoi wrote it, which the operator has to install here",
        "fr": "un renvoi plus récent les a écrites, que l’exploitant doit installer ici",
    },
    Unreadable.DAMAGED: {
        "en": "it is damaged, and calls are refused until the operator sets another one (`renvoi policy set`)",
        "fr": "elles sont endommagées, et les appels sont refusés jusqu’à ce que l’exploitant en fixe d’autres "
        "(`renvoi policy set`)",
    },
}
_TRUNK: Mapping[Unreadable, Mapping[str, str]] = {
    Unreadable.NEWER: {
        "en": "a newer renvoi wrote it, which has to be installed here",
        "fr": "un renvoi plus récent l’a écrit, qui doit être installé ici",
    },
    Unreadable.DAMAGED: {
        "en": "it is damaged; remove it (`renvoi trunk remove`) and add it again, or restore a backup",
        "fr": "il est endommagé ; supprimez-le (`renvoi trunk remove`) et rajoutez-le, ou restaurez une sauvegarde",
    },
}


def row_problem(row: UnreadablePolicy | UnreadableTrunk) -> Problem:
    """Return what is answered where such a row is needed."""
    if isinstance(row, UnreadableTrunk):
        return Problem(ProblemCode.TRUNK_UNREADABLE, name=row.name, why=_TRUNK[row.why])
    account = written(IdKind.ACCOUNT, row.account_id)
    return Problem(ProblemCode.POLICY_UNREADABLE, account=account, why=_POLICY[row.why])


def problem_of(error: StoreUnavailable) -> Problem:
    """Return what a request is answered that the store cannot serve: to try again only where that may help."""
    if isinstance(error, NotUnderstood):
        if error.row is not None:
            return row_problem(error.row)
        if error.record is not None and error.record.unreadable is not None:
            return rule_problem(error.record, error.record.unreadable)
    return Problem(ProblemCode.UNAVAILABLE)
