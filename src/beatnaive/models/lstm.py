"""The long short-term memory network of the published studies: 50-50-25-1."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from beatnaive.core.limits import ShareOrNone, Widths
from beatnaive.models.networks.base import WHOLE, Network

if TYPE_CHECKING:
    import keras

    from beatnaive.models.networks.forward import Forward
    from beatnaive.models.networks.weights import Shapes, Weights


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

    units: Widths = (50, 50)
    dropout: ShareOrNone = 0.2
    dense: Widths = (25,)

    reference: ClassVar[str] = "Hochreiter and Schmidhuber 1997, doi:10.1162/neco.1997.9.8.1735"

    def architecture(self, features: int) -> keras.Model:
        """LSTM and dropout per entry of `units`, dense layers, one output."""
        from keras import layers as kl

        from beatnaive.models.networks.stack import stacked

        return stacked(kl.LSTM, (self.steps, features), self.units, dropout=self.dropout, dense=self.dense)

    def forward(self) -> Forward:
        """The same network in plain JAX: a process that only forecasts then does without Keras."""
        from beatnaive.models.networks.forward import stacked

        return stacked(self.steps, len(self.units)) if self._is_own else super().forward()

    def saved_weights(self, folder: Path) -> Weights:
        """The weights that `NetworkFitted.save` left, read without Keras."""
        from beatnaive.models.networks.weights import Weights

        if not self._is_own:
            return super().saved_weights(folder)
        return Weights.read(folder / WHOLE, layers_of(len(self.columns), self.units, self.dense))

    @property
    def _is_own(self) -> bool:
        """Whether the architecture is the one of this class, not one that a subclass has put in its place."""
        return type(self).architecture is LSTM.architecture


def layers_of(features: int, units: Sequence[int], dense: Sequence[int]) -> list[tuple[str, Shapes]]:
    """Each layer with weights, under the name that Keras gives it in a file, and the shapes of its arrays.

    >>> layers_of(1, (50,), ())
    [('lstm/cell', ((1, 200), (50, 200), (200,))), ('dense', ((50, 1), (1,)))]
    """
    layers: list[tuple[str, Shapes]] = []
    width = features
    for k, size in enumerate(units):
        layers.append((f"lstm{_numbered(k)}/cell", ((width, 4 * size), (size, 4 * size), (4 * size,))))
        width = size
    for k, size in enumerate((*dense, 1)):
        layers.append((f"dense{_numbered(k)}", ((width, size), (size,))))
        width = size
    return layers


def _numbered(k: int) -> str:
    return f"_{k}" if k else ""
