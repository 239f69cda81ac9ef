"""An SMTP client that goes by the first digit of an answer (RFC 5321 §4.2.1), where the library wants one code of each.

A server that takes a mail by another 2xx than 250 has taken it: to send it again would be to send it twice.
"""

import re
from typing import Any

import aiosmtplib

_USUAL = {
    **{command: {2: 250} for command in (b"EHLO", b"HELO", b"MAIL", b"RCPT")},
    **{command: {} for command in (b"DATA", b"QUIT")},
}
"""The code that the library wants, by command and first digit."""
_LOGIN = {2: 235, 3: 334}
"""The same for AUTH and the bare base64 that follows it (RFC 4954 §4)."""
_LINE_START_DOT = re.compile(rb"(?m)^\.")


class Client(aiosmtplib.SMTP):
    """See `aiosmtplib.SMTP`. Its greeting and STARTTLS have one code to go on with, 220 (RFC 5321 §4.3.2)."""

    async def execute_command(self, *args: bytes, **options: Any) -> aiosmtplib.SMTPResponse:
        """See `aiosmtplib.SMTP`. An answer of the right kind has the usual code of its command."""
        reply = await super().execute_command(*args, **options)
        usual = _USUAL.get(args[0], _LOGIN)
        return reply._replace(code=usual.get(reply.code // 100, reply.code))

    async def send_content(self, content: bytes, timeout_s: float) -> aiosmtplib.SMTPResponse:
        """Send a mail by DATA, its lines ended by CRLF, and return the answer to its final dot, which is a 2xx.

        Raises:
            aiosmtplib.SMTPException: the server does not want it, does not take it, or does not answer within
                `timeout_s` each time.
        """
        begun = await self.execute_command(b"DATA", timeout=timeout_s)
        # A 2xx here cannot be about a mail that the server has not seen.
        if begun.code // 100 != 3:
            raise aiosmtplib.SMTPDataError(begun.code, begun.message)
        protocol = self.protocol
        if protocol is None:
            raise aiosmtplib.SMTPServerDisconnected("Connection lost")
        # RFC 5321 §4.5.2.
        protocol.write(_LINE_START_DOT.sub(b"..", content) + b".\r\n")
        reply = await protocol.read_response(timeout=timeout_s)
        if reply.code // 100 != 2:
            raise aiosmtplib.SMTPDataError(reply.code, reply.message)
        return reply
