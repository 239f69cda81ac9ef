"""Kamailio's module without Kamailio."""

import re
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

_EVERY = re.compile(r"\$\((avp\([a-z_]+\))\[\*\]\)")
_PLAN = re.compile(r"\$xavp\(plan(?:\[([0-9]+)\])?=>([a-z_]+)\)")


class FakeTables:
    """Kamailio's tables; nothing expires. `kept` has, by table and key, for how many seconds an entry was kept last."""

    def __init__(self) -> None:
        self.entries: dict[tuple[str, str], str | int] = {}
        self.removed: list[str] = []
        self.kept: dict[tuple[str, str], int] = {}
        self.iterating: dict[str, Iterator[tuple[str, str | int]]] = {}
        self.current: tuple[str, str | int] | None = None

    def sht_get(self, table: str, key: str) -> str | int | None:
        return self.entries.get((table, key))

    def sht_sets(self, table: str, key: str, value: str | int) -> None:
        self.entries[table, key] = value

    sht_seti = sht_sets

    def sht_rm(self, table: str, key: str) -> None:
        self.removed.append(key)
        self.entries.pop((table, key), None)

    def sht_inc(self, table: str, key: str, by: int = 1) -> int:
        self.kept.pop((table, key), None)
        value = int(self.entries.get((table, key), 0)) + by
        self.entries[table, key] = value
        return value

    def sht_dec(self, table: str, key: str) -> int:
        return self.sht_inc(table, key, -1)

    def sht_setex(self, table: str, key: str, seconds: int) -> None:
        self.kept[table, key] = seconds

    def sht_iterator_start(self, name: str, table: str) -> int:
        found = [(key, value) for (of, key), value in self.entries.items() if of == table]
        self.iterating[name] = iter(found)
        return 1

    def sht_iterator_next(self, name: str) -> int:
        self.current = next(self.iterating[name], None)
        return 1 if self.current is not None else -1

    def sht_iterator_end(self, name: str) -> int:
        del self.iterating[name]
        return 1

    def sht_lock(self, _table: str, _key: str) -> int:
        return 1

    def sht_unlock(self, _table: str, _key: str) -> int:
        return 1


class FakeKsr:
    """Kamailio's module as far as the router uses it; `values` are the variables, as bytes."""

    def __init__(self, **values: bytes | int) -> None:
        self.values: dict[str, bytes | int] = {
            "$ci": b"call",
            "$ft": b"tag",
            "$cs": 1,
            "$ru": b"sip:+33199001234@x",
            "$hdr(From)": b"<sip:+33140000001@x>;tag=tag",
            "$tu": b"sip:+33199001234@x",
            "$avp(peer)": b"carrier",
            "$shv(trunks)": 1,
            **{f"${name}": value for name, value in values.items()},
        }
        self.replies: list[tuple[int, str]] = []
        self.reply_headers: list[str] = []
        self.pv = SimpleNamespace(get=self._get, gete=self._get, sets=self._set, seti=self._set)
        self.tm = SimpleNamespace(t_reply=self._reply)
        self.removed: list[str] = []
        self.hdr = SimpleNamespace(append_to_reply=self.reply_headers.append, remove=self.removed.append)
        self.htable = FakeTables()
        self.textops = SimpleNamespace(replace_str=lambda _old, _new, _mode: 1)
        self.counted: dict[str, int] = {}
        self.plans: list[dict[str, Any]] = []
        self.statistics = SimpleNamespace(update_stat=self._count)

    def _get(self, name: str) -> Any:
        if name.startswith("$shtit") and self.htable.current is not None:
            return self.htable.current[name.startswith("$shtitval(")]
        encoded = name.endswith("{s.encode.hexa})")
        if encoded:
            name, _, rest = name.removeprefix("$(").partition("{")
            name, cut = "$" + name, re.match(r"s\.substr,0,([0-9]+)}", rest)
        if name.startswith("$(hdr(") and name.endswith("[*])"):
            name = "$" + name[2:-4]
        value = self.values.get(name.replace("[*]", ""), b"")
        if isinstance(value, int):
            return value
        if encoded:
            return value[: int(cut[1]) if cut is not None else None].hex()
        return value.decode("utf-8")

    def _set(self, name: str, value: Any) -> None:
        stored = value if isinstance(value, int) else str(value).encode()
        if (plan := _PLAN.fullmatch(name)) is None:
            self.values[_EVERY.sub(r"$\1", name)] = stored
            return
        # Kamailio puts a new one on top when no index is given.
        if plan[1] is None:
            self.plans.insert(0, {})
        self.plans[int(plan[1] or 0)][plan[2]] = stored

    def _count(self, name: str, by: int) -> None:
        self.counted[name] = self.counted.get(name, 0) + by

    def _reply(self, status: int, phrase: str) -> int:
        self.replies.append((status, phrase))
        return 1
