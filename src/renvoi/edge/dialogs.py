"""Requests inside a dialog: the edge relays them for the two parties of a call that an edge of ours let in.

Called by Kamailio in the middle of a message, like the methods of `Router`.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from renvoi.domain.callmark import CallMark, MarkInvalid, Towards
from renvoi.domain.nameaddr import NameAddr
from renvoi.domain.nexthop import DIGEST_BYTES, NextHop
from renvoi.edge.facts import Malformed, Message
from renvoi.edge.parties import Parties, hop_of, marks_in
from renvoi.edge.trunktable import TrunkTable
from renvoi.keyfile import KeyFile

RELAY = 1
"""Kamailio shall send the message on."""
REFUSE = -1
"""It comes from nobody who may send it, or leads to where the call never was."""
MALFORMED = -2
"""Nobody can tell for certain which dialog it belongs to."""
REWRITTEN = 2
"""Kamailio shall send the answer on; variables have our mark in it, and what it has become."""
SEEN_TABLE = "seen"
"""Kamailio's table of what `parties.Seen` keeps."""
_BY = {Towards.CALLEE: "caller", Towards.CALLER: "callee"}
_TRANSACTION_HELD = 1


class SeenTable:
    """See `parties.Seen`: a table of Kamailio's."""

    def __init__(self, ksr: Any) -> None:
        self._table = ksr.htable

    def note(self, fact: str) -> None:
        """Keep a fact."""
        self._table.sht_seti(SEEN_TABLE, fact, 1)

    def has(self, fact: str) -> bool:
        """Tell whether it was noted."""
        return self._table.sht_get(SEEN_TABLE, fact) is not None


class Marks:
    """Makes the marks of a new call's branches. `longest_s` is how long after its INVITE a call may last."""

    def __init__(self, ksr: Any, keys: KeyFile, longest_s: int, now_ms: Callable[[], int]) -> None:
        self._message = Message(ksr)
        self._keys = keys
        self._longest_s = longest_s
        self._now_ms = now_ms

    def towards(self, parties: Iterable[str]) -> Iterator[str]:
        """Yield the mark of a branch of this INVITE to each party: a trunk by its name, or `WORKER` and an address."""
        text, now_ms, ring = self._message.text, self._now_ms(), self._keys.ring
        hop = NextHop.of(hop_of(self._message.every("Record-Route"), text("hdr(Contact)")))
        digest = hop.digest() if hop is not None else bytes(DIGEST_BYTES)
        call_id, tag, inbound = self._message.raw("ci"), self._message.raw("ft"), text("avp(peer)")
        ends_at_s = now_ms // 1000 + self._longest_s
        for party in parties:
            mark = CallMark(Towards.CALLER, inbound, party, ends_at_s, digest)
            yield mark.encode(ring, now_ms, call_id, tag)


class Dialogs:
    """One object in each of Kamailio's processes."""

    def __init__(
        self,
        ksr: Any,
        keys: KeyFile,
        trunks: Callable[[], TrunkTable],
        marks: Marks,
        now_ms: Callable[[], int],
    ) -> None:
        self._ksr = ksr
        self._message = Message(ksr)
        self._keys = keys
        self._trunks = trunks
        self._seen = SeenTable(ksr)
        self._marks = marks
        self._now_ms = now_ms

    def mark(self) -> int:
        """Put into a variable the mark of the branch that is being made, to the trunk or worker in `$avp(party)`."""
        (mark,) = self._marks.towards([self._message.text("avp(party)")])
        self._ksr.pv.sets("$avp(mark)", mark)
        return RELAY

    def in_dialog(self) -> int:
        """Judge whether a request inside a dialog may be relayed, after our own Route has been taken off.

        Puts into variables who sent it (`caller` or `callee`), and what `contact_changed` and `hung_up` need.
        """
        text = self._message.text
        try:
            self._message.check_tags()
        except Malformed:
            return MALFORMED
        call_id, from_tag, to_tag = map(self._message.raw, ("ci", "ft", "tt"))
        parties = Parties(self._trunks(), self._seen)
        source = text("si")
        # Not a character of it may be missing: what counts may stand at its end.
        leads_to = self._message.verbatim("du") or self._message.verbatim("ru")
        why = "it has no mark"
        for towards, caller_tag in ((Towards.CALLEE, from_tag), (Towards.CALLER, to_tag)):
            try:
                mark = CallMark.decode(text("var(mark)"), self._keys.ring, self._now_ms(), call_id, caller_tag)
            except MarkInvalid as error:
                why = f"its mark does not hold: {error}"
                continue
            call = _name(call_id, caller_tag)
            if mark.towards is not towards:
                why = "its mark is for the other direction"
            elif not parties.may_send(mark, source):
                why = "its sender is not a party of the call"
            elif not parties.may_reach(mark, leads_to, call):
                why = "it leads to where the call never was"
            else:
                self._accept(parties, mark, call)
                return RELAY
        self._ksr.pv.sets("$var(why)", why)
        return REFUSE

    def _accept(self, parties: Parties, mark: CallMark, call: str) -> None:
        put = self._ksr.pv.sets
        put("$avp(by)", _BY[mark.towards])
        method = self._message.text("rm")
        if method not in ("INVITE", "UPDATE"):
            return
        put("$avp(inbound)", mark.inbound)
        put("$avp(outbound)", mark.outbound)
        put("$avp(dialog)", call)
        self._note_contact(parties, mark, _other(mark.towards), call)

    def contact_changed(self) -> int:
        """Heed the Contact of the 2xx to a re-INVITE or UPDATE."""
        text = self._message.text
        answering = Towards.CALLEE if text("avp(by)") == "caller" else Towards.CALLER
        mark = CallMark(answering, text("avp(inbound)"), text("avp(outbound)"), 0)
        self._note_contact(Parties(self._trunks(), self._seen), mark, answering, text("avp(dialog)"))
        return RELAY

    def _note_contact(self, parties: Parties, mark: CallMark, side: Towards, call: str) -> None:
        for entry in NameAddr.parse_list(self._message.text("hdr(Contact)"))[:1]:
            parties.note_contact(mark, side, entry.uri, call)

    def learn(self, held: int) -> int:
        """Rewrite our mark in an answer to an INVITE: the caller's requests may go to where that answer came from.

        `held` tells whether there is a transaction that it answers. Without one it is a late copy of a 2xx, which is
        only passed on if it comes from where the call went (RFC 6026 §7.2 has it dropped; a copy may be the first one
        that arrives).
        """
        text = self._message.text
        call_id, caller_tag, now_ms = self._message.raw("ci"), self._message.raw("ft"), self._now_ms()
        # What the transaction remembers is the mark of its latest branch, as `mark` made it.
        made = text("avp(mark)") if held == _TRANSACTION_HELD else ""
        for written, proxy in marks_in(self._message.every("Record-Route")):
            try:
                if written == made:
                    mark = CallMark.recall(made)
                else:
                    mark = CallMark.decode(written, self._keys.ring, now_ms, call_id, caller_tag)
            except MarkInvalid:
                continue
            if mark.towards is not Towards.CALLER:
                continue
            parties, source = Parties(self._trunks(), self._seen), text("si")
            if held == _TRANSACTION_HELD:
                parties.note_answer(mark, source)
            elif not parties.may_send(mark, source):
                return REFUSE
            leads_to = proxy or hop_of("", text("hdr(Contact)"))
            hop = NextHop.of(leads_to)
            digest = hop.digest() if hop is not None else bytes(DIGEST_BYTES)
            new = CallMark(Towards.CALLEE, mark.inbound, mark.outbound, mark.ends_at_s, digest)
            token = new.encode(self._keys.ring, now_ms, call_id, caller_tag)
            self._ksr.textops.replace_str(written, token, "a")
            self._ksr.pv.sets("$avp(marked)", written)
            self._ksr.pv.sets("$avp(learnt)", token)
            self._ksr.pv.sets("$avp(hop)", leads_to)
            return REWRITTEN
        return RELAY if held == _TRANSACTION_HELD else REFUSE


def _name(call_id: bytes, caller_tag: bytes) -> str:
    """Return a short name of a call, whatever its identifiers are."""
    return hashlib.sha256(call_id + b" " + caller_tag).hexdigest()[:32]


def _other(towards: Towards) -> Towards:
    return Towards.CALLER if towards is Towards.CALLEE else Towards.CALLEE
