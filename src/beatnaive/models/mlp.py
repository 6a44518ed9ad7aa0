"""The plain dense network: what a network can do without an idea of time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from beatnaive.core.limits import Sessions, ShareOrNone, Widths
from beatnaive.models.networks.base import Network

if TYPE_CHECKING:
    import keras


@dataclass(frozen=True)
class MLP(Network):
    """The window laid flat, dense layers with ReLU and dropout, one output.

    Defaults: three layers that halve, 32-16-8, the size that served best for stock returns in Gu, Kelly and Xiu (2020);
    deeper networks did worse there. A month of history instead of a quarter: every step has weights of its own here.

    units: sizes of the hidden layers; dropout: share of outputs dropped in training.

    >>> MLP().units
    (32, 16, 8)
    """

    lookback: Sessions = 22
    units: Widths = (32, 16, 8)
    dropout: ShareOrNone = 0.1

    reference: ClassVar[str] = "Gu, Kelly and Xiu 2020, doi:10.1093/rfs/hhaa009"

    def architecture(self, features: int) -> keras.Model:
        """Flatten, then dense, ReLU and dropout per entry of `units`, one output."""
        from keras import Input, Sequential
        from keras import layers as kl

        layers: list[keras.Layer] = [Input((self.steps, features)), kl.Flatten()]
        for units in self.units:
            layers += [kl.Dense(units, activation="relu"), kl.Dropout(self.dropout)]
        return Sequential([*layers, kl.Dense(1)])
