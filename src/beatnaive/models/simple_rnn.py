"""The plain recurrent network: one state, no gates, and a short memory."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from beatnaive.core.limits import ShareOrNone, Widths
from beatnaive.models.networks.base import Network

if TYPE_CHECKING:
    import keras


@dataclass(frozen=True)
class SimpleRNN(Network):
    """Stacked plain recurrent layers, each followed by dropout, then dense layers and one output.

        h_t = tanh(W x_t + U h_{t-1} + b)

    A layer has (inputs + units + 1) units parameters: a quarter of an LSTM's. A change k steps ago reaches the output
    through k factors diag(1 - h^2) U, which shrink it or blow it up (`beatnaive explain memory` shows the numbers), so
    this row is there to be compared with. The defaults are the LSTM's: a comparison is about the cell alone.

    units: hidden size per layer; dropout: share of outputs dropped in training; dense: sizes of the layers between the
    last recurrent layer and the output.

    >>> SimpleRNN().units
    (50, 50)
    """

    units: Widths = (50, 50)
    dropout: ShareOrNone = 0.2
    dense: Widths = (25,)

    reference: ClassVar[str] = "Elman 1990, doi:10.1207/s15516709cog1402_1"

    def architecture(self, features: int) -> keras.Model:
        """A plain recurrent layer and dropout per entry of `units`, dense layers, one output."""
        from keras import layers as kl

        from beatnaive.models.networks.stack import stacked

        return stacked(kl.SimpleRNN, (self.steps, features), self.units, dropout=self.dropout, dense=self.dense)
