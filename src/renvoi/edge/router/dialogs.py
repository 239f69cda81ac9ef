"""Requests inside a dialog: the edge relays them for the two parties of a call that an edge of ours let in.

Called by Kamailio in the middle of a message, like the methods of `Router`.
"""

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from renvoi.domain.calls.call_mark import (
    MAX_ALIAS_URI,
    WORKER,
    Alias,
    CallMark,
    MarkInvalid,
    Towards,
    hop_digest,
)
from renvoi.domain.name_addr import NameAddr, userinfo, with_userinfo
from renvoi.edge.router.invite_parser import KamailioMessage, Malformed
from renvoi.edge.router.parties import Parties, hop_of, marks_in
from renvoi.edge.router.trunk_table import TrunkTable
from renvoi.key_file import KeyFile

_PLAIN_URI = re.compile(r"(?:sips?|tel):[!#-;=?-~]+", re.IGNORECASE)
VOICEMAIL_USER = "voicemail"
"""The user part of the voicemail's Contact; its host is the edge's own."""
NOBODY = "sip:anonymous@anonymous.invalid"

RELAY = 1
"""Kamailio shall send the message on."""
REFUSE = -1
"""Its sender may not send it, or its next hop is not part of the call."""
MALFORMED = -2
"""Nobody can tell for certain which dialog it belongs to."""
REWRITTEN = 2
"""Kamailio shall send the answer on; variables have our mark in it, and what it has become."""
SEEN_TABLE = "seen"
"""Kamailio's table of what `Seen` keeps."""
_BY = {Towards.CALLEE: "caller", Towards.CALLER: "callee"}
_TRANSACTION_HELD = 1


class SeenTable:
    """See `Seen`: a table of Kamailio's."""

    def __init__(self, ksr: Any) -> None:
        self._table = ksr.htable

    def note(self, fact: str) -> None:
        """Keep a fact."""
        self._table.sht_seti(SEEN_TABLE, fact, 1)

    def has(self, fact: str) -> bool:
        """Tell whether it was noted."""
        return self._table.sht_get(SEEN_TABLE, fact) is not None


@dataclass(frozen=True, slots=True)
class Branch:
    """A branch of an INVITE to a party: a trunk by its name, or `WORKER` and an address.

    `hop` is the URI of the next hop that its answer is expected to name, empty for none. `from_uri` is the URI in From
    there where that is not the caller's; `hides_contact` whether it gets a Contact without the caller's user part;
    `relayed` whether its audio goes through the media relay; `raises_cseq` whether requests there have another CSeq.
    """

    party: str
    hop: str = ""
    from_uri: str = ""
    hides_contact: bool = False
    relayed: bool = False
    raises_cseq: bool = False


class Marks:
    """Makes the marks of a new call's branches. `longest_s` is how long after its INVITE a call may last."""

    def __init__(self, ksr: Any, keys: KeyFile, longest_s: int, now_ms: Callable[[], int]) -> None:
        self._message = KamailioMessage(ksr)
        self._keys = keys
        self._longest_s = longest_s
        self._now_ms = now_ms

    def of(self, branch: Branch) -> str:
        """Return the mark of a branch of this INVITE."""
        ((mark, _),) = self.foresee([branch])
        return mark

    def foresee(self, branches: Iterable[Branch]) -> Iterator[tuple[str, str]]:
        """Yield two marks for each branch of this INVITE: its own, and what `Dialogs.learn` makes of that.

        The second one is empty where no hop is expected.
        """
        text, now_ms, ring = self._message.text, self._now_ms(), self._keys.ring
        # What a caller behind NAT writes as its Contact leads nowhere.
        contact = text("su") if text("avp(nat)") == "1" else text("hdr(Contact)")
        digest = hop_digest(hop_of(self._message.every("Record-Route"), contact))
        call_id, tag = self._message.raw("ci"), self._message.raw("ft")
        inbound = text("avp(admitted)") or text("avp(peer)")
        ends_at_s = now_ms // 1000 + self._longest_s
        for branch in branches:
            own, other = self._aliases(branch) if branch.from_uri else (None, None)
            ways = branch.relayed, branch.raises_cseq
            mark = CallMark(Towards.CALLER, inbound, branch.party, ends_at_s, digest, own, *ways)
            learnt = ""
            if branch.hop:
                hop = hop_digest(branch.hop)
                back = CallMark(Towards.CALLEE, inbound, branch.party, ends_at_s, hop, other, *ways)
                learnt = back.encode(ring, now_ms, call_id, tag)
            yield mark.encode(ring, now_ms, call_id, tag), learnt

    def _aliases(self, branch: Branch) -> tuple[Alias, Alias]:
        """Return what the caller calls itself, and what the party of the branch calls it."""
        own = self._message.verbatim("fu")
        contact = self._message.contact() if branch.hides_contact else None
        user = userinfo(contact) if contact is not None else None
        return (
            Alias(own if _is_plain(own) else "", user),
            Alias(branch.from_uri, "" if user is not None else None),
        )


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
        self._message = KamailioMessage(ksr)
        self._keys = keys
        self._trunks = trunks
        self._seen = SeenTable(ksr)
        self._marks = marks
        self._now_ms = now_ms

    def mark(self) -> int:
        """Put into a variable the mark of the branch that is being made, to the trunk or worker in `$avp(party)`."""
        text = self._message.text
        hides, relayed, raises = (text(f"avp({name})") == "1" for name in ("hides_contact", "relayed", "raises"))
        branch = Branch(text("avp(party)"), "", text("avp(from_uri)"), hides, relayed, raises)
        self._ksr.pv.sets("$avp(mark)", self._marks.of(branch))
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
                why = "its next hop is not part of the call"
            else:
                self._accept(parties, mark, call)
                return RELAY
        self._ksr.pv.sets("$var(why)", why)
        return REFUSE

    def lead_to_worker(self) -> int:
        """Let a request of a caller of the voicemail go to the worker that has the call: its Contact named the edge."""
        call_id, tag = self._message.raw("ci"), self._message.raw("ft")
        try:
            mark = CallMark.decode(self._message.text("var(mark)"), self._keys.ring, self._now_ms(), call_id, tag)
        except MarkInvalid:
            return RELAY  # `in_dialog` says why
        if mark.outbound.startswith(WORKER):
            self._ksr.pv.sets("$ru", f"sip:{VOICEMAIL_USER}@{mark.outbound.removeprefix(WORKER)}")
            self._ksr.pv.seti("$avp(to_worker)", 1)
        return RELAY

    def called_trunk(self) -> int:
        """Put into a variable the trunk on the called side, by the mark of an accepted request of the caller."""
        call_id, tag = self._message.raw("ci"), self._message.raw("ft")
        mark = CallMark.recall(self._message.text("avp(mark)"), self._keys.ring, call_id, tag)
        self._ksr.pv.sets("$avp(trunk)", mark.outbound)
        return RELAY

    def _accept(self, parties: Parties, mark: CallMark, call: str) -> None:
        put = self._ksr.pv.sets
        put("$avp(by)", _BY[mark.towards])
        if mark.alias is not None:
            self._rename(mark.towards, mark.alias)
        if mark.towards is Towards.CALLER and parties.is_natted(mark.inbound_trunk):
            self._ksr.pv.seti("$avp(natted_caller)", 1)
        if mark.relayed:
            self._ksr.pv.seti("$avp(relayed)", 1)
        if mark.raises_cseq and mark.towards is Towards.CALLEE:
            self._ksr.pv.seti("$avp(raises)", 1)
        method = self._message.text("rm")
        if method not in ("INVITE", "UPDATE"):
            return
        put("$avp(inbound)", mark.inbound)
        put("$avp(outbound)", mark.outbound)
        put("$avp(dialog)", call)
        self._note_contact(parties, mark, _other(mark.towards), call)

    def _rename(self, towards: Towards, alias: Alias) -> None:
        """Put into variables what a request has to call the calling side, for the side that it goes to."""
        put = self._ksr.pv.sets
        self._ksr.pv.seti("$avp(renamed)", 1)
        if alias.uri:
            put("$avp(alias)", alias.uri)
        if alias.contact_user is None:
            return
        if towards is Towards.CALLER:
            put("$avp(target)", with_userinfo(self._message.verbatim("ru"), alias.contact_user))
            put("$avp(answer_hides_contact)", "1")
        else:
            put("$avp(hides_contact)", "1")

    def contact_changed(self) -> int:
        """Take the Contact of the 2xx to a re-INVITE or UPDATE."""
        text = self._message.text
        answering = Towards.CALLEE if text("avp(by)") == "caller" else Towards.CALLER
        mark = CallMark(answering, text("avp(inbound)"), text("avp(outbound)"), 0)
        self._note_contact(Parties(self._trunks(), self._seen), mark, answering, text("avp(dialog)"))
        return RELAY

    def _note_contact(self, parties: Parties, mark: CallMark, side: Towards, call: str) -> None:
        if side is Towards.CALLER and self._message.text("avp(nat)") == "1":
            return  # it is reached where it sends from, at an address of its trunk
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
                    mark = CallMark.recall(made, self._keys.ring, call_id, caller_tag)
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
            alias = self._shown(mark.alias) if mark.alias is not None else None
            if mark.outbound.startswith(WORKER):
                self._ksr.pv.seti("$var(from_worker)", 1)
            if held != _TRANSACTION_HELD:
                self._recall(mark)
            new = replace(mark, towards=Towards.CALLEE, hop=hop_digest(leads_to), alias=alias)
            token = new.encode(self._keys.ring, now_ms, call_id, caller_tag)
            self._ksr.textops.replace_str(written, token, "a")
            self._ksr.pv.sets("$avp(marked)", written)
            self._ksr.pv.sets("$avp(learnt)", token)
            self._ksr.pv.sets("$avp(learnt_hop)", leads_to)
            return REWRITTEN
        return RELAY if held == _TRANSACTION_HELD else REFUSE

    def _recall(self, mark: CallMark) -> None:
        """Put into variables what the transaction would know of the call."""
        if mark.relayed:
            self._ksr.pv.seti("$var(relayed)", 1)
        if mark.raises_cseq:
            self._ksr.pv.seti("$var(raises)", 1)
        if mark.alias is not None and mark.alias.uri:
            self._ksr.pv.sets("$var(own_uri)", mark.alias.uri)

    def _shown(self, own: Alias) -> Alias:
        """Return what the side that gives this answer calls the calling one."""
        origin = next(iter(NameAddr.parse_list(self._message.text("hdr(From)"))), None)
        uri = origin.uri if origin is not None else ""
        # Only that side will read it; what is not a plain URI all the same becomes one that tells nobody anything.
        return Alias(uri if _is_plain(uri) else NOBODY, None if own.contact_user is None else "")


def _is_plain(uri: str) -> bool:
    return len(uri) <= MAX_ALIAS_URI and _PLAIN_URI.fullmatch(uri) is not None


def _name(call_id: bytes, caller_tag: bytes) -> str:
    """Return a short name of a call, whatever its identifiers are."""
    return hashlib.sha256(call_id + b" " + caller_tag).hexdigest()[:32]


def _other(towards: Towards) -> Towards:
    return Towards.CALLER if towards is Towards.CALLEE else Towards.CALLEE
