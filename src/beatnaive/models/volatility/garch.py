"""GARCH(1,1) and GJR with Student-t errors: estimated by arch, rolled forward by their own recursion."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from beatnaive.core.recursions import faded
from beatnaive.core.types import Floats
from beatnaive.models.univariate import Parameters
from beatnaive.models.volatility.base import VarianceModel

PERCENT = 100.0
"""Returns are estimated in percent: optimisers do badly with variances of order 1e-4."""


@dataclass(frozen=True)
class GARCH(VarianceModel):
    r"""s_t = omega + alpha e_{t-1}^2 + beta s_{t-1}, e_t = r_t - mu, standardised errors Student t (Bollerslev 1987).

    Maximum likelihood by arch on the session returns. h sessions ahead the sum of the expected variances:
    h s* + (s_{t+1} - s*) (1 - p^h) / (1 - p), p = alpha + beta, s* = omega / (1 - p). The last step brings the forecast
    to the level of the variance that is judged: times the mean of session variance / s over the training sessions (an
    index whose open is yesterday's close moves more than its ranges show).
    """

    reference: ClassVar[str] = "Bollerslev 1987, doi:10.2307/1925546"
    asymmetric: ClassVar[bool] = False
    minimum: ClassVar[int] = 250

    def estimate(self, series: Floats, horizon: int) -> Parameters:
        """arch's estimates, its starting variance, and the level of the judged variance."""
        from arch import arch_model

        returns = np.round(PERCENT * series[:, 1], 6)  # the optimiser would answer to the rounding of another currency
        model = arch_model(returns, p=1, o=int(self.asymmetric), q=1, dist="t", rescale=False)
        fitted = model.fit(disp="off", show_warning=True)
        names = ("mu", "omega", "alpha", "gamma", "beta", "nu")
        found = dict(zip(fitted.params.index, fitted.params.to_numpy(), strict=True))
        values = {name: float(found[key]) if (key := _key(name)) in found else 0.0 for name in names}
        start = float(model.volatility.backcast(returns - returns.mean()))  # as arch starts its likelihood
        parameters = {**values, "start": start, "level": 1.0, "count": len(found) + 1}
        level = float(np.mean(series[:, 0]) / np.mean(filtered(parameters, series[:, 1])[:-1]))
        return {**parameters, "level": level}

    @staticmethod
    def roll(parameters: Parameters, series: Floats, horizon: int) -> Floats:
        """One recursion, then the sum of the next sessions' expected variances."""
        following = filtered(parameters, series[:, 1])[1:]
        p = parameters["alpha"] + parameters["gamma"] / 2 + parameters["beta"]
        steps = p ** np.arange(horizon)
        drift = parameters["omega"] / PERCENT**2 * np.cumsum(np.concatenate([[0.0], steps[:-1]])).sum()
        return np.asarray(parameters["level"] * (following * steps.sum() + drift))


@dataclass(frozen=True)
class GJR(GARCH):
    """GARCH whose variance rises more after a fall: s_t gains gamma e_{t-1}^2 where e_{t-1} < 0.

    Persistence p = alpha + gamma / 2 + beta; everything else as `GARCH`.
    """

    reference: ClassVar[str] = "Glosten, Jagannathan and Runkle 1993, doi:10.1111/j.1540-6261.1993.tb05128.x"
    asymmetric: ClassVar[bool] = True


def _key(name: str) -> str:
    """arch's name of a parameter."""
    return f"{name}[1]" if name in ("alpha", "gamma", "beta") else name


def filtered(parameters: Parameters, returns: Floats) -> Floats:
    """(n + 1,) s_t = omega + (alpha + gamma 1{e < 0}) e_{t-1}^2 + beta s_{t-1}, the last of them for the next session.

    returns (n,) log returns; parameters in percent, as they were estimated. The variances are of log returns.
    """
    error = PERCENT * returns - parameters["mu"]
    shock = (parameters["alpha"] + parameters["gamma"] * (error < 0)) * error**2
    # before the first session the squared error and the variance count as `start`, half the shocks as falls: arch's own
    first = (parameters["alpha"] + parameters["gamma"] / 2) * parameters["start"]
    drive = parameters["omega"] + np.concatenate([[first], shock])
    return faded(drive, parameters["beta"], parameters["start"]) / PERCENT**2
