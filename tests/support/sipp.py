"""SIPp as the carrier and as the outbound trunk, with scenarios that follow Record-Route (its own ones do not)."""

import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Self

from tests.support.ports import free_port
from tests.support.sip_message import Address

_SDP = """
v=0
o=- 1 1 IN IP4 [local_ip]
s=-
c=IN IP4 [media_ip]
t=0 0
m=audio [media_port] RTP/AVP 8
a=rtpmap:8 PCMA/8000
"""

_ANSWER_HEADERS = """[last_Via:]
[last_From:]
[last_To:];tag=[call_number]
[last_Call-ID:]
[last_CSeq:]
[last_Record-Route:]
Contact: <sip:callee@[local_ip]:[local_port];transport=[transport]>
"""

# It rings for so long that no process of a busy edge relays the 180 behind the 200 by UDP: SIPp ends such a call.
TRUNK = f"""<?xml version="1.0" encoding="ISO-8859-1" ?>
<scenario name="trunk that rings, answers and waits for the end">
  <recv request="INVITE" />
  <send><![CDATA[
SIP/2.0 180 Ringing
{_ANSWER_HEADERS}Content-Length: 0

]]></send>
  <pause milliseconds="500" />
  <send retrans="500"><![CDATA[
SIP/2.0 200 OK
{_ANSWER_HEADERS}Content-Type: application/sdp
Content-Length: [len]
{_SDP}]]></send>
  <recv request="ACK" rtd="true" />
  <recv request="BYE" />
  <send><![CDATA[
SIP/2.0 200 OK
[last_Via:]
[last_From:]
[last_To:]
[last_Call-ID:]
[last_CSeq:]
Content-Length: 0

]]></send>
</scenario>
"""


def _request(method: str, cseq: int, *lines: str, uri: str = "[next_url]", body: str = "") -> str:
    head = [f"{method} {uri} SIP/2.0", "Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]"]
    head += ["Max-Forwards: 70", *lines, 'From: "Alice" <sip:+33140000001@carrier.example>;tag=[pid]a[call_number]']
    head += ["Call-ID: [call_id]", f"CSeq: {cseq} {method}"]
    return "\n".join(head) + "\n" + (body or "Content-Length: 0\n\n")


def _carrier(name: str, before: str, cseq: int, *lines: str) -> str:
    routed = ("[routes]", "[last_To:]")
    return f"""<?xml version="1.0" encoding="ISO-8859-1" ?>
<scenario name="{name}">
{before}  <send retrans="500"><![CDATA[
{_invite(cseq, *lines)}]]></send>
  <recv response="100" optional="true" />
  <recv response="180" optional="true" />
  <recv response="183" optional="true" />
  <recv response="200" rrs="true" rtd="true" />
  <send><![CDATA[
{_request("ACK", cseq, *routed)}]]></send>
  <pause />
  <send retrans="500"><![CDATA[
{_request("BYE", cseq + 1, *routed)}]]></send>
  <recv response="200" />
</scenario>
"""


_CALLED = "sip:[service]@[remote_ip]:[remote_port]"


def _invite(cseq: int, *lines: str) -> str:
    contact = "Contact: <sip:+33140000001@[local_ip]:[local_port];transport=[transport]>"
    body = f"Content-Type: application/sdp\nContent-Length: [len]\n{_SDP}"
    return _request("INVITE", cseq, *lines, f"To: <{_CALLED}>", contact, uri=_CALLED, body=body)


CARRIER = _carrier("carrier whose caller hangs up after a while", "", 1)

PROVING_CARRIER = _carrier(
    "the same, which is asked for a password (-au, -ap)",
    f"""  <send retrans="500"><![CDATA[
{_invite(1)}]]></send>
  <recv response="407" auth="true" />
  <send><![CDATA[
{_request("ACK", 1, "[last_To:]", uri=_CALLED)}]]></send>
""",
    2,
    "[authentication]",
)


class Sipp:
    """One SIPp process at 127.0.0.1, its files in `directory`; ended when its block ends."""

    def __init__(self, directory: Path, scenario: str, *arguments: str, port: int = 0) -> None:
        """Start SIPp. `scenario` is the XML itself; `arguments` go behind everything else."""
        self.port = port or free_port()
        path = directory / f"scenario-{self.port}.xml"
        path.write_text(scenario, "ascii")
        self._output = directory / f"sipp-{self.port}.log"
        command = ["sipp", "-sf", str(path), "-i", "127.0.0.1", "-p", str(self.port), "-nostdin", *arguments]
        with self._output.open("wb") as output:
            self._process = subprocess.Popen(
                command, cwd=directory, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()

    def wait(self, timeout_s: float) -> str:
        """Wait until all calls are made and return what SIPp printed.

        Raises:
            AssertionError: a call did not go as the scenario says.
        """
        status = self._process.wait(timeout_s)
        output = self._output.read_text("utf-8", "replace")
        assert status == 0, output
        return output


def trunk(directory: Path, *arguments: str, port: int = 0) -> Sipp:
    """Start an outbound trunk that answers every call."""
    return Sipp(directory, TRUNK, *arguments, port=port)


def carrier(directory: Path, edge: Address, called: str, arguments: Sequence[str] = ("-m", "1")) -> Sipp:
    """Start a carrier that calls `called`; `arguments`: how many calls (`-m`), how fast (`-r`), how long (`-d`, ms)."""
    return Sipp(directory, CARRIER, "-s", called, *arguments, f"{edge[0]}:{edge[1]}")


def proving_carrier(directory: Path, edge: Address, called: str, user: str, password: str, *arguments: str) -> Sipp:
    """Start a carrier that makes one call with a password."""
    known_by = ("-au", user, "-ap", password)
    return Sipp(directory, PROVING_CARRIER, "-s", called, "-m", "1", *known_by, *arguments, f"{edge[0]}:{edge[1]}")
