"""The temporal convolutional network: causal, dilated, residual."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from beatnaive.core.limits import Layers, ShareOrNone, Width
from beatnaive.models.networks.base import Network

if TYPE_CHECKING:
    import keras


@dataclass(frozen=True)
class TCN(Network):
    """Residual blocks of two causal 1-D convolutions whose dilation doubles from block to block (Bai et al. 2018).

        block_k(x) = ReLU(x + drop(ReLU(conv(drop(ReLU(conv(x)))))),    dilation 2^k

    An output sees 1 + 2 (kernel - 1) (2^blocks - 1) steps: 61 by default, just the window. Defaults: kernel 3 and few
    filters, for the noise of returns, without the paper's weight normalisation
    to leave out on most tasks.

    filters: channels of every convolution; kernel: steps a convolution sees; blocks: number of residual blocks;
    dropout: share of channels' outputs dropped in training.

    >>> TCN().receptive_field
    61
    """

    filters: Width = 16
    kernel: Width = 3
    blocks: Layers = 4
    dropout: ShareOrNone = 0.2

    reference: ClassVar[str] = "Bai, Kolter and Koltun 2018, doi:10.48550/arXiv.1803.01271"

    @property
    def receptive_field(self) -> int:
        """Steps that the last output sees."""
        return int(1 + 2 * (self.kernel - 1) * (2**self.blocks - 1))

    def architecture(self, features: int) -> keras.Model:
        """The blocks, the last step's channels, one output."""
        from keras import Input, Model
        from keras import layers as kl

        x = window = Input((self.steps, features))
        for k in range(self.blocks):
            inside = x
            for _ in range(2):
                inside = kl.Conv1D(self.filters, self.kernel, padding="causal", dilation_rate=2**k, activation="relu")(
                    inside
                )
                inside = kl.Dropout(self.dropout)(inside)
            x = x if x.shape[-1] == self.filters else kl.Conv1D(self.filters, 1)(x)
            x = kl.ReLU()(kl.Add()([x, inside]))
        return Model(window, kl.Dense(1)(x[:, -1]))
