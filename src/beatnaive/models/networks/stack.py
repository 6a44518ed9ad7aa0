"""The one architecture that recurrent networks share: layers on layers, each followed by dropout, then dense layers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import keras


def stacked(
    cell: type[keras.layers.RNN], shape: tuple[int, int], units: Sequence[int], *, dropout: float, dense: Sequence[int]
) -> keras.Model:
    """One recurrent layer per entry of `units`, each with dropout, dense layers, one output: (batch, 1).

    cell: a class of recurrent Keras layers; shape: (steps, features) of a window. Every layer but the last hands on
    its whole sequence (batch, steps, units), the last one its last hidden state (batch, units).
    """
    from keras import Input, Sequential
    from keras import layers as kl

    layers: list[keras.Layer] = [Input(shape)]
    for k, size in enumerate(units, start=1):
        layers += [cell(size, return_sequences=k < len(units)), kl.Dropout(dropout)]
    return Sequential(layers + [kl.Dense(size) for size in (*dense, 1)])
