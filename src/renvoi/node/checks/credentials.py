"""Whether a trunk lets us in: a challenge of its is answered, as the edge would, without a call being placed."""

import asyncio
import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from renvoi.domain.bilingual import Bilingual
from renvoi.domain.hosts import host_and_port
from renvoi.domain.trunks.address import TCP, TLS, Destination
from renvoi.domain.trunks.digest import Credentials, answer_to, is_stale, parameters_of, wants_md5
from renvoi.edge.router.malformed import Salvaged, salvage
from renvoi.edge.tls.profiles import Profile
from renvoi.node.checks.results import Finding
from renvoi.sip_options import exchange, status_of

ANSWER_TIMEOUT_S = 4.0
MOST_TRIES = 3
"""Requests: without credentials, with them, and once more if only the nonce was too old."""
_CHALLENGES = {401: (b"www-authenticate", "Authorization"), 407: (b"proxy-authenticate", "Proxy-Authorization")}
_ASK = Bilingual(
    "ask the carrier whether it is let in from here", "demandez à l’opérateur si l’on est admis depuis cette machine"
)
_SET = "renvoi trunk set {name} --user USER --password-file FILE"


@dataclass(frozen=True, slots=True)
class Answer:
    """A final answer: its status and phrase, and the message."""

    status: int
    phrase: str
    message: Salvaged

    def __str__(self) -> str:
        return f"{self.status} {self.phrase}".strip()


class NotAnswered(Exception):
    """The other side does not answer, or with something else than SIP; the text says what."""

    def __init__(self, said: Bilingual) -> None:
        super().__init__(said)
        self.said = said


@dataclass(frozen=True, slots=True)
class TrunkPlace:
    """Where a trunk is asked: its URI, and host and port in that; its name, its address, and who is trusted by TLS."""

    uri: str
    place: str
    host: str
    at: Destination
    profile: Profile


@dataclass(frozen=True, slots=True)
class Question:
    """A request that is not a call: `uri` is its Request-URI, `who` the URI in From and To.

    `raises_cseq`: it is sent again with a higher CSeq.
    """

    method: str
    uri: str
    who: str
    raises_cseq: bool


async def check_credentials(
    name: str,
    where: TrunkPlace,
    registrar: tuple[str, Destination] | None,
    shown: Credentials,
    raises_cseq: bool,
) -> Finding:
    """Tell whether the trunk of that name lets us in.

    It is asked by OPTIONS, sent again with the CSeq that a call would have. Where that is not challenged a registrar,
    its domain and address, is asked which bindings there are: a REGISTER without Contact changes nothing (RFC 3261
    §10.2.3).
    """
    questions = [(Question("OPTIONS", where.uri, f"sip:{shown.user}@{where.place}", raises_cseq), where)]
    if registrar is not None:
        domain, at = registrar
        there = replace(where, at=at)
        questions.append((Question("REGISTER", f"sip:{domain}", f"sip:{shown.user}@{domain}", raises_cseq=True), there))
    said: tuple[str, Answer] | None = None
    for question, place in questions:
        try:
            found, asked = await _prove(question, place, shown)
        except NotAnswered as error:
            return Finding("credentials", False, error.said, _ASK)
        if asked:
            return _judged(name, shown, found, question.method)
        said = question.method, found[0]
    assert said is not None, "one is asked at least"
    method, answer = said
    text = Bilingual(
        f"not known: {method} is not challenged ({answer})",
        f"inconnu\u00a0: {method} ne demande pas de preuve ({answer})",
    )
    command = f"`renvoi trunk test {name} --call NUMBER`"
    advice = Bilingual(f"{command} places a call, which is", f"{command} place un appel, auquel on en demande une")
    return Finding("credentials", False, text, advice, needed=False)


def _judged(name: str, shown: Credentials, found: list[Answer], method: str) -> Finding:
    *before, last = found
    came = ", then ".join(str(each) for each in (*before, last))
    if last.status >= 500:
        text = Bilingual(f"not known: {method} got {came}", f"inconnu\u00a0: {method} a reçu {came}")
        return Finding("credentials", False, text, Bilingual("try again later", "réessayez plus tard"), needed=False)
    if last.status not in _CHALLENGES and last.status != 403:
        text = Bilingual(
            f"{method} as {shown.user} is let in: {came}",
            f"{method} en tant que {shown.user} est accepté\u00a0: {came}",
        )
        return Finding("credentials", True, text)
    if not before:
        why = _why_not(last, shown)
        text = Bilingual(f"{came}: {why}", f"{came}\u00a0: {why.french}")
        return Finding("credentials", False, text, _SET.format(name=name) + " --realm REALM")
    text = Bilingual(
        f"{method} as {shown.user} is refused: {came}",
        f"{method} en tant que {shown.user} est refusé\u00a0: {came}",
    )
    return Finding("credentials", False, text, _SET.format(name=name))


def _why_not(answer: Answer, shown: Credentials) -> Bilingual:
    realms = [each.get("realm", b"").decode("utf-8", "replace") for each in _challenges(answer)]
    if not realms:
        return Bilingual("it asks for nothing that renvoi can read", "il ne demande rien que renvoi sache lire")
    if shown.realm and shown.realm not in realms:
        return Bilingual(
            f"it asks for the realm {realms[0]!r}, and our password is for {shown.realm!r} alone",
            f"il demande le domaine {realms[0]!r}, et notre mot de passe n’est que pour {shown.realm!r}",
        )
    return Bilingual(
        "it asks for another proof than MD5, or SHA-256 of a call, with qop=auth; the edge knows no other",
        "il demande une autre preuve que MD5, ou SHA-256 d’un appel, avec qop=auth\u00a0; l’edge n’en connaît pas "
        "d’autre",
    )


async def _prove(question: Question, where: TrunkPlace, shown: Credentials) -> tuple[list[Answer], bool]:
    """Ask, and answer what is asked in return; return all answers, and whether anything was."""
    call_id, tag = f"test-{secrets.token_hex(8)}", secrets.token_hex(8)
    found: list[Answer] = []
    proof = ""
    for number in range(1, MOST_TRIES + 1):
        cseq = number if question.raises_cseq else 1
        found.append(await _ask(question, where, (call_id, tag, cseq), proof))
        last = found[-1]
        if last.status not in _CHALLENGES or (number > 1 and not _is_stale(last)):
            break
        answered = _proof(last, question, shown)
        if not answered:
            break
        proof = answered
    return found, found[0].status in _CHALLENGES


def _is_stale(answer: Answer) -> bool:
    return any(map(is_stale, _challenges(answer)))


def _challenges(answer: Answer) -> Iterator[Mapping[str, bytes]]:
    name, _ = _CHALLENGES[answer.status]
    for key, value in answer.message.headers:
        if key == name and (found := parameters_of(value)) is not None:
            yield found


def _proof(answer: Answer, question: Question, shown: Credentials) -> str:
    """Return the header line that answers a challenge, empty where there is none that we can answer."""
    _, name = _CHALLENGES[answer.status]
    for each in _challenges(answer):
        if shown.realm and each.get("realm", b"").decode("utf-8", "replace") != shown.realm:
            continue
        if question.method == "REGISTER" and not wants_md5(each):
            # Kamailio registers us, and knows nothing else.
            continue
        value = answer_to(each, shown.user, shown.password, question.method, question.uri, secrets.token_hex(8))
        if value is not None:
            return f"{name}: {value}\r\n"
    return ""


async def _ask(question: Question, there: TrunkPlace, dialog: tuple[str, str, int], proof: str) -> Answer:
    call_id, tag, cseq = dialog
    method, uri, who = question.method, question.uri, question.who

    def write(own: tuple[str, int], transport: str) -> bytes:
        here = host_and_port(*own)
        return (
            f"{method} {uri} SIP/2.0\r\n"
            f"Via: SIP/2.0/{transport} {here};branch=z9hG4bK{secrets.token_hex(8)};rport\r\n"
            f"From: <{who}>;tag={tag}\r\nTo: <{who}>\r\nCall-ID: {call_id}\r\nCSeq: {cseq} {method}\r\n"
            f"Max-Forwards: 70\r\n{proof}Content-Length: 0\r\n\r\n"
        ).encode("utf-8", "surrogateescape")

    at = there.at
    where = host_and_port(at.address, at.port)
    try:
        async with asyncio.timeout(ANSWER_TIMEOUT_S):
            if at.transport == TLS:
                data = await _by_tls(write, there)
            else:
                data = await exchange(write, at.address, at.port, tcp=at.transport == TCP)
    except TimeoutError as error:
        english = f"no answer to {method} from {where} within {ANSWER_TIMEOUT_S:g} s"
        french = f"pas de réponse à {method} de {where} en {ANSWER_TIMEOUT_S:g} s"
        raise NotAnswered(Bilingual(english, french)) from error
    except OSError as error:
        why = error.strerror or error
        said = Bilingual(f"{where} cannot be reached: {why}", f"{where} ne peut être atteint\u00a0: {why}")
        raise NotAnswered(said) from error
    message, found = salvage(data), status_of(data)
    if message is None or found is None:
        english = f"the answer of {where} to {method} is not SIP"
        french = f"la réponse de {where} à {method} n’est pas du SIP"
        raise NotAnswered(Bilingual(english, french))
    return Answer(*found, message)


async def _by_tls(write: Callable[[tuple[str, int], str], bytes], there: TrunkPlace) -> bytes:
    # Loaded late: most nodes have no such trunk.
    from renvoi.edge.tls.handshake import exchange as exchange_by_tls  # noqa: PLC0415

    return await exchange_by_tls(write, there.host, there.at, there.profile)
