"""What Whisper writes when nobody speaks, and how it is told from speech.

Measured with the packaged base weights: what noise, tones and melodies produce after the voice
activity filter has a confidence of at most 0.2 together with a no-speech doubt of at least 0.6.
Text that is always junk (video credits) goes even when the model is somewhat surer.
"""

from __future__ import annotations

import re
import unicodedata
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, replace

CREDITS = (
    r"(지금까지 |오늘도 |끝까지 )*(이 )?(영상(을|도|은)? ?)?시청해 ?주셔서 (정말 |대단히 )?(감사합니다|고맙습니다)",
    r"다음 ?(영상|시간)에서? (또 )?(만나요|뵙겠습니다|봬요)",
    r"(구독|좋아요|알림 ?설정)"
    r"(구독|좋아요|알림 ?설정|과|와|이랑|하고|및|버튼|도|을|를|까지|꼭|꾹|한번|눌러|부탁|드립니다|드려요|주세요|해| )*",
    r"이 영상은|이 시각 세계|(한글 ?)?자막( 제공)?|자막 by .*|(번역|자막).{0,20}(자막|번역).{0,20}",
    r"(mbc|kbs|sbs|ytn|jtbc) ?뉴스 ?.{0,20}(입니다|였습니다)",
    r"날씨였습니다|한국국토정보공사|광고입니다|유료광고.{0,20}",
)
"""Whole segments (without punctuation, lower case) that come from video credits, not from calls."""

MAX_DOUBTED_CONFIDENCE, MIN_DOUBT = 0.35, 0.6
MAX_CREDIT_CONFIDENCE, MIN_CREDIT_DOUBT = 0.5, 0.5
HOPELESS_CONFIDENCE = 0.12
MAX_COMPRESSION = 2.4  # bytes of text per compressed byte, as in the Whisper reference

_CREDIT = re.compile("|".join(f"(?:{pattern})" for pattern in CREDITS))
_LOOP = re.compile(r"(\S.{0,40}?)(?:[\s,.!?]*\1){2,}", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Heard:
    """A raw segment: ``confidence`` exp(mean token log-probability), ``no_speech`` the model's own doubt; 0..1."""

    start_s: float
    end_s: float
    text: str
    confidence: float
    no_speech: float


def keep_real(heard: Iterable[Heard], *, language: str = "ko") -> list[Heard]:
    """Return the segments that are speech, with loops cut to one turn, in order."""
    return [replace(one, text=cut_loops(one.text)) for one in heard if not is_invented(one, language=language)]


def is_invented(one: Heard, *, language: str = "ko") -> bool:
    """Tell whether the text was made up: no letters, junk, or too little belief in it."""
    bare = _bare(one.text)
    if not bare or one.confidence < HOPELESS_CONFIDENCE:
        return True
    doubted = one.no_speech >= MIN_DOUBT
    if doubted and (one.confidence <= MAX_DOUBTED_CONFIDENCE or _is_loop(one.text) or len(set(bare)) == 1):
        return True
    if _CREDIT.fullmatch(bare) and (one.confidence <= MAX_CREDIT_CONFIDENCE or one.no_speech >= MIN_CREDIT_DOUBT):
        return True
    foreign = language == "ko" and not re.search(r"[가-힣0-9]", bare)
    return foreign and (doubted or one.confidence <= MAX_CREDIT_CONFIDENCE)


def cut_loops(text: str) -> str:
    """Keep one turn of a phrase that runs in a loop; text that is no loop is returned as it is.

    "네 네 네" is how people talk: only text that compresses far better than speech is cut.
    """
    return _LOOP.sub(r"\1", text) if _is_loop(text) else text


def _is_loop(text: str) -> bool:
    raw = text.encode()
    return len(raw) / max(1, len(zlib.compress(raw))) >= MAX_COMPRESSION


def _bare(text: str) -> str:
    """Lower case, composed, without punctuation, single spaces."""
    composed = unicodedata.normalize("NFC", text).lower()
    return " ".join(re.sub(r"[^\w\s]", " ", composed).split())
