"""A study on a machine with a GPU: a network's fits are not spread over processes but made at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from beatnaive.backtest.walk import Engine, Job, Outcome, Serial, Unit, fit_together
from beatnaive.models.base import PerSymbol
from beatnaive.models.spec import build, contestant


def has_plugin() -> bool:
    """Whether JAX was installed with a plugin for an accelerator; asking JAX itself would import it."""
    from importlib.metadata import entry_points

    return bool(entry_points(group="jax_plugins"))


class Accelerator:
    """On a GPU: all fits of a network, over folds and seeds, are one computation in this process; one accelerator.

    The other models run elsewhere, as does everything where JAX finds no accelerator after all.
    """

    def __init__(self, elsewhere: Engine) -> None:
        self.elsewhere = elsewhere

    def run(self, work: Callable[[Job], Outcome], jobs: Sequence[Job]) -> Iterator[tuple[Unit, Outcome]]:
        """The other models' units first, then network by network."""
        networks: dict[str, list[Job]] = {}
        for job in jobs:
            if _is_network(job):
                networks.setdefault(job.unit.model, []).append(job)
        here = bool(networks) and _finds_accelerator()
        yield from self.elsewhere.run(work, [job for job in jobs if not (here and job.unit.model in networks)])
        for same in networks.values() if here else ():
            if isinstance(contestant(same[0].unit.model, same[0].spec), PerSymbol) or ":" in same[0].spec.kind:
                yield from Serial().run(work, same)
            else:
                yield from zip((job.unit for job in same), fit_together(same), strict=True)


def _is_network(job: Job) -> bool:
    return hasattr(build(job.unit.model, job.spec), "fit_many")


def _finds_accelerator() -> bool:
    from beatnaive.models.networks.xla import jax

    return bool(jax.default_backend() != "cpu")
