"""A trial of a trunk: a call that the operator places through it, whatever the rule of the number it is made as."""

import hmac
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Self

from renvoi.domain.numbers.number import E164
from renvoi.domain.rules.rule import NumberRecord, Rule, RuleType
from renvoi.domain.shared_key import KeyRing, SharedKey

HEADER = "X-Renvoi-Trial"
"""The header of the INVITE that says so; the edge takes it off every call."""
VALID_S = 60
"""How old it may be, and how far ahead of the edge's clock."""
RING_TIMEOUT = timedelta(seconds=20)
_PURPOSE = "trial"
_PARTS = 5


class TrialInvalid(ValueError):
    """The text is not one that `seal` wrote for this call just now."""


@dataclass(frozen=True, slots=True)
class Trial:
    """A call to `target` by the outbound trunk of that name and no other."""

    trunk: str
    target: E164

    def seal(self, ring: KeyRing, now_ms: int, call_id: str | bytes) -> str:
        """Return it as the value of the header of this call, with the proof that whoever wrote it has the store."""
        key, at_s = ring.signing(now_ms), str(now_ms // 1000)
        return f"{self.trunk} {self.target.value} {at_s} {key.id} {self._proof(key, at_s, call_id)}"

    @classmethod
    def unseal(cls, text: str, ring: KeyRing, now_ms: int, call_id: str | bytes) -> Self:
        """Read what `seal` wrote for this call.

        Raises:
            TrialInvalid: it is something else, was written for another call or too long ago, or by somebody else.
        """
        parts = text.split(" ")
        key = ring.get(parts[3]) if len(parts) == _PARTS else None
        if key is None:
            raise TrialInvalid(f"{HEADER} is not sealed with a key that we know")
        trunk, target, at_s, _, proof = parts
        try:
            trial, age_s = cls(trunk, E164(target)), now_ms // 1000 - int(at_s)
        except ValueError as error:
            raise TrialInvalid(f"{HEADER} cannot be read") from error
        if not hmac.compare_digest(trial._proof(key, at_s, call_id).encode(), proof.encode("utf-8", "replace")):
            raise TrialInvalid(f"{HEADER} was not written for this call")
        if not -VALID_S <= age_s <= VALID_S:
            raise TrialInvalid(f"{HEADER} is {age_s} s old: compare the clocks")
        return trial

    def _proof(self, key: SharedKey, at_s: str, call_id: str | bytes) -> str:
        return key.sign(_PURPOSE, self.trunk, self.target.value, at_s, call_id).hex()

    def of(self, record: NumberRecord) -> NumberRecord:
        """Return the number that the call is made as with the rule that leads to the target; all else of it holds."""
        rule = Rule(RuleType.FORWARD, self.target, revision=record.rule.revision, ring_timeout=RING_TIMEOUT)
        return replace(record, rule=rule, forwarding_enabled=True)
