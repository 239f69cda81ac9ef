"""Answers of `/v2` in the store."""

import logging

import msgspec
from sqlalchemy import BigInteger, and_, bindparam, delete, or_, select, tuple_, update
from sqlalchemy.dialects import postgresql

from renvoi.adapters.sql.compiled_statements import Connection
from renvoi.adapters.sql.row_repair import RowRepair
from renvoi.adapters.sql.schema import api_answers
from renvoi.application.ports.answers import ApiAnswer
from renvoi.domain.messages.message import FARTHEST_MS

_columns = api_answers.c
_VALUES = tuple(c.name for c in _columns if c.name not in ("account_id", "key"))
_of_key = and_(_columns.account_id == bindparam("of_account"), _columns.key == bindparam("of_key"))
_of_claim = and_(_of_key, _columns.owner == bindparam("of_owner"), _columns.status == 0)
answer = select(*(_columns[name] for name in _VALUES)).where(_of_key)
_claim = postgresql.insert(api_answers).values({c.name: bindparam(c.name) for c in _columns})
claim_answer = _claim.on_conflict_do_update(
    index_elements=["account_id", "key"],
    set_={name: _claim.excluded[name] for name in _VALUES},
    where=or_(
        _columns.at_ms < bindparam("forget_before_ms", type_=BigInteger),
        and_(
            _columns.status == 0,
            or_(
                _columns.until_ms <= bindparam("now_ms", type_=BigInteger),
                # A claim far ahead was made by a clock that was set back since.
                _columns.until_ms > bindparam("farthest_ms", type_=BigInteger),
            ),
        ),
    ),
)
finish_answer = (
    update(api_answers)
    .where(_of_claim)
    .values({name: bindparam(name) for name in ("status", "headers", "body", "sealed")})
)
release_answer = delete(api_answers).where(_of_claim)
empty_answer = (
    update(api_answers)
    .where(and_(_of_key, _columns.owner == bindparam("of_owner"), _columns.sealed))
    .values(body=bindparam("body"), sealed=bindparam("sealed"))
)
forget_api_answers = delete(api_answers).where(
    tuple_(_columns.account_id, _columns.key).in_(
        select(_columns.account_id, _columns.key)
        .where(_columns.at_ms < bindparam("before_ms", type_=BigInteger))
        .order_by(_columns.at_ms)
        .limit(bindparam("limit"))
        # Every node does this; none waits for another one.
        .with_for_update(skip_locked=True)
    )
)
_repair = RowRepair([_columns[name] for name in _VALUES])
_log = logging.getLogger("renvoi.store")
_decode_headers = msgspec.json.Decoder(tuple[tuple[str, str], ...]).decode


class ApiAnswerReader:
    """The part of `application.ports.Reader` that remembered answers need."""

    _connection: Connection

    def api_answer(self, account_id: int, key: str) -> ApiAnswer | None:
        row = self._connection.one(answer, of_account=account_id, of_key=key)
        if row is None:
            return None
        values = dict(zip(_VALUES, _repair(row), strict=True))
        try:
            values["headers"] = _decode_headers(values["headers"])
        except (msgspec.MsgspecError, RecursionError) as error:
            _log.warning("an answer that account %s was given is damaged: %s", account_id, str(error)[:200])
            # As of one that is being made: it is neither repeated nor given once more.
            values |= {"headers": (), "status": 0}
        values |= {name: bytes(values[name]) for name in ("request_hash", "body")}
        return ApiAnswer(**(values | {"sealed": bool(values["sealed"])}))


class ApiAnswerWriter(ApiAnswerReader):
    """The part of `application.ports.Writer` that remembered answers need."""

    def claim_answer(self, account_id: int, key: str, claim: ApiAnswer, forget_before_ms: int) -> bool:
        times = {"now_ms": claim.at_ms, "farthest_ms": claim.at_ms + FARTHEST_MS, "forget_before_ms": forget_before_ms}
        return self._connection.run(claim_answer, account_id=account_id, key=key, **_values(claim), **times) > 0

    def finish_answer(self, account_id: int, key: str, answer: ApiAnswer) -> bool:
        values = {
            name: value for name, value in _values(answer).items() if name in ("status", "headers", "body", "sealed")
        }
        return self._connection.run(finish_answer, **_of(account_id, key, answer.owner), **values) > 0

    def release_answer(self, account_id: int, key: str, owner: str) -> None:
        self._connection.run(release_answer, **_of(account_id, key, owner))

    def empty_answer(self, account_id: int, key: str, owner: str) -> bool:
        return self._connection.run(empty_answer, **_of(account_id, key, owner), body=b"", sealed=False) > 0

    def forget_api_answers(self, before_ms: int, limit: int) -> int:
        return self._connection.run(forget_api_answers, before_ms=before_ms, limit=limit)


def _of(account_id: int, key: str, owner: str) -> dict[str, object]:
    return {"of_account": account_id, "of_key": key, "of_owner": owner}


def _values(answer: ApiAnswer) -> dict[str, object]:
    return {
        "request_hash": answer.request_hash,
        "owner": answer.owner,
        "until_ms": answer.until_ms,
        "status": answer.status,
        "headers": msgspec.json.encode(answer.headers).decode(),
        "body": answer.body,
        "sealed": answer.sealed,
        "at_ms": answer.at_ms,
    }
