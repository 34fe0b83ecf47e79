import pytest

from db.transcripts import decode_transcript

CALL = "여보세요, 서울중앙지검 수사관입니다.\n고객님 명의로 대포통장이 나왔는데 안전계좌로 돈을 옮기셔야 합니다. 네?"
CHINESE = "您好我是公安局的工作人员您的银行账户涉嫌洗钱请您马上把钱转到安全账户不要告诉任何人"
JAPANESE = "もしもし、こちらは警察署です。あなたの銀行口座が犯罪に使われています。"


@pytest.mark.parametrize("text", [CALL, "", "hello 🙂", "햏 뷁 쏀", CALL.replace("\n", "\r\n"), CHINESE])
def test_utf_8_is_read_as_it_is_whatever_it_says(text: str) -> None:
    assert decode_transcript(text.encode()) == text


@pytest.mark.parametrize("text", [CALL, "네", "OK 알겠습니다", CALL + " 똠방각하", CALL.replace("\n", "\r\n")])
def test_korean_in_cp949_is_read(text: str) -> None:
    assert decode_transcript(text.encode("cp949")) == text


@pytest.mark.parametrize(
    "content",
    [
        CHINESE.encode("gb2312"),
        CHINESE[:10].encode("gb2312"),
        JAPANESE.encode("euc_jp"),
        JAPANESE.encode("shift_jis"),
        CALL.encode("utf-16"),
        CALL.encode("utf-16-be"),
        CALL.encode()[1:],
        CALL.encode()[:-2],
        CALL.encode("cp949")[:-1] + b"\xff",
        b"\xff\xfe\x00\x01",
        CALL.encode("cp949") + b"\x00",
        "뢨빨쏜뜸밋뫙봔훑뷘뽁베걔졍굄낏눼뎄뤠뫼븃솅".encode("cp949"),
    ],
)
def test_what_is_neither_is_not_guessed_at(content: bytes) -> None:
    assert decode_transcript(content) is None
