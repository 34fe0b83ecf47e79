"""Words that people who know the scams listen for: what n-grams of a few hundred calls cannot learn by themselves."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

CUES = {
    "authority": (
        "검찰 지검 검사님 수사관 경찰 형사 경위 순경 지구대 파출소 금감원 금융감독원 법원 세무서 국세청 구속"
        " 영장 과태료 체납 공단 압류 명의도용 출입국 세관 병무청 구청 시청 군청 면사무소 주민센터 조사과 고발"
        " 벌금 범칙금 안전계좌 피의자 참고인 증거 일련번호 검수 구치소 비자"
    ),
    "card_bank": (
        "카드사 신청한적 카드배송 카드왔 카드앞 뒷면 은행지점 은행입니다 은행이에요 은행인데 오티피 보안카드"
        " 보험료 실효 해지하 보상팀 생명 화재 손해보험 설계사 부정사용 카드번호 이상거래 사고접수 한도상향"
    ),
    "loan": (
        "대출 금리 대환 상환 신용점수 보증료 캐피탈 저축은행 햇살론 거래실적 카드론 승인나 정책자금 일수 채무"
        " 한도가 급전"
    ),
    "family": (
        "엄마 아빠 아버지 할머니 할아버지 아들 딸이 이모 고모 삼촌 누나 형님 형수 오빠 언니나 나야 저예요"
        " 납치 합의금 감기 목소리 사고났 대표님 대표야 목사 집사님 권사님 친구 동창 장모 사위 조카 손주 손자"
        " 수술 응급실 부대 선임 소대장 데리고있"
    ),
    "messenger_delivery": (
        "택배 배송 청첩장 부고 링크 문자누르 주소수정 소포 통관 운송장 모바일청첩 빈소 식권 재배송 해외결제"
    ),
    "investment": (
        "투자 수익 코인 주식 종목 상장 공모주 배당 원금보장 거래소 리딩 지분 개발 증권 세미나 펀드 상장하면"
        " 구좌 이자두배 프로확정 물량 비상장 낙찰 경매 연금저축 교수님 시세 매수"
    ),
    "extortion": "영상통화한 녹화 유포 뿌리 지워 협박 비트코인 명단 연락처 퍼지 사진 합성 얼굴 풀어줄 올라가요 전송",
    "purchase": (
        "예약 중고 안전결제 업체 납품 계좌가바뀌 계좌바뀐 와인 가계약 예약금 거래처 인분 사장님 회식 집주인"
        " 보증금 입금하시 먼저넣 대금 선입금 견적 부대 공문 잔금 이사 분양 판매 박스 배송비 한번더 다시넣"
    ),
    "romance": (
        "자기야 자기 허니 달링 사랑 보고싶 군의관 파병 결혼하 외국 여보당신 만나면 당신 영상통화한번 질투 우리둘 인연"
    ),
    "job": (
        "알바 면접 채용 일당 건당 체크카드 봉투 보관함 물품함 텔레그램 월급 재택 개통 유심 통장빌"
        " 통장하고카드 수당 외근 지원하 부업 리뷰 미션 취직 백만원씩 퀵 대리라고"
    ),
    "refund": (
        "환급 보상 환불 피해 지원금 당첨 수수료먼저 돌려드 제세공과 위로금 휴면 공탁 보험금 미수령 상속 국고"
        " 소멸 배상 바우처 포상금 환급금 더내신 취소해드 보조금"
    ),
    "other": (
        "인증번호 여섯자리 원격 앱 계정 분실 지갑 주운 프로그램 화면 통신사 아홉자리 강아지 푸들 전단지"
        " 잘못보 기도 보살 도서관"
    ),
}
"""Type -> stems, as they stand in normalised text (no spaces)."""
OPENING = 120
"""Syllables in which a caller says who he claims to be."""
SCALE = 0.2
"""Cues beside an n-gram vector of length 1; larger values cost long real calls, which hold words of every type."""
_GROUPS = tuple(tuple(stems.split()) for stems in CUES.values())
_STEMS = tuple(sorted({stem for group in _GROUPS for stem in group}))
SIZE = 2 * len(_GROUPS) + len(_STEMS)


def cue_vector(compact: str) -> NDArray[np.float32]:
    """Return the cues of a normalised text, float32, shape (``SIZE``,), 0 or more.

    How strongly each type is cued in the whole of it and in its opening, and which stems occur.
    """
    strength = [np.log1p(sum(map(part.count, group))) for part in (compact, compact[:OPENING]) for group in _GROUPS]
    return SCALE * np.array([*strength, *(stem in compact for stem in _STEMS)], np.float32)
