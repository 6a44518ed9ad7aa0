"""The long short-term memory network of the published studies: 50-50-25-1."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from beatnaive.models.networks.base import Network

if TYPE_CHECKING:
    import keras


@dataclass(frozen=True)
class LSTM(Network):
    """Stacked LSTM layers, each followed by dropout, then dense layers and one output.

        s_t = f_t * s_{t-1} + i_t * g_t,    h_t = o_t * tanh(s_t)

    with gates i, f, o (sigmoid) and candidate g (tanh) of W x_t + U h_{t-1} + b. A layer has
    4 ((inputs + units) units + units) parameters; the defaults make 31,901 with one input.

    units: hidden size per layer; dropout: share of outputs dropped in training; dense: sizes of the layers between the
    last LSTM and the output. The defaults are those of the published studies.

    >>> LSTM().units
    (50, 50)
    """

    units: tuple[int, ...] = (50, 50)
    dropout: float = 0.2
    dense: tuple[int, ...] = (25,)

    reference: ClassVar[str] = "Hochreiter and Schmidhuber 1997, doi:10.1162/neco.1997.9.8.1735"

    def architecture(self, features: int) -> keras.Model:
        """LSTM and dropout per entry of `units`, dense layers, one output."""
        from keras import Input, Sequential
        from keras import layers as kl

        layers: list[keras.Layer] = [Input((self.steps, features))]
        for k, units in enumerate(self.units, start=1):
            layers += [kl.LSTM(units, return_sequences=k < len(self.units)), kl.Dropout(self.dropout)]
        return Sequential(layers + [kl.Dense(units) for units in (*self.dense, 1)])
