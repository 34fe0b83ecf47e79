"""Numbers in a transcript: in digits, or read out digit by digit in Korean (공일공 일이삼사 …)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

DIGITS = "공영일이삼사오육칠팔구"
_VALUE = {syllable: str(max(0, index - 1)) for index, syllable in enumerate(DIGITS)}
_PART = rf"(?:[0-9]+|[{DIGITS}]+)"
# What lies between the groups of one number, said or written.
_GAP = r"(?:[ \t\n.,·/~()–—-]{1,3}|\s?(?:에|의|다시|국에|대시)\s{0,2})"
# One or two syllables at the end of a word (생년월일이) begin no number.
_FIRST = rf"(?:[0-9]+|[{DIGITS}]{{3,}}|(?<![가-힣])[{DIGITS}]+)"
_RUN = re.compile(rf"(?<![0-9])\+?{_FIRST}(?:{_GAP}{_PART})*")
_PARTICLE = re.compile(r"이(?=에요|예요|고|거든|거|라|야|었|에|다|구|지|네|랑|나|요|세|시|며|면|잖)")
_THIS = re.compile(r"[0-9][ \n]이$")
_AMOUNT = re.compile(r"\s?(?:원|만|천|백|억|조|달러|불|유로|엔|위안|퍼센트|프로|%|건|명|주|개|킬로|미터|평)")
_PLAIN = re.compile(r"[0-9]+|[0-9]{1,3}(?:,[0-9]{3})+")
_ISO_DATE = re.compile(r"20[0-9]{2}[-./ ]{0,2}(?:0?[1-9]|1[0-2])[-./ ]{0,2}(?:0?[1-9]|[12][0-9]|3[01])(?: [0-9]{1,2})?")
_SERVICES = re.compile(r"1[0-9]{2,3}(?:, ?1[0-9]{2,3})+")  # 112, 1332
_SHORT_PHONE = re.compile(r"[0-9]{3,4}-[0-9]{4}")
_MOBILE = re.compile(r"(?:82)?01[016789][0-9]{7,8}|8210[0-9]{8}")
_LANDLINE = re.compile(r"0(?:2|[3-6][0-9]|70|80|50[0-9])[0-9]{7,8}|1[568][0-9]{6}")
MOST_PLAIN, MOST_SPOKEN = 7, 5
"""Longest numbers that stay: in digits, unless the words before say what they are; and read out."""

PHONE, ACCOUNT, CARD = "전화번호", "계좌번호", "카드번호"
REGISTRATION, BIRTH, NUMBER = "주민등록번호", "생년월일", "번호"
KINDS = (PHONE, ACCOUNT, CARD, REGISTRATION, BIRTH, NUMBER)
_NAMED = re.compile(
    r"(?<!\[)(?:(?P<주민등록번호>주민)|(?P<생년월일>생년월일|생일|출생|태어)|(?P<카드번호>카드)"
    r"|(?P<계좌번호>계좌|통장|송금|입금)|(?P<전화번호>전화|연락처|휴대|핸드폰|폰번호))"
)


def digits_of(text: str) -> str:
    """Return the digits of a text, syllables included: ``공일공-12`` gives ``01012``."""
    return "".join(_VALUE.get(char, char) for char in text if char in _VALUE or char in "0123456789")


def number_runs(text: str) -> Iterator[tuple[int, int]]:
    """Return where numbers stand; a syllable next to a digit (``3일``) is a word and ends the number."""
    for match in _RUN.finditer(text):
        start, end = match.span()
        # The last 이 is the verb in "…칠팔이에요", or "this" in "5678 이 번호".
        if _PARTICLE.match(text, end - 1) or _THIS.search(match[0]):
            end = start + len(text[start : end - 1].rstrip())
        if start < end:
            yield start, end


def kind(run: str, *, before: str, after: str) -> str | None:
    """Say what personal number a run is by its form and the words before it; None when it is none."""
    digits = digits_of(run)
    named = list(_NAMED.finditer(before))
    name = named[-1].lastgroup if named else None
    spoken = any(char in _VALUE for char in run)
    if len(digits) <= (MOST_SPOKEN if spoken else MOST_PLAIN) and not _SHORT_PHONE.fullmatch(run):
        return name if len(digits) >= 6 else None
    if not spoken and name is None and _harmless(run, after):
        return None
    return _by_form(digits) or name or (PHONE if _SHORT_PHONE.fullmatch(run) else _by_length(len(digits)))


def _harmless(run: str, after: str) -> bool:
    return bool(_PLAIN.fullmatch(run) and _AMOUNT.match(after)) or any(
        form.fullmatch(run) for form in (_ISO_DATE, _SERVICES)
    )


def _by_form(digits: str) -> str | None:
    if _MOBILE.fullmatch(digits) or _LANDLINE.fullmatch(digits):
        return PHONE
    if len(digits) == 13 and digits[6] in "12345678" and _is_date("19" + digits[:6]):
        return REGISTRATION
    if len(digits) == 8 and digits[:2] in ("19", "20") and _is_date(digits):
        return BIRTH
    return CARD if len(digits) in (15, 16) else None


def _by_length(length: int) -> str:
    return ACCOUNT if 10 <= length <= 14 else NUMBER


def _is_date(digits: str) -> bool:
    try:
        date(int(digits[:4]), int(digits[4:6]), int(digits[6:8]))
    except ValueError:
        # 1900 had no 29 February, 2000 had: somebody born then has a valid number, too.
        return digits == "19000229"
    return True
