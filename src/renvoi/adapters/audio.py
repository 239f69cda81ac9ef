"""Audio files of other people's making, read with FFmpeg in this process, and recordings made smaller for mails.

Uploads are hostile until read: the kind of file is found by its first bytes and no other reader is tried (some of
FFmpeg's open the files and addresses that a playlist names), and no more is decoded than a greeting may be long.
"""

import array
import math
import wave
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import av
from av.audio.stream import AudioStream
from av.container import InputContainer

from renvoi.application.ports.audio import AudioInvalid

MAX_UPLOAD_BYTES = 10 * 1024 * 1024
MIN_LENGTH_S = 0.5
MAX_LENGTH_S = 60
RATE_HZ = 16000
"""Sample rate of greetings, and of the MP3 of a recording."""
SAMPLE_BYTES = 2
MP3_BIT_RATE = 32_000
"""Bit/s: transparent for speech of a telephone, 240 kB a minute."""

SILENT_DBFS = -50.0
"""A file whose loudest sample is below this holds no speech."""
QUIET_DBFS = -30.0
"""A greeting whose level (RMS) is below this is hard to understand over a telephone, and is raised."""
LOUD_DBFS = -16.0
"""A greeting above this is lowered: it is much louder than any call before it."""
WANTED_DBFS = -20.0
"""What greetings outside of these two are brought to; those that come with renvoi are at it."""
RAISED_PEAK_DBFS = -3.0
"""How high the peaks of a quiet greeting are raised at the most."""
MAX_GAIN_DB = 20.0
"""Beyond this it is mostly noise that would be raised."""

_WINDOW = RATE_HZ // 50
_PAUSE_DB = 25.0
"""What is so far below the loudest window is a pause."""
_RATES_HZ = range(4000, 192_001)
_MAX_CHANNELS = 8
_DECODERS = frozenset({"aac", "alac", "flac", "gsm_ms", "mp3", "mp3float", "opus", "vorbis"})
_DECODER_FAMILIES = ("adpcm_", "pcm_")
_TOLERATED_DAMAGE = 0.05
"""Share of packets that may fail to decode: taggers and cutters leave odd frames in many an MP3."""

_NO_AUDIO = (
    "this cannot be read as an audio file: upload a WAV, MP3, FLAC, Ogg or M4A file",
    "ceci ne peut pas être lu comme un fichier audio : envoyez un fichier WAV, MP3, FLAC, Ogg ou M4A",
)
_DAMAGED = (
    "the audio file is damaged: save it again as WAV or MP3, and upload that",
    "le fichier audio est endommagé : enregistrez-le à nouveau en WAV ou MP3, et envoyez celui-là",
)
_TOO_LONG = (
    f"the audio is longer than {MAX_LENGTH_S} s: shorten it",
    f"l’audio dure plus de {MAX_LENGTH_S} s : raccourcissez-le",
)


@dataclass(frozen=True, slots=True)
class _Kind:
    """A kind of file: what it begins with, at which offset, and FFmpeg's name for its reader."""

    reader: str
    magic: bytes
    offset: int = 0


_KINDS = (
    _Kind("wav", b"WAVE", 8),
    _Kind("flac", b"fLaC"),
    _Kind("ogg", b"OggS"),
    _Kind("mp4", b"ftyp", 4),
    _Kind("mp3", b"ID3"),
)


def read_greeting(data: bytes) -> bytes:
    """Return an uploaded WAV, MP3, FLAC, Ogg or M4A file as a WAV file of 16-bit mono PCM at `RATE_HZ`.

    A level that is too low is raised, one that is too high lowered; nothing else is changed. Takes a second of a core.

    Raises:
        AudioInvalid: it is not such a file, is damaged or silent, has more than `MAX_UPLOAD_BYTES`, or is not
            `MIN_LENGTH_S` to `MAX_LENGTH_S` long.
    """
    if len(data) > MAX_UPLOAD_BYTES:
        raise AudioInvalid(
            f"the file has more than {MAX_UPLOAD_BYTES // 1024**2} MiB: shorten it, or save it as MP3",
            f"le fichier a plus de {MAX_UPLOAD_BYTES // 1024**2} Mio : raccourcissez-le, ou enregistrez-le en MP3",
        )
    samples = array.array("h", _decoded(data))
    if len(samples) < MIN_LENGTH_S * RATE_HZ:
        raise AudioInvalid(
            f"the audio is shorter than {MIN_LENGTH_S} s: record a longer greeting",
            f"l’audio dure moins de {str(MIN_LENGTH_S).replace('.', ',')} s : enregistrez une annonce plus longue",
        )
    return _wav(_levelled(samples).tobytes())


def wav_to_mp3(path: Path) -> bytes:
    """Return a recording, a WAV file of mono PCM, as an MP3 file of `RATE_HZ` and `MP3_BIT_RATE`.

    Raises:
        AudioInvalid: the file is damaged.
        OSError: the file cannot be read.
    """
    with path.open("rb") as file:
        try:
            with av.open(file, "r", format="wav") as source:
                return _mp3(source.decode(audio=0))
        except (av.FFmpegError, ValueError, IndexError) as error:
            raise AudioInvalid(
                f"the recording {path.name} is damaged: {error}",
                f"l’enregistrement {path.name} est endommagé : {error}",
            ) from error


def _mp3(frames: Iterator[av.AudioFrame]) -> bytes:
    target = BytesIO()
    with av.open(target, "w", format="mp3") as sink:
        stream = sink.add_stream("libmp3lame", rate=RATE_HZ, layout="mono")
        stream.bit_rate = MP3_BIT_RATE
        resampler = av.AudioResampler(stream.format, "mono", RATE_HZ, stream.frame_size)
        for frame in _resampled(frames, resampler):
            sink.mux(stream.encode(frame))
        sink.mux(stream.encode(None))
    return target.getvalue()


def _decoded(data: bytes) -> bytes:
    """Return the samples of a file as 16-bit mono PCM of `RATE_HZ`."""
    reader = _reader(data)
    try:
        container = av.open(BytesIO(data), format=reader)
    except (av.FFmpegError, ValueError) as error:
        raise AudioInvalid(*_NO_AUDIO) from error
    assert isinstance(container, InputContainer)
    with container:
        stream = _audio_stream(container)
        resampler = av.AudioResampler("s16", "mono", RATE_HZ)
        pcm = bytearray()
        try:
            for frame in _resampled(_frames(container, stream), resampler):
                pcm += bytes(frame.planes[0])[: frame.samples * SAMPLE_BYTES]
                if len(pcm) > MAX_LENGTH_S * RATE_HZ * SAMPLE_BYTES:
                    raise AudioInvalid(*_TOO_LONG)
        except AudioInvalid:
            raise
        except (av.FFmpegError, ValueError) as error:
            raise AudioInvalid(*_DAMAGED) from error
    return bytes(pcm)


def _reader(data: bytes) -> str:
    for kind in _KINDS:
        if data.startswith(kind.magic, kind.offset):
            return kind.reader
    # An MP3 without tags begins with the eleven bits that every frame begins with (ISO/IEC 11172-3 §2.4.1.3).
    if len(data) > 1 and data[0] == 0xFF and data[1] & 0xE0 == 0xE0:
        return "mp3"
    raise AudioInvalid(*_NO_AUDIO)


def _audio_stream(container: InputContainer) -> AudioStream:
    if not container.streams.audio:
        raise AudioInvalid(*_NO_AUDIO)
    stream = container.streams.audio[0]
    if not _is_decoded(stream.codec_context):
        raise AudioInvalid(*_NO_AUDIO)
    if stream.rate not in _RATES_HZ or not 1 <= stream.channels <= _MAX_CHANNELS:
        raise AudioInvalid(
            "the audio has an unusual sample rate or number of channels: save it as 16 kHz mono WAV",
            "l’audio a une fréquence d’échantillonnage ou un nombre de canaux inhabituels : "
            "enregistrez-le en WAV mono de 16 kHz",
        )
    return stream


def _is_decoded(context: av.AudioCodecContext | None) -> bool:
    # There is none for a codec that FFmpeg has no decoder for, whatever PyAV's annotations say.
    return context is not None and (context.name in _DECODERS or context.name.startswith(_DECODER_FAMILIES))


def _frames(container: InputContainer, stream: AudioStream) -> Iterator[av.AudioFrame]:
    """Decode a stream, over damaged packets as long as they are few."""
    packets = damaged = 0
    for packet in container.demux(stream):
        packets += 1
        try:
            frames = packet.decode()
        except av.FFmpegError:
            damaged += 1
            continue
        for frame in frames:
            assert isinstance(frame, av.AudioFrame)
            yield frame
    if damaged > packets * _TOLERATED_DAMAGE:
        raise AudioInvalid(*_DAMAGED)


def _resampled(frames: Iterator[av.AudioFrame], resampler: av.AudioResampler) -> Iterator[av.AudioFrame]:
    began = False
    for frame in frames:
        # Gaps and jumps of a file's timestamps are of no use here.
        frame.pts = None
        began = True
        yield from resampler.resample(frame)
    if began:
        yield from resampler.resample(None)


# The class takes no parameters before Python 3.12 outside of quotes.
def _levelled(samples: "array.array[int]") -> "array.array[int]":
    """Return speech at a level that is understood, and does not frighten.

    Raises:
        AudioInvalid: there is no speech.
    """
    loudest = max(samples), -min(samples)
    peak = _dbfs(max(loudest))
    if peak < SILENT_DBFS:
        raise AudioInvalid(
            "the audio is silent: check the microphone, and record the greeting again",
            "l’audio est muet : vérifiez le microphone, et enregistrez l’annonce à nouveau",
        )
    level = _dbfs(math.sqrt(sum(sample * sample for sample in samples) / len(samples)))
    if level < QUIET_DBFS:
        gain_db = max(0.0, min(WANTED_DBFS - level, RAISED_PEAK_DBFS - peak, MAX_GAIN_DB))
    elif (said := _level_of_speech(samples)) > LOUD_DBFS:
        gain_db = WANTED_DBFS - said
    else:
        return samples
    gain = 10 ** (gain_db / 20)
    return array.array("h", (round(sample * gain) for sample in samples))


def _level_of_speech(samples: "array.array[int]") -> float:
    """Return the level (RMS) of what is said, without the pauses, in dBFS."""
    powers = [
        sum(sample * sample for sample in samples[start : start + _WINDOW]) / _WINDOW
        for start in range(0, len(samples) - _WINDOW + 1, _WINDOW)
    ]
    floor = max(powers) / 10 ** (_PAUSE_DB / 10)
    said = [power for power in powers if power >= floor]
    return _dbfs(math.sqrt(sum(said) / len(said)))


def _dbfs(value: float) -> float:
    return 20 * math.log10(value / 32768) if value > 0 else -math.inf


def _wav(pcm: bytes) -> bytes:
    target = BytesIO()
    with wave.open(target, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(SAMPLE_BYTES)
        file.setframerate(RATE_HZ)
        file.writeframes(pcm)
    return target.getvalue()
