"""A member as the server runs it: one ONNX file, one thread."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

MAX_EXPORT_DIFFERENCE = 1e-3


class Served:
    """Gives the logits of windows; the session is shared, thread-safe and bound to one core."""

    def __init__(self, session: Any) -> None:
        self._session = session
        self._input = session.get_inputs()[0].name
        self._output = session.get_outputs()[-1].name  # trees export their label first

    def logits(self, view: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return the logits (n,) of one view of n windows; positive = altered."""
        (output,) = self._session.run([self._output], {self._input: view})
        made = np.asarray(output, np.float64)
        if made.shape[1] == 1:
            return made[:, 0]
        altered = np.clip(made[:, 1], 1e-7, 1.0 - 1e-7)  # trees give both probabilities
        return np.asarray(np.log(altered / (1.0 - altered)))


def open_member(path: Path) -> Served:
    """Return the member in the ONNX file at ``path``."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1  # the recogniser needs the cores
    options.log_severity_level = 3  # it warns of a label's shape, which nobody reads
    return Served(onnxruntime.InferenceSession(str(path), sess_options=options, providers=["CPUExecutionProvider"]))
