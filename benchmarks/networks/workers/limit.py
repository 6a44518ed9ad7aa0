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


def rate_of(rows: int, inner: int, columns: int, steps: int = 60) -> float:
    """Floating-point operations per second of one core in (rows, inner) @ (inner, columns); best of thirty loops."""
    many, one = jnp.full((steps, rows, inner), 0.1), jnp.full((inner, columns), 0.01)
    start = jnp.zeros((rows, columns))
    run = jax.jit(lambda many, one: jax.lax.scan(lambda total, each: (total + each @ one, None), start, many)[0])
    run(many, one).block_until_ready()
    seconds = []
    for _ in range(30):
        begin = time.perf_counter()
        for _ in range(10):
            run(many, one).block_until_ready()
        seconds.append((time.perf_counter() - begin) / 10)
    return 2 * rows * inner * columns * steps / min(seconds)


if __name__ == "__main__":
    serve({"rate": rate})
