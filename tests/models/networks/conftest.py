"""Numbers of networks are of the type that was meant: JAX refuses to mix types that nobody converted."""

from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def _strict_promotion() -> Iterator[None]:
    import jax

    with jax.numpy_dtype_promotion("strict"):
        yield
