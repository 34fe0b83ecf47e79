"""Pitch and tempo changers that people really use, each by its own tool."""

from __future__ import annotations

import numpy as np

from core.types import SAMPLE_RATE_HZ
from models.voice.attacks.kinds import Altered, Samples, need, signed, through_files

SEMITONES = (1.0, 6.0)
TEMPO = (0.72, 0.88, 1.14, 1.38)  # slower between the first two, faster between the last two
PRAAT_PITCH_HZ = (70.0, 450.0)


def phase_vocoder(samples: Samples, rng: np.random.Generator) -> Altered:
    """Shift pitch and formants together by time-stretching and resampling (librosa)."""
    import librosa

    semitones, n_fft = signed(rng, *SEMITONES), int(rng.choice((1024, 2048)))
    shifted = librosa.effects.pitch_shift(
        samples, sr=SAMPLE_RATE_HZ, n_steps=semitones, res_type="soxr_mq", n_fft=n_fft
    )
    return Altered(np.asarray(shifted, np.float32), {"semitones": semitones, "n_fft": n_fft})


def phase_vocoder_stretch(samples: Samples, rng: np.random.Generator) -> Altered:
    """Change the tempo alone (librosa)."""
    import librosa

    rate = _tempo(rng)
    return Altered(np.asarray(librosa.effects.time_stretch(samples, rate=rate), np.float32), {"rate": rate})


def rubberband(samples: Samples, rng: np.random.Generator) -> Altered:
    """Shift the pitch with Rubber Band, formants kept or not, in its finer (R3) or faster (R2) engine."""
    semitones, engine = signed(rng, *SEMITONES), str(rng.choice(("--fast", "--fine")))
    options = [engine, *(["--formant"] if rng.random() < 0.5 else [])]
    made = through_files(samples, lambda a, b: ["rubberband", "-q", *options, "-p", str(semitones), a, b])
    return Altered(made, {"semitones": semitones, "options": " ".join(options)})


def rubberband_stretch(samples: Samples, rng: np.random.Generator) -> Altered:
    """Change the tempo with Rubber Band."""
    rate = _tempo(rng)
    made = through_files(samples, lambda a, b: ["rubberband", "-q", "-T", str(rate), a, b])
    return Altered(made, {"rate": rate})


def pedalboard_pitch(samples: Samples, rng: np.random.Generator) -> Altered:
    """Shift the pitch with the streaming Rubber Band inside pedalboard, as live voice changers do."""
    semitones = signed(rng, *SEMITONES)
    board = need("pedalboard").Pedalboard([need("pedalboard").PitchShift(semitones=semitones)])
    return Altered(np.asarray(board(samples, SAMPLE_RATE_HZ), np.float32), {"semitones": semitones})


def sox_pitch(samples: Samples, rng: np.random.Generator) -> Altered:
    """Shift the pitch with SoX (WSOLA and resampling)."""
    semitones = signed(rng, *SEMITONES)
    made = through_files(samples, lambda a, b: ["sox", "-V1", a, b, "gain", "-3", "pitch", str(semitones * 100.0)])
    return Altered(made, {"semitones": semitones})


def sox_tempo(samples: Samples, rng: np.random.Generator) -> Altered:
    """Change the tempo with the WSOLA of SoX, tuned for speech."""
    rate = _tempo(rng)
    made = through_files(samples, lambda a, b: ["sox", "-V1", a, b, "gain", "-3", "tempo", "-s", str(rate)])
    return Altered(made, {"rate": rate})


def soundtouch(samples: Samples, rng: np.random.Generator) -> Altered:
    """Shift the pitch with SoundTouch, the library inside many voice-changer apps."""
    import soundfile

    semitones = signed(rng, *SEMITONES)

    def command(source: str, target: str) -> list[str]:
        soundfile.write(source, np.clip(samples, -1.0, 1.0), SAMPLE_RATE_HZ, subtype="PCM_16")  # reads no float
        return ["soundstretch", source, target, f"-pitch={semitones}", "-speech"]

    return Altered(through_files(samples, command), {"semitones": semitones})


def psola_pitch(samples: Samples, rng: np.random.Generator) -> Altered:
    """Move the pitch by overlap-add of periods (Praat)."""
    ratio = round(float(2.0 ** (signed(rng, *SEMITONES) / 12.0)), 4)
    call = need("parselmouth").praat.call
    manipulation = call(_sound(samples), "To Manipulation", 0.01, *PRAAT_PITCH_HZ)
    tier = call(manipulation, "Extract pitch tier")
    call(tier, "Multiply frequencies", 0.0, 1e6, ratio)
    call([tier, manipulation], "Replace pitch tier")
    return Altered(_samples(call(manipulation, "Get resynthesis (overlap-add)")), {"pitch_ratio": ratio})


def psola_gender(samples: Samples, rng: np.random.Generator) -> Altered:
    """Praat's "Change gender": formants, pitch range and tempo."""
    formants = round(float(rng.uniform(1.06, 1.3)) ** float(rng.choice((-1.0, 1.0))), 3)
    spread, tempo = round(float(rng.uniform(0.6, 1.5)), 2), round(float(rng.uniform(0.85, 1.18)), 2)
    made = need("parselmouth").praat.call(
        _sound(samples), "Change gender", *PRAAT_PITCH_HZ, formants, 0.0, spread, tempo
    )
    return Altered(_samples(made), {"formant_ratio": formants, "pitch_range": spread, "duration": tempo})


def psola_stretch(samples: Samples, rng: np.random.Generator) -> Altered:
    """Lengthen or shorten by overlap-add of periods (Praat)."""
    factor = round(1.0 / _tempo(rng), 3)
    made = need("parselmouth").praat.call(_sound(samples), "Lengthen (overlap-add)", *PRAAT_PITCH_HZ, factor)
    return Altered(_samples(made), {"duration": factor})


def _sound(samples: Samples) -> object:
    return need("parselmouth").Sound(samples.astype(np.float64), SAMPLE_RATE_HZ)


def _samples(sound: object) -> Samples:
    return np.asarray(sound.values[0], np.float32)  # type: ignore[attr-defined]


def _tempo(rng: np.random.Generator) -> float:
    low, high = TEMPO[:2] if rng.random() < 0.5 else TEMPO[2:]
    return round(float(rng.uniform(low, high)), 3)
