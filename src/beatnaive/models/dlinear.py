"""DLinear: one linear layer on the trend and one on what remains."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from beatnaive.core.limits import Sessions
from beatnaive.models.networks.base import Network
from beatnaive.models.networks.price_levels import from_last, path

if TYPE_CHECKING:
    import keras


@dataclass(frozen=True)
class DLinear(Network):
    """y_hat = x_L + u'trend + v'(x - trend) + b, trend = moving average of the window over `kernel` steps.

    The decomposition is that of Zeng et al. (2023), kernel 25 as there, ends padded with the first and last values. The
    last value is subtracted first, as in NLinear: prices have no level to return to. Weights start at zero, which is
    naive; the problem is convex, so nothing else depends on it.

    kernel: steps of the moving average, odd.

    >>> DLinear().kernel
    25
    """

    kernel: Sessions = 25

    reference: ClassVar[str] = "Zeng et al. 2023, doi:10.1609/aaai.v37i9.26317"

    def architecture(self, features: int) -> keras.Model:
        """Trend and remainder of the path, a linear output each, their sum."""
        from keras import Input, Model
        from keras import layers as kl

        window = Input((self.steps, features))
        levels = path(window, self.target)
        trend = self._trend(levels)
        parts = [
            kl.Dense(1, kernel_initializer="zeros", use_bias=k == 0)(kl.Flatten()(part))
            for k, part in enumerate((trend, levels - trend))
        ]
        return Model(window, from_last(kl.Add()(parts), window, self.target, self.columns))

    def _trend(self, levels: Any) -> Any:
        from keras import layers as kl
        from keras import ops

        side = self.kernel // 2
        ends = [ops.repeat(levels[:, :1], side, axis=1), levels, ops.repeat(levels[:, -1:], side, axis=1)]
        return kl.AveragePooling1D(2 * side + 1, strides=1)(kl.Concatenate(axis=1)(ends))
