"""The one place that reads a pickle: the Keras ``Tokenizer`` of an earlier system, and nothing else in it.

A pickle is a program. This reader lets it name only the classes that such a file needs; the ``Tokenizer`` itself
becomes an empty class of ours, so that no code of Keras runs either. Whatever else is named is refused before it is
called.
"""

from __future__ import annotations

import io
import pickle
from collections import OrderedDict, defaultdict
from pathlib import Path
from typing import Any

from core.errors import ModelRefused

MAX_BYTES = 256_000_000


class TokenizerData:
    """Takes the attributes of a pickled ``Tokenizer``."""


_MODULES = (
    "keras.preprocessing.text",
    "keras_preprocessing.text",
    "keras.src.preprocessing.text",
    "keras.src.legacy.preprocessing.text",
    "tensorflow.python.keras.preprocessing.text",
)
_ALLOWED: dict[tuple[str, str], type] = {
    **{(module, "Tokenizer"): TokenizerData for module in _MODULES},
    ("collections", "OrderedDict"): OrderedDict,
    ("collections", "defaultdict"): defaultdict,
    ("builtins", "int"): int,
    ("__builtin__", "int"): int,
}


class _Reader(pickle.Unpickler):
    def find_class(self, module_name: str, global_name: str, /) -> Any:
        """Return a class of the list, or refuse."""
        found = _ALLOWED.get((module_name, global_name))
        if found is None:
            raise ModelRefused("the tokenizer file names something that is no Keras Tokenizer")
        return found


def read_tokenizer(path: Path) -> dict[str, Any]:
    """Return the attributes of a pickled Keras ``Tokenizer``.

    Raises:
        ModelRefused: when the file is anything else, or tries to do anything.
    """
    if path.stat().st_size > MAX_BYTES:
        raise ModelRefused("the tokenizer file is too large")
    try:
        found = _Reader(io.BytesIO(path.read_bytes())).load()
    except ModelRefused:
        raise
    except Exception:  # noqa: BLE001  (damaged pickles raise nearly anything)
        raise ModelRefused("the tokenizer file cannot be read") from None
    if not isinstance(found, TokenizerData):
        raise ModelRefused("the tokenizer file holds no Keras Tokenizer")
    return vars(found)
