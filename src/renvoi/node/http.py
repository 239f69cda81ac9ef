"""What the supervisor knows of the HTTP part."""

import asyncio
from urllib.parse import urlsplit

ANSWER_TIMEOUT_S = 2.0


def url_of(host: str, port: int) -> str:
    """Return the URL under which a listener can be reached from this machine."""
    if host in ("0.0.0.0", "::"):  # noqa: S104 - compared, not bound
        host = "127.0.0.1" if host == "0.0.0.0" else "::1"  # noqa: S104 - as above
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


async def http_is_ready(url: str) -> bool:
    """Tell whether the listener at `url` answers `GET /healthz`."""
    where = urlsplit(url)
    assert where.hostname is not None
    try:
        async with asyncio.timeout(ANSWER_TIMEOUT_S):
            reader, writer = await asyncio.open_connection(where.hostname, where.port)
            try:
                writer.write(f"GET /healthz HTTP/1.1\r\nHost: {where.netloc}\r\nConnection: close\r\n\r\n".encode())
                return (await reader.readline()).startswith(b"HTTP/1.1 200")
            finally:
                writer.close()
    except (TimeoutError, OSError):
        return False
