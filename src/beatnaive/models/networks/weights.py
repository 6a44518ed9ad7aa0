"""A trained network's arrays, apart from Keras."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from beatnaive.core.errors import InputError

if TYPE_CHECKING:
    import keras

    from beatnaive.models.networks.compiled import State

Shapes: TypeAlias = tuple[tuple[int, ...], ...]
"""Those of a layer's arrays, in Keras' order."""


@dataclass(frozen=True, eq=False)
class Weights:
    """Arrays in Keras' order: those that are trained, and the rest (moving statistics, seeds; () = as made)."""

    trainable: tuple[NDArray[np.float32], ...]
    other: tuple[NDArray[Any], ...] = ()

    @classmethod
    def of(cls, model: keras.Model) -> Weights:
        """The arrays that a model holds."""
        trainable, other = model.trainable_variables, model.non_trainable_variables
        return cls(tuple(np.asarray(v.value) for v in trainable), tuple(np.asarray(v.value) for v in other))

    @classmethod
    def at(cls, state: State) -> Weights:
        """The weights of a training state."""
        return cls(tuple(map(np.asarray, state[0])), tuple(map(np.asarray, state[1])))

    @classmethod
    def read(cls, path: Path, shapes: Sequence[tuple[str, Shapes]]) -> Weights:
        """The trained arrays of a `.keras` file, layer by layer: (name in the file, shapes of its arrays).

        Nothing but these arrays is looked at. Raises InputError where the file does not hold exactly them.
        """
        import zipfile
        import zlib

        import h5py

        try:
            data = _member(path, "model.weights.h5")
            with h5py.File(io.BytesIO(data), "r") as file:
                layers = [(file[f"layers/{name}/vars"], wanted) for name, wanted in shapes]
                found = [np.asarray(group[str(k)]) for group, wanted in layers for k in range(len(wanted))]
        except (OSError, KeyError, ValueError, RuntimeError, zlib.error, zipfile.BadZipFile) as error:
            raise InputError(f"{path} does not hold the network of its study ({error}): run the study again") from error
        expected = [shape for _, wanted in shapes for shape in wanted]
        if [array.shape for array in found] != expected or any(array.dtype != np.float32 for array in found):
            raise InputError(f"{path} holds a network of other sizes than its study's: run the study again")
        return cls(tuple(found))

    def give(self, model: keras.Model) -> keras.Model:
        """The model, with these weights."""
        for variables, values in (
            (model.trainable_variables, self.trainable),
            (model.non_trainable_variables if self.other else (), self.other),
        ):
            for variable, value in zip(variables, values, strict=True):
                variable.assign(value)
        return model


LARGEST = 4 << 30
"""Bytes of weights that a file may declare."""


def _member(path: Path, name: str) -> bytes:
    """A member of a zip file, which may not grow beyond what it declares, nor declare what no such file holds.

    Raises InputError before anything is inflated where the size or the method is not one that Keras writes: arrays of
    float32 hardly shrink, zeros shrink by a thousand.
    """
    import zipfile

    with zipfile.ZipFile(path) as file:
        member = file.getinfo(name)
        if member.file_size > LARGEST or member.file_size > 100 * max(member.compress_size, 4096):
            raise InputError(
                f"{path} would inflate from {member.compress_size:,} to {member.file_size:,} bytes: it was not written "
                "by this program; run the study again"
            )
        with file.open(member) as opened:
            data = opened.read(member.file_size + 1)
        if len(data) != member.file_size:
            raise InputError(f"{path} holds more than it declares: run the study again")
        return data
