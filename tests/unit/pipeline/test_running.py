import threading

from core.types import RunningScore, Segment
from pipeline.running import Beginning
from pipeline.text import judge
from tests.fakes import SCAM_WORD, KeywordTextModel

CALM = Segment(0.0, 9.0, "엄마 이번 주 토요일에 내려갈게요 점심 같이 먹어요 우산도 챙길게요")
SCAM = Segment(10.0, 19.0, f"지금 바로 {SCAM_WORD}로 전액을 이체하셔야 합니다 {SCAM_WORD} {SCAM_WORD}")


def test_pieces_that_come_out_of_order_count_once_the_gap_is_closed() -> None:
    told: list[RunningScore] = []
    beginning = Beginning(KeywordTextModel(), told.append)
    beginning.add(1, 20.0, [SCAM])
    assert told == []
    beginning.add(0, 10.0, [CALM])
    beginning.add(2, 30.0, [])
    assert [score.until_s for score in told] == [20.0, 30.0]
    assert told[-1].score == judge([CALM, SCAM], KeywordTextModel()).score
    assert told[-1].grade == 2


def test_nothing_is_told_while_there_is_too_little_to_judge() -> None:
    told: list[RunningScore] = []
    beginning = Beginning(KeywordTextModel(), told.append)
    beginning.add(0, 10.0, [Segment(0.0, 1.0, "네 여보세요")])
    assert told == []
    beginning.add(1, 20.0, [CALM])
    assert [score.grade for score in told] == [0]


def test_many_threads_tell_a_growing_beginning() -> None:
    told: list[RunningScore] = []
    beginning = Beginning(KeywordTextModel(), told.append)
    threads = [threading.Thread(target=beginning.add, args=(i, 10.0 * (i + 1), [CALM])) for i in reversed(range(20))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    until = [score.until_s for score in told]
    assert until == sorted(until)
    assert until[-1] == 200.0
