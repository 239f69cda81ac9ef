"""Properties of what is received by RTP, on datagrams that nobody would send and in orders that networks make."""

from hypothesis import given
from hypothesis import strategies as st

from renvoi.voicemail.media.codec import Codec
from renvoi.voicemail.media.receiver import Audio, Receiver
from renvoi.voicemail.media.rtp import build

REMOTE = ("127.0.0.1", 4000)
CODECS = {0: Codec.PCMU, 8: Codec.PCMA, 9: Codec.G722}
MAX_SAMPLES = 8000

sources = st.sampled_from([REMOTE, ("127.0.0.1", 4001), ("127.0.0.2", 4000)])
waits = st.sampled_from([0.0, 0.02, 0.6, 6.0])
edges = st.sampled_from([0, 1, 160, 0x7FFF, 0x8000, 0xFFFF])
wide_edges = st.sampled_from([0, 1, 160, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF])
packets = st.builds(
    build,
    st.sampled_from([0, 8, 9, 13, 72, 76, 101, 127]),
    st.integers(0, 0xFFFF) | edges,
    st.integers(0, 0xFFFFFFFF) | wide_edges,
    st.integers(1, 2),
    st.binary(max_size=400),
    marker=st.booleans(),
)
datagrams = st.binary(max_size=64) | packets


@given(st.sampled_from([8000, 16000]), st.lists(st.tuples(datagrams, sources, waits), max_size=30))
def test_nothing_makes_it_raise_or_leave_its_bounds(
    rate: int, came: list[tuple[bytes, tuple[str, int], float]]
) -> None:
    receiver = Receiver(CODECS, {101}, rate, MAX_SAMPLES, REMOTE)
    receiver.start(0.0)
    now = 0.0
    for datagram, source, wait in came:
        now += wait
        heard = receiver.receive(datagram, source, now)
        if isinstance(heard, Audio):
            assert heard.offset >= 0
            assert len(heard.pcm) % 2 == 0
            assert 0 < len(heard.pcm) // 2 <= MAX_SAMPLES - heard.offset


def recorded(numbers: list[int], first_sequence: int, first_timestamp: int) -> bytes:
    """Return what a recording holds after packets came in this order, the first one in time."""
    receiver = Receiver({8: Codec.PCMA}, {101}, 8000, MAX_SAMPLES, REMOTE)
    receiver.start(0.0)
    pcm = bytearray(2 * MAX_SAMPLES)
    for tick, number in enumerate([0, *numbers]):
        sequence, timestamp = (first_sequence + number) & 0xFFFF, (first_timestamp + 160 * number) & 0xFFFFFFFF
        heard = receiver.receive(build(8, sequence, timestamp, 7, bytes([number]) * 160), REMOTE, tick / 50)
        assert isinstance(heard, Audio)
        pcm[2 * heard.offset : 2 * heard.offset + len(heard.pcm)] = heard.pcm
    return bytes(pcm)


@given(
    st.lists(st.integers(0, 49), max_size=60),
    st.integers(0, 0xFFFF) | edges,
    st.integers(0, 0xFFFFFFFF) | wide_edges,
)
def test_order_and_repetition_change_nothing(numbers: list[int], first_sequence: int, first_timestamp: int) -> None:
    in_order = recorded(sorted(set(numbers)), first_sequence, first_timestamp)
    assert recorded(numbers, first_sequence, first_timestamp) == in_order
