"""The gated recurrent unit: an LSTM with one state and two gates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from beatnaive.core.limits import ShareOrNone, Widths
from beatnaive.models.networks.base import Network

if TYPE_CHECKING:
    import keras


@dataclass(frozen=True)
class GRU(Network):
    """Stacked GRU layers, each followed by dropout, then dense layers and one output.

        h_t = z_t * h_{t-1} + (1 - z_t) * tanh(W x_t + b + r_t * (U h_{t-1} + b'))

    with update gate z and reset gate r. A layer has 3 ((inputs + units + 2) units) parameters: three quarters of an
    LSTM's. Comparisons find no clear winner between the two (Chung et al. 2014, arXiv:1412.3555), so the defaults are
    the LSTM's and a comparison is about the cell alone.

    units: hidden size per layer; dropout: share of outputs dropped in training; dense: sizes of the layers between the
    last GRU and the output.

    >>> GRU().units
    (50, 50)
    """

    units: Widths = (50, 50)
    dropout: ShareOrNone = 0.2
    dense: Widths = (25,)

    reference: ClassVar[str] = "Cho et al. 2014, doi:10.3115/v1/D14-1179"

    def architecture(self, features: int) -> keras.Model:
        """GRU and dropout per entry of `units`, dense layers, one output."""
        from keras import layers as kl

        from beatnaive.models.networks.stack import stacked

        return stacked(kl.GRU, (self.steps, features), self.units, dropout=self.dropout, dense=self.dense)
