"""NLinear: one linear layer on the window less its last value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from beatnaive.models.networks.base import Network
from beatnaive.models.networks.price_levels import from_last, path

if TYPE_CHECKING:
    import keras


@dataclass(frozen=True)
class NLinear(Network):
    """y_hat = x_L + w'(x - x_L) + b: the last value plus a linear function of the path that led there.

    With `target = "return"` the path is that of log prices, in units of the training deviation of returns. One weight
    per step and column. Weights start at zero, which is naive; the problem is convex, so nothing else depends on it.
    Linear layers of this kind beat the Transformers of their time on nine data sets, exchange rates among them
    (Zeng et al. 2023).

    >>> NLinear().lookback
    60
    """

    reference: ClassVar[str] = "Zeng et al. 2023, doi:10.1609/aaai.v37i9.26317"

    def architecture(self, features: int) -> keras.Model:
        """Subtract the last value, flatten, one linear output, add the last close where prices are forecast."""
        from keras import Input, Model
        from keras import layers as kl

        window = Input((self.steps, features))
        change = kl.Dense(1, kernel_initializer="zeros")(kl.Flatten()(path(window, self.target)))
        return Model(window, from_last(change, window, self.target, self.columns))
