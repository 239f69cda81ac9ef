"""Mails about missed calls in the store in memory."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from renvoi.adapters.sql.missed_calls import mail_of
from renvoi.application.ports.mails import MAX_SKIPPED
from renvoi.domain.calls.missed_call import ONE_IN_MS, MissedCall, MissedCallMail
from renvoi.domain.email_address import EmailAddress
from renvoi.domain.messages.message import CLOCKS_AGREE_MS, FARTHEST_MS, MailState
from renvoi.domain.numbers.number import E164


@dataclass
class MissedCalls:
    """The mails by id, and who leases which until when."""

    mails: dict[str, MissedCallMail]
    leases: dict[str, tuple[str, int]]


class MissedCallPart:
    """See `application.ports.mails`; `_missed` is a part of the state."""

    _missed: MissedCalls

    def due_missed_calls(self, now_ms: int, limit: int, skipped: Collection[str] = ()) -> Sequence[MissedCallMail]:
        def has_come(at_ms: int) -> bool:
            return not now_ms < at_ms <= now_ms + FARTHEST_MS

        def due(mail: MissedCallMail) -> bool:
            is_due = has_come(mail.due_at_ms) or (mail.scheduled_at_ms or 0) > now_ms + CLOCKS_AGREE_MS
            return is_due and has_come(self._missed.leases.get(mail.id, ("", 0))[1])

        left_out = list(skipped)[:MAX_SKIPPED]
        pending = [mail for mail in self._missed.mails.values() if mail.state is MailState.PENDING]
        found = [mail for mail in pending if due(mail) and mail.destination not in left_out]
        return sorted(found, key=lambda mail: (mail.due_at_ms, mail.id))[:limit]

    def missed_call(self, mail_id: str) -> MissedCallMail | None:
        return self._missed.mails.get(mail_id)

    def add_missed_call(self, call: MissedCall, recipients: Sequence[EmailAddress]) -> bool:
        same = (call.account_id, call.number, call.caller)
        told = [mail for mail in self._missed.mails.values() if (mail.account_id, mail.number, mail.caller) == same]
        if any(abs(mail.called_at_ms - call.called_at_ms) < ONE_IN_MS for mail in told):
            return False
        for place, recipient in enumerate(recipients):
            mail = mail_of(call, recipient, place)
            self._missed.mails[mail.id] = mail
        return True

    def put_missed_call(self, mail: MissedCallMail, owner: str) -> bool:
        if mail.id not in self._missed.mails or self._missed.leases.get(mail.id, ("", 0))[0] != owner:
            return False
        self._missed.mails[mail.id] = mail
        del self._missed.leases[mail.id]
        return True

    def lease_missed_calls(self, mail_ids: Collection[str], owner: str, now_ms: int, until_ms: int) -> Collection[str]:
        leased = set()
        for mail_id in mail_ids:
            mail = self._missed.mails.get(mail_id)
            held_by, held_until_ms = self._missed.leases.get(mail_id, (owner, 0))
            is_free = held_by == owner or not now_ms < held_until_ms <= now_ms + FARTHEST_MS
            if mail is not None and mail.state is MailState.PENDING and is_free:
                self._missed.leases[mail_id] = owner, until_ms
                leased.add(mail_id)
        return leased

    def release_missed_calls(self, owner: str) -> int:
        own = [
            mail_id
            for mail_id, (held_by, _) in self._missed.leases.items()
            if held_by == owner and self._missed.mails[mail_id].state is MailState.PENDING
        ]
        for mail_id in own:
            del self._missed.leases[mail_id]
        return len(own)

    def remove_old_missed_calls(self, before_ms: int, limit: int) -> int:
        old = [mail.id for mail in self._missed.mails.values() if mail.queued_at_ms < before_ms][:limit]
        for mail_id in old:
            del self._missed.mails[mail_id]
            self._missed.leases.pop(mail_id, None)
        return len(old)

    def remove_missed_calls(self, account_id: int, limit: int, number: E164 | None = None) -> int:
        mails = self._missed.mails.values()
        found = [each.id for each in mails if each.account_id == account_id and number in (None, each.number)][:limit]
        for mail_id in found:
            del self._missed.mails[mail_id]
            self._missed.leases.pop(mail_id, None)
        return len(found)
