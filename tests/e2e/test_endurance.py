"""What a server costs, and that it does not grow."""

from __future__ import annotations

import psutil
import soundfile

from core.settings import ROOT
from pipeline.decode import decode_blocks
from tests.e2e.conftest import Server

GB = 1e9


def test_a_warm_server_is_ready_soon_and_fits(server: Server) -> None:
    assert server.ready_s < 30.0  # 15 s on an idle machine; CI may run beside other work
    assert server.memory_bytes() < 1.3 * GB


def test_the_server_process_never_loads_tensorflow(server: Server) -> None:
    server.post("call_normal_ko.m4a")
    loaded = [item.path for child in psutil.Process(server.pid).children() for item in child.memory_maps()]
    assert any("onnxruntime" in path for path in loaded)
    assert not any("tensorflow" in path for path in loaded)


def test_a_hundred_calls_a_third_of_them_bad_leave_no_file_and_do_not_grow(server: Server) -> None:
    seconds = list(decode_blocks(ROOT / "samples" / "call_vishing_ko.m4a"))[:4]
    with soundfile.SoundFile(server.audio_root / "short.wav", "w", 16_000, 1) as wav:
        for second in seconds:
            wav.write(second)
    (server.audio_root / "broken.m4a").write_text("이것은 소리가 아닙니다", "utf-8")
    statuses, memory = [], []
    for number in range(100):
        statuses.append(server.post("short.wav" if number % 3 else "broken.m4a").status_code)
        memory.append(server.memory_bytes())
    assert (statuses.count(200), statuses.count(422)) == (66, 34)
    assert max(memory[-10:]) < 1.05 * max(memory[:10])
    assert server.left_behind() == []
