"""What is sent: valid messages with hostile values in them, and with damage. All of it comes from the given dice."""

import json
import random
from collections.abc import Sequence

from tests.support import digest
from tests.support.mutation import mutate
from tests.support.sip import Call
from tests.support.sip_message import Header, SipMessage

HOSTILE: Sequence[str] = (
    "", " ", "\t", "\0", "%00", "a%00b", "%0d%0aX-Evil: y", "%ff", "%u0000", "%", "%%", "\x1b[31m", "\x7f", "\x85",
    "\u2028", "\u202e", "\u200b", "\ufeff", "\udced\udca0\udc80", "\udcff\udcfe", "é", "山田", "😀" * 50, "'", '"',
    "\\", "\\\"", "'; DROP TABLE calls; --", "${jndi:ldap://127.0.0.1/x}", "{{7*7}}", "%s%n", "$ru", "$(ru{s.len})",
    "<script>", "A" * 65, "A" * 300, "A" * 5000, "9" * 400, "+33" + "0" * 60, "sip:", "tel:+33", ";" * 200, "," * 200,
    "<" * 50, ">" * 50, "=" * 200, "reason=" * 300, "@", "@@", "::", "[::", "-1", "0", "256", "4294967296", "9" * 25,
    "1e400", "NaN", "null", "=?utf-8?b?AA==?=", "..", "../../etc/passwd", "a\tb", "\r", "x\r\n y",
)  # fmt: skip
"""Values that parsers, stores, logs, mails and shells are known to stumble over. Lone surrogates stand for bytes."""

_WHERE = (
    "sip:{}@x",
    "<sip:{}@x>",
    '"{}" <sip:+33155555555@x>',
    "<sip:+33155555555@{}>",
    "<sip:+33155555555@x;{}>",
    "{}",
)
_HEADERS: Sequence[Header] = (
    *((name, where) for name in ("P-Asserted-Identity", "P-Called-Party-ID", "Remote-Party-ID") for where in _WHERE),
    *(("Diversion", f"{where};reason=unconditional;counter=1") for where in _WHERE),
    ("Diversion", "<sip:+33155555555@x>;reason={};counter={}"),
    *(("History-Info", f"{where};index=1") for where in _WHERE),
    ("History-Info", "<sip:+33155555555@x?Reason={}&Privacy={}>;index={}"),
    ("Reason", "Q.850;cause={};text={}"),
    ("Privacy", "{}"),
    ("Route", "<sip:{}@127.0.0.1;lr>"),
    ("Record-Route", "<sip:127.0.0.1;lr;{}>"),
    ("Require", "{}"),
    ("Proxy-Require", "{}"),
    ("Identity", "{}"),
    ("Content-Encoding", "{}"),
    ("Accept-Language", "{}"),
    ("X-Renvoi-Deposit", "{}"),
    ("{}", "x"),
)
_METHODS = ("OPTIONS", "BYE", "CANCEL", "ACK", "REGISTER", "UPDATE", "INFO", "PRACK", "MESSAGE", "REFER", "{}")
_SDP_LINES = (
    "m=audio {} RTP/AVP 0 8", "m=audio 40000 RTP/AVP {}", "m=audio 0 RTP/AVP 8", "m=video 40000 RTP/AVP 96",
    "m=audio 40000 {} 8", "c=IN IP4 {}", "c=IN IP6 ::1", "a=rtpmap:{} PCMU/8000", "a=rtpmap:0 {}",
    "a=rtpmap:101 {}/8000",     "a=fmtp:101 {}", "a=ptime:{}", "a=maxptime:{}", "a=sendonly", "a=inactive",
    "o={}", "t={}", "b=AS:{}", "a={}", "{}",
)  # fmt: skip


def hostile(dice: random.Random) -> str:
    """Return one value, or some of them in a row."""
    return "".join(dice.choices(HOSTILE, k=dice.choice((1, 1, 1, 2, 3))))


def fill(template: str, dice: random.Random) -> str:
    """Put values into the places of a template."""
    return "".join(part + hostile(dice) for part in template.split("{}")[:-1]) + template.rsplit("{}", maxsplit=1)[-1]


def with_header(message: SipMessage, dice: random.Random) -> None:
    """Change a message in one place: a header more, less, twice, or with another value."""
    headers = message.headers
    at = dice.randrange(len(headers)) if headers else 0
    match dice.randrange(6):
        case 0 | 1:
            name, value = dice.choice(_HEADERS)
            headers.insert(at, (fill(name, dice), fill(value, dice)))
        case 2 if headers:
            headers[at] = (headers[at][0], hostile(dice))
        case 3 if headers:
            headers[at] = (headers[at][0], headers[at][1].replace(";", f";{hostile(dice)};", 1) + hostile(dice))
        case 4 if headers:
            headers.insert(at, headers[at])
        case _ if headers:
            del headers[at]


def sip(call: Call, dice: random.Random) -> bytes:
    """Return a request that began as the INVITE of `call`."""
    message = call.invite
    if dice.random() < 0.25:
        method = fill(dice.choice(_METHODS), dice)
        message.start_line = message.start_line.replace("INVITE", method, 1)
        message.headers = [(name, f"1 {method}" if name == "CSeq" else value) for name, value in message.headers]
    elif dice.random() < 0.2:
        message.start_line = f"INVITE sip:{hostile(dice)}@127.0.0.1 SIP/2.0"
    for _ in range(dice.randint(1, 3)):
        with_header(message, dice)
    data = encoded(message)
    return mutate(data, dice) if dice.random() < 0.3 else data


_CREDENTIALS = (
    "Digest {}",
    'Digest username="{}"',
    'Digest username="{}", realm="{}", nonce="{}", uri="{}", response="{}"',
    'Digest username="pbx", realm="{}", nonce="x", uri="x", response="' + "0" * 32 + '", qop={}, nc={}, cnonce="{}"',
    "{} x=y",
)


def credentials(call: Call, asked: str, dice: random.Random) -> list[Header]:
    """Return headers that answer a challenge, or look as if they did."""
    _, right = digest.credentials(asked, dice.choice(("pbx", "nobody")), "guessed1", call.invite.uri)
    values = (right, fill(dice.choice(_CREDENTIALS), dice), right.replace("auth", hostile(dice)), right + hostile(dice))
    return [("Proxy-Authorization", dice.choice(values)) for _ in range(dice.randint(1, 3))]


def sip_response(call: Call, dice: random.Random) -> bytes:
    """Return a response that nobody waits for."""
    answer = call.invite.answer(dice.choice((100, 180, 200, 302, 401, 486, 503, 699)), hostile(dice), tag="x")
    with_header(answer, dice)
    return encoded(answer)


def encoded(message: SipMessage) -> bytes:
    """Write a message; what cannot be written as UTF-8 goes as the bytes that it would be."""
    try:
        return message.encode()
    except UnicodeEncodeError:
        message.headers = [(name.encode("utf-8", "replace").decode(), value) for name, value in message.headers]
        return message.encode()


def sdp(valid: str, dice: random.Random) -> str:
    """Return a session description with lines that are hostile, doubled or missing."""
    lines = valid.replace("\r", "").strip().split("\n")
    for _ in range(dice.randint(1, 4)):
        at = dice.randrange(len(lines)) if lines else 0
        match dice.randrange(3):
            case 0:
                lines.insert(at, fill(dice.choice(_SDP_LINES), dice))
            case 1 if lines:
                lines[at] = fill(dice.choice(_SDP_LINES), dice)
            case _ if lines:
                del lines[at]
    return "\r\n".join(lines) + "\r\n"


def rtp(dice: random.Random, sequence: int, timestamp: int) -> bytes:
    """Return an RTP or RTCP packet with anything wrong, or a datagram that is not one."""
    flags = dice.choice((0x80, 0x80, 0x90, 0xA0, 0xBF, 0x8F, 0x40, 0x00))
    kind = dice.choice((8, 0, 9, 101, 101, 13, 96, 127, 200 & 0x7F, dice.randrange(256)))
    number = dice.choice((sequence, sequence, dice.randrange(65536))) & 0xFFFF
    at = dice.choice((timestamp, timestamp, dice.randrange(2**32), 2**32 - 1)) & 0xFFFFFFFF
    head = bytes([flags, kind]) + number.to_bytes(2, "big") + at.to_bytes(4, "big") + dice.randbytes(4)
    packet = head + dice.randbytes(dice.choice((0, 1, 4, 4, 160, 160, 1400)))
    return packet[: dice.choice((len(packet), len(packet), dice.randrange(len(packet) + 1)))]


def json_body(key: str, number: str, dice: random.Random) -> bytes:
    """Return a body of the core endpoint with one thing wrong, in one of the forms that it takes."""
    fields: dict[str, object] = {"apiKey": key, "number": number, "type": 1, "param": "+33644630000"}
    for name in dice.choices(["apiKey", "number", "type", "param", "name", "_format", "lang"], k=dice.randint(1, 2)):
        fields[name] = dice.choice((hostile(dice), hostile(dice), None, True, 1.5, 10**400, [], {"a": []}, -1))
    # Surrogates are written as escapes, which is what JSON from elsewhere may bring.
    text = json.dumps(fields)
    match dice.randrange(4):
        case 0:
            return mutate(text.encode(), dice)
        case 1:
            return "&".join(f"{name}={value}" for name, value in fields.items()).encode("utf-8", "surrogatepass")
        case 2:
            return (b"\xef\xbb\xbf" + text.encode()) if dice.random() < 0.5 else text.encode("utf-16")
        case _:
            return text.encode()


def http(key: str, number: str, dice: random.Random) -> bytes:
    """Return an HTTP request, whole, damaged or cut off."""
    body = json_body(key, number, dice)
    method = dice.choice(("POST", "POST", "POST", "GET", "HEAD", "PUT", "OPTIONS", "TRACE", "PRI", hostile(dice)))
    path = dice.choice(
        ("/v1/vn/callforward", "/v1/vn/callforward/", "/v1/vn/list?page=", "/v1/vn/name", "/readyz", "/")
    )
    if dice.random() < 0.3:
        path += hostile(dice)
    length = dice.choice((str(len(body)), str(len(body)), str(len(body) + 5), "0", "-1", hostile(dice)))
    kind = dice.choice(("application/json", "text/plain", "multipart/form-data; boundary=x", hostile(dice)))
    lines = [f"{method} {path} HTTP/1.1", "Host: x", f"Content-Length: {length}", f"Content-Type: {kind}"]
    extra = ("Transfer-Encoding: {}", "Content-Encoding: {}", "Expect: {}", "Upgrade: {}", "Idempotency-Key: {}",
             "Accept-Language: {}", "X-Request-Id: {}", "X-Forwarded-For: {}", "{}: x", "Connection: {}")  # fmt: skip
    lines += [fill(dice.choice(extra), dice) for _ in range(dice.randint(0, 3))]
    data = "\r\n".join(lines).encode("utf-8", "surrogatepass") + b"\r\n\r\n" + body
    if dice.random() < 0.3:
        data = mutate(data, dice)
    return data[: dice.randrange(1, len(data))] if dice.random() < 0.1 else data


def csv(dice: random.Random) -> bytes:
    """Return a file for `renvoi number import` that has at least one bad line."""
    rows = [f"+3364463{dice.randrange(10_000):04},{hostile(dice)}" for _ in range(dice.randint(0, 20))]
    rows.insert(dice.randrange(len(rows) + 1), f"{hostile(dice)}nonsense,{hostile(dice)}")
    head = dice.choice(("number,label", "number", hostile(dice)))
    data = "\n".join([head, *rows]).encode("utf-8", "surrogatepass")
    return mutate(data, dice) if dice.random() < 0.5 else data


def spool_line(dice: random.Random) -> bytes:
    """Return a line of an event file: damaged, of unknown kind, or an event with hostile values."""
    text = hostile(dice)
    key = {"call_id": f"{text}{dice.random()}", "from_tag": text, "cseq": dice.choice((1, -1, 2**40, 2**70))}
    decided = {
        "key": key,
        "at_ms": dice.choice((0, -1, 2**62, 2**63, 1_800_000_000_000)),
        "caller": text,
        "called": text,
        "number": dice.choice((None, text, "+33199001234")),
        "revision": dice.choice((None, 1, 2**70)),
        "decision": text,
        "reason": text,
        "diversions": [text] * dice.randint(0, 30),
    }
    events: Sequence[object] = (
        ["decided", decided],
        ["decided", {**decided, "status": 480, "cause": dice.choice((1, 2**40))}],
        ["hungup", {"call_id": text, "from_tag": text, "at_ms": 1, "by": text, "cause": None}],
        [text, {}],
        ["decided"],
        text,
    )
    line = json.dumps(dice.choice(events)).encode()
    return mutate(line, dice).replace(b"\n", b"") if dice.random() < 0.4 else line


def smtp_reply(dice: random.Random) -> bytes:
    """Return what a fake mail server might say."""
    code = dice.choice(("220", "250", "354", "421", "451", "550", "552", "554", "999", "2", hostile(dice)))
    text = hostile(dice).encode("utf-8", "surrogateescape")
    line = code.encode("utf-8", "surrogateescape") + dice.choice((b" ", b"-", b"")) + text
    return line[:4000] + dice.choice((b"\r\n", b"\r\n", b"\n", b""))
