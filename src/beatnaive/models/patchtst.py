"""A small patch Transformer (PatchTST)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from beatnaive.core.errors import InputError
from beatnaive.core.limits import Layers, Sessions, ShareOrNone, Width
from beatnaive.models.networks.base import Network

if TYPE_CHECKING:
    import keras


@dataclass(frozen=True)
class PatchTST(Network):
    """Overlapping patches of the window are the tokens of a Transformer encoder (Nie et al. 2023).

    Each patch of `patch` steps becomes a token of `width` numbers plus a learned position; every layer is

        x <- x + attention(norm(x)),    x <- x + W2 gelu(W1 norm(x))

    and the flattened tokens give one output. Defaults are the paper's for small data sets (width 16, 4 heads,
    dropout 0.3, patch 16, stride 8), with two layers. Columns share a token, and inputs are standardised per symbol by
    the recipe instead of per window.

    patch, stride: steps; width: numbers per token; heads, layers: of the encoder; dropout: share dropped in training.

    >>> PatchTST().heads
    4
    """

    patch: Sessions = 16
    stride: Sessions = 8
    width: Width = 16
    heads: Width = 4
    layers: Layers = 2
    dropout: ShareOrNone = 0.3

    reference: ClassVar[str] = "Nie et al. 2023, doi:10.48550/arXiv.2211.14730"

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.heads > self.width:
            raise InputError(f"patchtst: {self.heads} heads share a width of {self.width}: take at most as many heads")

    def architecture(self, features: int) -> keras.Model:
        """Patches, positions, encoder layers, one output."""
        from keras import Input, Model, ops
        from keras import layers as kl

        window = Input((self.steps, features))
        size = min(self.patch, self.steps)
        tokens = kl.Conv1D(self.width, size, strides=self.stride)(window)
        position = ops.cumsum(ops.ones_like(tokens[..., 0]), axis=1) - 1
        x = kl.Dropout(self.dropout)(kl.Add()([tokens, kl.Embedding(tokens.shape[1], self.width)(position)]))
        for _ in range(self.layers):
            x = self._feed_forward(self._attention(x))
        return Model(window, kl.Dense(1)(kl.Flatten()(kl.LayerNormalization()(x))))

    def _attention(self, x: Any) -> Any:
        from keras import layers as kl

        normed = kl.LayerNormalization()(x)
        mixed = kl.MultiHeadAttention(self.heads, self.width // self.heads, dropout=self.dropout)(normed, normed)
        return kl.Add()([x, mixed])

    def _feed_forward(self, x: Any) -> Any:
        from keras import layers as kl

        wide = kl.Dense(2 * self.width, activation="gelu")(kl.LayerNormalization()(x))
        return kl.Add()([x, kl.Dropout(self.dropout)(kl.Dense(self.width)(wide))])
