"""The members that can be trained, by the name their ONNX file carries."""

from __future__ import annotations

from collections.abc import Mapping

from models.voice.members.boosting import Boosting
from models.voice.members.convolutional import mel_cnn, resnet, vgg
from models.voice.members.kernel import KernelProbe
from models.voice.members.neural import Neural
from models.voice.members.protocol import Kind
from models.voice.members.sequential import bilstm, transformer
from models.voice.members.whisper import WhisperProbe

KINDS: Mapping[str, Kind] = {
    "trees": Boosting(),
    "mel_cnn": Neural("log_mel", mel_cnn),
    "resnet": Neural("log_mel", resnet),
    "bilstm": Neural("mfcc", bilstm),
    "transformer": Neural("mfcc", transformer),
    "vgg": Neural("image", vgg, rate=5e-4),
    "whisper": WhisperProbe(),
    "kernel": KernelProbe(),
}
