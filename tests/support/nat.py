"""A laboratory of network namespaces with real NAT (nftables) between them.

The public network is 198.51.100.0/24; carriers are at .10 and .11 of it. Our node is at 10.77.0.2 behind a router (.1)
that leads some ports to it. Callers are at 192.168.9.2 behind another one (.20), which leads one port to a trunk there.
Both routers give each flow another port.
"""

import ctypes
import os
import secrets
import shutil
import socket
import struct
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

CARRIER, TRUNK, OUTER, CALLERS = "198.51.100.10", "198.51.100.11", "198.51.100.1", "198.51.100.20"
NODE, CALLER = "10.77.0.2", "192.168.9.2"
PUBLIC, OURS, OUR_ROUTER, THEIRS, THEIR_ROUTER = "pub", "our", "our-rtr", "cli", "cli-rtr"
INNER_TRUNK_PORT = 5072
"""The port of `CALLERS` that leads to the same port of `CALLER`."""
_CLONE_NEWNET = 0x40000000
_NETLINK_NETFILTER = 12
# Delete all connections (linux/netfilter/nfnetlink_conntrack.h): of subsystem 1 message 2, of all families, with an
# acknowledgement (flags 1 and 4).
_FORGET_FLOWS = struct.pack("=IHHIIBBH", 20, 1 << 8 | 2, 1 | 4, 1, 0, socket.AF_UNSPEC, 0, 0)
_libc = ctypes.CDLL(None, use_errno=True)

_OUR_NAT = """
table ip nat {
    chain incoming {
        type nat hook prerouting priority dstnat
        iifname "out0" udp dport %(outer_sip)d dnat to 10.77.0.2:%(sip)d
        iifname "out0" tcp dport %(outer_sip)d dnat to 10.77.0.2:%(sip)d
        iifname "out0" udp dport { %(audio)s } dnat to 10.77.0.2
    }
    chain outgoing {
        type nat hook postrouting priority srcnat
        oifname "out0" masquerade fully-random
    }
}
table ip filter {
    chain through {
        type filter hook forward priority filter; policy drop
        iifname "in0" accept
        ct status dnat accept
        ct state established,related accept
    }
}
"""
_THEIR_NAT = f"""
table ip nat {{
    chain incoming {{
        type nat hook prerouting priority dstnat
        iifname "out0" udp dport {INNER_TRUNK_PORT} dnat to {CALLER}
    }}
    chain outgoing {{
        type nat hook postrouting priority srcnat
        oifname "out0" masquerade fully-random
    }}
}}
table ip filter {{
    chain through {{
        type filter hook forward priority filter; policy drop
        iifname "in0" accept
        ct status dnat accept
        ct state established,related accept
    }}
}}
"""


def require_namespaces() -> None:
    """Skip the test where the laboratory cannot be built."""
    if os.geteuid() != 0:
        pytest.skip("network namespaces need root")
    for program, package in (("ip", "iproute2"), ("nft", "nftables")):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed: apt-get install {package}")
    name = f"rv-try-{secrets.token_hex(3)}"
    done = subprocess.run(["ip", "netns", "add", name], capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"no network namespace can be made here: {done.stderr.strip()}")
    subprocess.run(["ip", "netns", "delete", name], check=True)


class NatLab:
    """The namespaces, each with a name of its own that no other test process has."""

    def __init__(self) -> None:
        suffix = secrets.token_hex(3)
        self._names = {place: f"rv-{place}-{suffix}" for place in (PUBLIC, OURS, OUR_ROUTER, THEIRS, THEIR_ROUTER)}

    def build(self, sip: int, outer_sip: int, *audio: range) -> None:
        """Build all of it; the node's router leads `outer_sip` to its port `sip`, and `audio` to the same ports."""
        for name in self._names.values():
            _run("ip", "netns", "add", name)
            _run("ip", "-n", name, "link", "set", "lo", "up")
        self._ip(PUBLIC, "link", "add", "bridge0", "type", "bridge")
        for address in (CARRIER, TRUNK):
            self._ip(PUBLIC, "address", "add", f"{address}/24", "dev", "bridge0")
        self._ip(PUBLIC, "link", "set", "bridge0", "up")
        self._join(OUR_ROUTER, OUTER, "10.77.0.1", OURS, NODE)
        self._join(THEIR_ROUTER, CALLERS, "192.168.9.1", THEIRS, CALLER)
        ports = ", ".join(f"{each[0]}-{each[-1] + 1}" for each in audio)
        self._nft(OUR_ROUTER, _OUR_NAT % {"sip": sip, "outer_sip": outer_sip, "audio": ports})
        self._nft(THEIR_ROUTER, _THEIR_NAT)

    def _join(self, router: str, outer: str, inner: str, inside: str, address: str) -> None:
        """Put a router between the public network and another one."""
        names = self._names
        self._ip(router, "link", "add", "out0", "type", "veth", "peer", "name", f"to-{router}", "netns", names[PUBLIC])
        self._ip(PUBLIC, "link", "set", f"to-{router}", "master", "bridge0", "up")
        self._ip(router, "link", "add", "in0", "type", "veth", "peer", "name", "eth0", "netns", names[inside])
        for place, device, own in ((router, "out0", outer), (router, "in0", inner), (inside, "eth0", address)):
            self._ip(place, "address", "add", f"{own}/24", "dev", device)
            self._ip(place, "link", "set", device, "up")
        self._ip(inside, "route", "add", "default", "via", inner)
        _run("ip", "netns", "exec", names[router], "sysctl", "-qw", "net.ipv4.ip_forward=1")

    def _ip(self, place: str, *words: str) -> None:
        _run("ip", "-n", self._names[place], *words)

    def _nft(self, place: str, rules: str) -> None:
        _run("ip", "netns", "exec", self._names[place], "nft", "-f", "-", given=rules)

    def remove(self) -> None:
        """Remove it; what has a namespace open keeps that until it ends."""
        for name in self._names.values():
            subprocess.run(["ip", "netns", "delete", name], capture_output=True, check=False)

    def rebind(self) -> None:
        """Have the callers' router forget every flow: what follows gets another port, and what answers gets nowhere."""
        with self.inside(THEIR_ROUTER), socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, _NETLINK_NETFILTER) as link:
            link.send(_FORGET_FLOWS)
            (error,) = struct.unpack_from("=i", link.recv(4096), 16)
            assert error == 0, os.strerror(-error)

    @contextmanager
    def inside(self, place: str) -> Iterator[None]:
        """Have this thread open sockets, and start programs, in a namespace; what is open already stays where it is."""
        here = os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
        there = os.open(f"/run/netns/{self._names[place]}", os.O_RDONLY | os.O_CLOEXEC)
        try:
            _enter(there)
            try:
                yield
            finally:
                _enter(here)
        finally:
            os.close(here)
            os.close(there)


def _enter(namespace: int) -> None:
    if _libc.setns(namespace, _CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "setns")


def _run(*command: str, given: str = "") -> None:
    done = subprocess.run(command, input=given, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(command)}: {done.stderr}"
