"""What Kamailio loads: the entry into its own Python. Started with the run directory as working directory."""

import gc
import json
import logging
import os
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

# Kamailio puts this file's directory in front; its modules would then exist twice, under two names.
sys.path[:] = [place for place in sys.path if Path(place) != Path(__file__).parent]

import KSR  # noqa: E402 - after the search path has been put right
from cryptography.x509 import Certificate  # noqa: E402

from renvoi import process_rights  # noqa: E402
from renvoi.call_records.spool import Spool, SpoolDirectory  # noqa: E402
from renvoi.count_files import OTHERS, OWN, CountFile  # noqa: E402
from renvoi.domain.numbers.number import load_every_region  # noqa: E402
from renvoi.domain.rules.schedule import load_every_zone  # noqa: E402
from renvoi.domain.shared_key import KeysInvalid  # noqa: E402
from renvoi.edge import sandbox  # noqa: E402
from renvoi.edge.config import SQLITE  # noqa: E402
from renvoi.edge.identity.certificates import CertificateInvalid  # noqa: E402
from renvoi.edge.identity.files import (  # noqa: E402
    FETCHED,
    REQUESTS,
    FetchedCertificates,
    KeyInvalid,
    Requests,
    load_key,
    load_trusted,
)
from renvoi.edge.router.backlog import LOST, LOST_AT, SharedBacklog  # noqa: E402
from renvoi.edge.router.challenges import NOTHING, Challenges  # noqa: E402
from renvoi.edge.router.count_publisher import CountPublisher  # noqa: E402
from renvoi.edge.router.dialogs import Dialogs, Marks  # noqa: E402
from renvoi.edge.router.identity import Tools  # noqa: E402
from renvoi.edge.router.lookup import Lookup, LookupFailed, ProcessLookup  # noqa: E402
from renvoi.edge.router.lookup_factory import opener  # noqa: E402
from renvoi.edge.router.overload_control import (  # noqa: E402
    MEMORY_SHORT,
    REFUSED_SHARE,
    LoadShedder,
    MemoryKeeper,
    ReceiveQueue,
    asker,
)
from renvoi.edge.router.registrar_answers import RegistrarAnswers  # noqa: E402
from renvoi.edge.router.router import Own, Router  # noqa: E402
from renvoi.edge.router.secured import (  # noqa: E402
    CertifiedPeers,
    SecuredConnections,
    SecuredHops,
)
from renvoi.edge.router.sip_responses import FAILED, FORWARD  # noqa: E402
from renvoi.edge.router.trunk_credentials import TrunkCredentials  # noqa: E402
from renvoi.key_file import NAME, KeyFile  # noqa: E402

SETTINGS = Path("edge.json")
TRUNKS = Path("trunks.json")
RETRY_S = 1.0
"""Time between two tries to write what waits for the spool, and the longest rest of who tries."""

_WHOLE = 0.9
"""Share of a rest; who rests less was woken up."""


class KamailioLog(logging.Handler):
    """Sends log records to Kamailio's log, where they get the Call-ID of the message at hand."""

    def emit(self, record: logging.LogRecord) -> None:
        """Log one record; a trace becomes one line."""
        text = self.format(record).replace("\r", "").replace("\n", " | ") + "\n"
        (KSR.err if record.levelno >= logging.ERROR else KSR.warn)(text)


class Handler:
    """The object whose methods Kamailio calls."""

    def __init__(self, settings: dict[str, Any]) -> None:
        self._settings = settings
        self._lookup = ProcessLookup(opener(settings))
        self._parent = os.getpid()
        self._router: Router | None = None
        self._dialogs: Dialogs | None = None
        self._challenges: Challenges | None = None
        self._secured: SecuredConnections | None = None
        self._certified: CertifiedPeers | None = None
        self._secured_hops: SecuredHops | None = None
        self._credentials: TrunkCredentials | None = None
        self._registrar: RegistrarAnswers | None = None
        self._load_shedder: LoadShedder | None = None
        self._memory = MemoryKeeper(asker(KSR))
        self._spool: Spool | None = None
        self._retry_at_s = 0.0
        self._is_shared = not settings["database"].startswith(SQLITE)
        """Whether there may be other nodes."""
        self._publisher: CountPublisher | None = None

    def _elsewhere(self) -> Callable[[str], int]:
        """Return what tells what other nodes count."""
        if not self._is_shared:
            return lambda _name: 0
        return CountFile(Path(OTHERS), lambda text: KSR.err(f"renvoi: {text}\n")).of

    def prepare(self) -> None:
        """Make what every process needs, before the fork: each would have a copy of its own of what it makes itself.

        Raises:
            OSError, KeysInvalid, ValueError, KeyError: a file that was written for the start is missing or damaged.
        """
        settings = self._settings
        directory = SpoolDirectory(Path(settings["spool"]))
        self._spool = spool = Spool(directory, settings["boot"], _lost, waits=_waits, backlog=SharedBacklog(KSR))
        relay = tuple(settings["relay"]) if settings["relay"] else None
        cooling_off_ms = settings["cooling_off_s"] * 1000
        own = Own(settings["domain"], settings["address"], settings["voicemail"], relay, cooling_off_ms)
        keys = KeyFile(Path(NAME), lambda text: KSR.err(f"renvoi: {text}\n"))
        marks = Marks(KSR, keys, settings["longest_call_s"], _now_ms)
        tools = _tools(settings["certificate_url"], settings["domain"])
        router = self._router = Router(
            KSR, own, TRUNKS, self._lookup, spool, _now_ms, keys, marks, tools, self._elsewhere()
        )
        self._dialogs = Dialogs(KSR, keys, router.current_trunks, marks, _now_ms)
        self._challenges = Challenges(KSR, keys, settings["domain"], _now_ms)
        self._secured_hops = SecuredHops(KSR, keys, router.current_trunks)
        self._credentials = TrunkCredentials(KSR)
        self._registrar = RegistrarAnswers(KSR)
        self._certified = CertifiedPeers(KSR, router.current_trunks)
        self._secured = SecuredConnections(KSR, router.current_trunks, **settings["secured"])
        self._publisher = CountPublisher(KSR, Path(OWN)) if self._is_shared else None

    def child_init(self, rank: int) -> int:
        """Prepare one process: open the store, then drop every privilege that this took."""
        try:
            if rank == sandbox.MAIN_RANK:
                # It hears nothing from the network, and has yet to fork processes that need what it was given.
                process_rights.use_capabilities(False)
                return 0
            process_rights.die_with_parent(self._parent)
            process_rights.use_capabilities(True)
            looks_up = rank > 0 or rank == sandbox.TIMER_RANK
            if looks_up:
                self._lookup.open()
            process_rights.drop_capabilities()
            # Few calls need the store in another process.
            if looks_up and rank > 0:
                _try(self._lookup)
        except (OSError, LookupFailed) as error:
            KSR.err(f"renvoi: the edge cannot start: {error}\n")
            return -1
        return 0

    def invite(self, _message: object) -> int:
        """See `Router.invite`."""
        return self._guard(lambda router: router.invite())

    def look(self, _message: object) -> int:
        """See `Unreadable.look`."""
        return self._guard(lambda router: router.unreadable.look())

    def receive(self, _message: object) -> int:
        """See `Challenges.receive`; what fails is a stranger's, and gets nothing."""
        challenges = self._challenges
        assert challenges is not None
        judged = self._guard(lambda _: challenges.receive())
        return judged if judged != FAILED else NOTHING

    def look_at_ack(self, _message: object) -> int:
        """See `Challenges.look_at_ack`."""
        challenges = self._challenges
        assert challenges is not None
        return self._guard(lambda _: challenges.look_at_ack())

    def refuse_unfit(self, _message: object) -> int:
        """See `Router.refuse_unfit`."""
        return self._guard(lambda router: router.refuse_unfit())

    def refuse(self, _message: object, what: str) -> int:
        """See `Router.refuse`."""
        return self._guard(lambda router: router.refuse(what))

    def answered(self, _message: object) -> int:
        """See `Outcomes.answered`."""
        return self._guard(lambda router: router.outcomes.answered())

    def late_answer(self, _message: object) -> int:
        """See `Outcomes.late_answer`."""
        return self._guard(lambda router: router.outcomes.late_answer())

    def failed(self, _message: object, by: str) -> int:
        """See `Outcomes.failed`."""
        return self._guard(lambda router: router.outcomes.failed(by))

    def give_up(self, _message: object, what: str) -> int:
        """See `Outcomes.give_up`."""
        return self._guard(lambda router: router.outcomes.give_up(what))

    def redirected(self, _message: object) -> int:
        """See `Redirects.follow`."""
        return self._guard(lambda router: router.redirects.follow())

    def fell_back(self, _message: object, why: str) -> int:
        """See `Outcomes.fell_back`."""
        return self._guard(lambda router: router.outcomes.fell_back(why))

    def go_on(self, _message: object, why: str) -> int:
        """See `SecondNumber.go_on`."""
        return self._guard(lambda router: router.second_number.go_on(why))

    def hung_up(self, _message: object) -> int:
        """See `Outcomes.hung_up`."""
        return self._guard(lambda router: router.outcomes.hung_up())

    def outlasted(self, _message: object, names: str) -> int:
        """See `Outcomes.outlasted`."""
        return self._guard(lambda router: router.outcomes.outlasted(names))

    def relay_answers(self, _message: object) -> int:
        """See `Outcomes.relay_answers`."""
        return self._guard(lambda router: router.outcomes.relay_answers())

    def mark(self, _message: object) -> int:
        """See `Dialogs.mark`."""
        return self._guard(lambda _: self._require_dialogs().mark())

    def in_dialog(self, _message: object) -> int:
        """See `Dialogs.in_dialog`."""
        return self._guard(lambda _: self._require_dialogs().in_dialog())

    def lead_to_worker(self, _message: object) -> int:
        """See `Dialogs.lead_to_worker`."""
        return self._guard(lambda _: self._require_dialogs().lead_to_worker())

    def called_trunk(self, _message: object) -> int:
        """See `Dialogs.called_trunk`."""
        return self._guard(lambda _: self._require_dialogs().called_trunk())

    def prove(self, _message: object) -> int:
        """See `TrunkCredentials.prove`."""
        credentials = self._credentials
        assert credentials is not None
        return self._guard(lambda _: credentials.prove())

    def registrar_challenge(self, _message: object) -> int:
        """See `RegistrarAnswers.challenge`."""
        return self._guard(lambda _: self._require_registrar().challenge())

    def binding(self, _message: object) -> int:
        """See `RegistrarAnswers.binding`."""
        return self._guard(lambda _: self._require_registrar().binding())

    def _require_registrar(self) -> RegistrarAnswers:
        assert self._registrar is not None
        return self._registrar

    def contact_changed(self, _message: object) -> int:
        """See `Dialogs.contact_changed`."""
        return self._guard(lambda _: self._require_dialogs().contact_changed())

    def learn(self, _message: object, held: str) -> int:
        """See `Dialogs.learn`."""
        return self._guard(lambda _: self._require_dialogs().learn(int(held)))

    def learn_answer(self, _message: object) -> int:
        """Do what `learn` and `answered` do, for an answer that is both."""
        learnt = self._guard(lambda _: self._require_dialogs().learn(1))
        self._guard(lambda router: router.outcomes.answered())
        return learnt

    def _require_dialogs(self) -> Dialogs:
        assert self._dialogs is not None
        return self._dialogs

    def secured_probe(self, _message: object) -> int:
        """See `SecuredConnections.probe`."""
        return self._guard(lambda _: self._require_secured().probe())

    def secured_answered(self, _message: object) -> int:
        """See `SecuredConnections.answered`."""
        return self._guard(lambda _: self._require_secured().answered())

    def secured_hop(self, _message: object) -> int:
        """See `SecuredHops.choose`."""
        hops = self._secured_hops
        assert hops is not None
        return self._guard(lambda _: hops.choose())

    def certify(self, _message: object) -> int:
        """See `CertifiedPeers.certify`."""
        certified = self._certified
        assert certified is not None
        return self._guard(lambda _: certified.certify())

    def _require_secured(self) -> SecuredConnections:
        assert self._secured is not None
        return self._secured

    def measure_load(self, _message: object) -> int:
        """Measure load and memory, and set which new calls are refused at once; retry what waits for the spool."""
        if self._load_shedder is None:
            # Made here: no other process measures.
            self._load_shedder = LoadShedder(ReceiveQueue(self._settings["port"]))
        # This process has nothing else to do: it sleeps here while there is nothing to measure.
        began_s, publisher = time.monotonic(), self._publisher
        rest_s = RETRY_S if publisher is None else publisher.rest_s(RETRY_S, began_s)
        if not self._memory.is_low:
            self._load_shedder.rest(KSR.pv.get(f"$shv({REFUSED_SHARE})"), rest_s)
        now_s = time.monotonic()
        if publisher is not None:
            if now_s - began_s < rest_s * _WHOLE:
                publisher.stir(now_s)
            self._guard(lambda _: self._publish(publisher, now_s))
        if now_s >= self._retry_at_s:
            self._retry_at_s = now_s + RETRY_S
            self._guard(lambda _: self._retry())
        self._guard(lambda _: self._measure_memory())
        KSR.pv.seti(f"$shv({REFUSED_SHARE})", self._load_shedder.step(KSR.pv.get(f"$shv({REFUSED_SHARE})")))
        return FORWARD

    def _publish(self, publisher: CountPublisher, now_s: float) -> int:
        publisher.look(now_s, _now_ms())
        return FORWARD

    def _measure_memory(self) -> int:
        KSR.pv.seti(f"$shv({MEMORY_SHORT})", int(self._memory.is_short()))
        return FORWARD

    def _retry(self) -> int:
        assert self._spool is not None
        self._spool.retry()
        return FORWARD

    def _guard(self, action: Callable[[Router], int]) -> int:
        try:
            assert self._router is not None
            return action(self._router)
        except Exception:  # noqa: BLE001 - whatever goes wrong must end in an answer, which Kamailio's route gives
            KSR.err("renvoi: " + traceback.format_exc().replace("\n", " | ") + "\n")
            return FAILED


def _tools(certificate_url: str | None, domain: str) -> Tools:
    """Return what identity is verified and signed with; calls go on without what cannot be read."""
    here = Path()
    trusted: Sequence[Certificate] = ()
    signer = None
    try:
        trusted = load_trusted(here)
        signer = load_key(here, certificate_url)
    except (CertificateInvalid, KeyInvalid) as error:
        KSR.err(f"renvoi: identity is not signed or verified: {error}\n")
    requests = Requests(here / REQUESTS)
    return Tools(FetchedCertificates(here / FETCHED, trusted, requests.ask), signer, domain)


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


def _try(lookup: Lookup) -> None:
    """Read something, with the rights that there will be from now on; a store that is away may come back."""
    try:
        lookup.check()
    except LookupFailed as error:
        KSR.err(f"renvoi: {error}\n")


def _lost(line: bytes, error: OSError) -> None:
    KSR.err(f"renvoi: the spool cannot be written ({error}); lost event {line.decode('ascii', 'replace').rstrip()}\n")
    KSR.statistics.update_stat(LOST, 1)
    KSR.pv.seti(f"$shv({LOST_AT})", int(time.time()))


def _waits(error: OSError) -> None:
    KSR.warn(f"renvoi: the spool cannot be written ({error}); call events wait in memory\n")


def mod_init() -> Handler:
    """Load everything before Kamailio forks, so that its processes share the memory."""
    logging.basicConfig(handlers=[KamailioLog()], level=logging.WARNING, format="renvoi: %(message)s")
    handler = Handler(json.loads(SETTINGS.read_text("utf-8")))
    # After the processes have dropped their privileges they may be unable to read it.
    load_every_region()
    load_every_zone()
    try:
        handler.prepare()
    except (OSError, KeysInvalid, ValueError, KeyError) as error:
        KSR.err(f"renvoi: the edge cannot start: {error}\n")
        raise
    gc.collect()
    gc.freeze()
    return handler
