"""The machine's own limit: the recurrence's matrix product (batch, 50) @ (50, 200), single precision, one thread."""

import time

from job import UNITS, serve

from beatnaive.models.networks.backend import jax, jnp


def rate(batch: int, products: int = 4000) -> dict[str, float]:
    """Floating-point operations per second of one core, best of seven."""
    h = jnp.full((batch, UNITS), 0.1)
    U = jnp.full((UNITS, 4 * UNITS), 0.01)
    run = jax.jit(lambda h, U: jax.lax.fori_loop(0, products, lambda _, h: (h @ U)[:, :UNITS], h))
    run(h, U).block_until_ready()
    seconds = []
    for _ in range(7):
        start = time.perf_counter()
        run(h, U).block_until_ready()
        seconds.append(time.perf_counter() - start)
    return {"flops": products * 2 * batch * UNITS * 4 * UNITS / min(seconds)}


if __name__ == "__main__":
    serve({"rate": rate})
