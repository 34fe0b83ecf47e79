"""Networks that look at a window as a picture: mel-CNN, small ResNet, VGG on 48 x 64."""

from __future__ import annotations

from typing import Any

VGG_CHANNELS = (16, 32, 32)
VGG_DENSE = 1024
RESNET_CHANNELS = (16, 24, 32, 48)


def mel_cnn(shape: tuple[int, ...]) -> Any:
    """Return four strided convolutions over log-mel (frames, bands), pooled over time by mean and spread."""
    from keras import Input, Model, layers

    picture = Input(shape, name="view")
    x = layers.Reshape((*shape, 1))(picture)
    for channels, strides in ((16, (2, 1)), (24, (2, 2)), (32, (2, 2)), (48, (2, 2))):
        x = _convolved(x, channels, strides)
    return Model(picture, _judged(_pooled(x)))


def resnet(shape: tuple[int, ...]) -> Any:
    """Return a ResNet of four stages with one residual block each over log-mel (frames, bands)."""
    from keras import Input, Model, layers

    picture = Input(shape, name="view")
    x = _convolved(layers.Reshape((*shape, 1))(picture), RESNET_CHANNELS[0], (2, 2))
    for stage, channels in enumerate(RESNET_CHANNELS):
        strides = (1, 1) if stage == 0 else (2, 2)
        inner = _convolved(x, channels, strides)
        inner = layers.BatchNormalization(momentum=0.9)(
            layers.Conv2D(channels, 3, padding="same", use_bias=False)(inner)
        )
        short = x if stage == 0 else layers.Conv2D(channels, 1, strides=strides, padding="same", use_bias=False)(x)
        x = layers.ReLU()(layers.Add()([inner, short]))
    return Model(picture, _judged(_pooled(x)))


def vgg(shape: tuple[int, ...], *, outputs: int = 1, dense: int = VGG_DENSE) -> Any:
    """Return three blocks of two convolutions and a max-pool, then three dense layers; ``outputs`` logits."""
    from keras import Input, Model, layers

    picture = Input(shape, name="view")
    x = layers.Reshape((*shape, 1))(picture)
    for channels in VGG_CHANNELS:
        x = _convolved(_convolved(x, channels, (1, 1)), channels, (1, 1))
        x = layers.MaxPooling2D(2)(x)
    x = layers.Flatten()(x)
    for _ in range(3):
        x = layers.Dropout(0.4)(layers.Dense(dense, activation="relu")(x))
    return Model(picture, layers.Dense(outputs, name="logit")(x))


def _convolved(x: Any, channels: int, strides: tuple[int, int]) -> Any:
    from keras import layers

    x = layers.Conv2D(channels, 3, strides=strides, padding="same", use_bias=False)(x)
    return layers.ReLU()(layers.BatchNormalization(momentum=0.9)(x))


def _pooled(x: Any) -> Any:
    """Return mean and log spread of each channel: how it sounds, not when."""
    from keras import layers, ops

    mean = layers.GlobalAveragePooling2D()(x)
    return layers.Concatenate()([mean, 0.5 * ops.log(ops.var(x, axis=(1, 2)) + 1e-4)])


def _judged(x: Any) -> Any:
    from keras import layers

    x = layers.Dropout(0.4)(layers.BatchNormalization(momentum=0.9)(x))
    return layers.Dense(1, name="logit")(layers.Dropout(0.3)(layers.Dense(48, activation="relu")(x)))
