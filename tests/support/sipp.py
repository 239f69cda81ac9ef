"""SIPp as the carrier and as the outbound trunk, with scenarios that follow Record-Route (its own ones do not)."""

import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Self

from tests.support.ports import free_port
from tests.support.sip import Address

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

TRUNK = f"""<?xml version="1.0" encoding="ISO-8859-1" ?>
<scenario name="trunk that rings, answers and waits for the end">
  <recv request="INVITE" />
  <send><![CDATA[
SIP/2.0 180 Ringing
{_ANSWER_HEADERS}Content-Length: 0

]]></send>
  <pause milliseconds="50" />
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

CARRIER = f"""<?xml version="1.0" encoding="ISO-8859-1" ?>
<scenario name="carrier whose caller hangs up after a while">
  <send retrans="500"><![CDATA[
INVITE sip:[service]@[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
Max-Forwards: 70
From: "Alice" <sip:+33140000001@carrier.example>;tag=[pid]a[call_number]
To: <sip:[service]@[remote_ip]:[remote_port]>
Call-ID: [call_id]
CSeq: 1 INVITE
Contact: <sip:+33140000001@[local_ip]:[local_port];transport=[transport]>
Content-Type: application/sdp
Content-Length: [len]
{_SDP}]]></send>
  <recv response="100" optional="true" />
  <recv response="180" optional="true" />
  <recv response="183" optional="true" />
  <recv response="200" rrs="true" rtd="true" />
  <send><![CDATA[
ACK [next_url] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
Max-Forwards: 70
[routes]
From: "Alice" <sip:+33140000001@carrier.example>;tag=[pid]a[call_number]
[last_To:]
Call-ID: [call_id]
CSeq: 1 ACK
Content-Length: 0

]]></send>
  <pause />
  <send retrans="500"><![CDATA[
BYE [next_url] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
Max-Forwards: 70
[routes]
From: "Alice" <sip:+33140000001@carrier.example>;tag=[pid]a[call_number]
[last_To:]
Call-ID: [call_id]
CSeq: 2 BYE
Content-Length: 0

]]></send>
  <recv response="200" />
</scenario>
"""


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
