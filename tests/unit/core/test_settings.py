from pathlib import Path

import pytest

from core.errors import ConfigurationError
from core.settings import Settings


def test_defaults_are_valid() -> None:
    assert Settings.from_env({}).port == 5000


def test_every_kind_of_value_is_read() -> None:
    settings = Settings.from_env(
        {
            "MOKSORI_PORT": "8080",
            "MOKSORI_KEEP_WAV": "yes",
            "MOKSORI_AUDIO_ROOT": "/srv/audio",
            "MOKSORI_CALLBACK_HOSTS": "a:1, b ,",
            "MOKSORI_CHUNK_S": "60",
            "MOKSORI_USER_ID": "not ours",
        }
    )
    assert settings.port == 8080
    assert settings.keep_wav is True
    assert settings.audio_root == Path("/srv/audio")
    assert settings.callback_hosts == ("a:1", "b")
    assert settings.chunk_s == 60.0


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "no"),
        ("PORT", "0"),
        ("PORT", "70000"),
        ("KEEP_WAV", "maybe"),
        ("STT_ENGINE", "parrot"),
        ("CHUNK_S", "121"),
        ("WORKERS", "0"),
        ("MIN_DURATION_S", "99999999"),
    ],
)
def test_an_impossible_value_is_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(ConfigurationError, match=f"MOKSORI_{name}"):
        Settings.from_env({f"MOKSORI_{name}": value})
