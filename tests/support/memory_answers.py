"""The part of the store in memory that `/v2`'s remembered answers need."""

from dataclasses import replace

from renvoi.application.ports.answers import ApiAnswer
from renvoi.domain.messages.message import FARTHEST_MS
from tests.support.memory_state import MemoryReader


class MemoryAnswers(MemoryReader):
    """Remembered answers; see `application.ports.Writer`."""

    def claim_answer(self, account_id: int, key: str, claim: ApiAnswer, forget_before_ms: int) -> bool:
        before = self._state.api_answers.get((account_id, key))
        if before is not None and before.at_ms >= forget_before_ms:
            is_held = claim.at_ms < before.until_ms <= claim.at_ms + FARTHEST_MS
            if not before.is_under_way or is_held:
                return False
        self._state.api_answers[account_id, key] = claim
        return True

    def finish_answer(self, account_id: int, key: str, answer: ApiAnswer) -> bool:
        claim = self._state.api_answers.get((account_id, key))
        if claim is None or claim.owner != answer.owner or not claim.is_under_way:
            return False
        self._state.api_answers[account_id, key] = replace(
            claim, status=answer.status, headers=answer.headers, body=answer.body, sealed=answer.sealed
        )
        return True

    def release_answer(self, account_id: int, key: str, owner: str) -> None:
        claim = self._state.api_answers.get((account_id, key))
        if claim is not None and claim.owner == owner and claim.is_under_way:
            del self._state.api_answers[account_id, key]

    def empty_answer(self, account_id: int, key: str, owner: str) -> bool:
        before = self._state.api_answers.get((account_id, key))
        if before is None or before.owner != owner or not before.sealed:
            return False
        self._state.api_answers[account_id, key] = replace(before, body=b"", sealed=False)
        return True

    def forget_api_answers(self, before_ms: int, limit: int) -> int:
        old = [key for key, answer in self._state.api_answers.items() if answer.at_ms < before_ms][:limit]
        for each in old:
            del self._state.api_answers[each]
        return len(old)
