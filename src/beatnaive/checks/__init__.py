"""Contract suite and audit, for users' objects too.

CHECKS holds the checks by kind; each is a function with a docstring that says what, why and how exactly.

>>> from beatnaive import checks
>>> from beatnaive.features import feature_set
>>> checks.prefix_invariant(feature_set("returns"), checks.index_frame(200))
"""

from beatnaive.checks.auditing.audit import assert_no_lookahead, audit
from beatnaive.checks.auditing.findings import AuditReport, Experiment, Sighting
from beatnaive.checks.auditing.notebooks.audit import audit_notebook
from beatnaive.checks.base import ContractBroken
from beatnaive.checks.features import columns_declared, exact_lookback, homogeneous, input_untouched, prefix_invariant
from beatnaive.checks.markets import index_frame, samples_of, walk_frame
from beatnaive.checks.models import (
    fits_are_independent,
    independent_of_batch,
    label_blind,
    no_peeking,
    quick,
    says_what_it_needs,
    scale_equivariant,
    seeded,
    survives_saving,
)
from beatnaive.checks.releases import (
    later_publications_change_nothing,
    publications_follow_periods,
    publications_increase,
    release_reads_offline,
    states_origin,
)
from beatnaive.checks.sources import bars_agree, no_network, reads_offline, sessions_increase, states_provenance

CHECKS = {
    "feature": (prefix_invariant, exact_lookback, input_untouched, columns_declared, homogeneous),
    "model": (
        no_peeking,
        label_blind,
        seeded,
        independent_of_batch,
        fits_are_independent,
        survives_saving,
        says_what_it_needs,
        scale_equivariant,
    ),
    "source": (sessions_increase, states_provenance, bars_agree, reads_offline),
    "release": (
        publications_increase,
        publications_follow_periods,
        states_origin,
        later_publications_change_nothing,
        release_reads_offline,
    ),
}
"""The checks of each kind: (set, frame), (forecaster, samples), (prices) and (release table); `scale_equivariant` also
takes the scaled samples, `later_publications_change_nothing` a transformation, `reads_offline` and
`release_reads_offline` the reading itself."""

__all__ = [
    "CHECKS", "AuditReport", "ContractBroken", "Experiment", "Sighting", "assert_no_lookahead", "audit",
    "audit_notebook", "bars_agree", "columns_declared", "exact_lookback", "fits_are_independent", "homogeneous",
    "independent_of_batch", "index_frame", "input_untouched", "label_blind", "later_publications_change_nothing",
    "no_network", "no_peeking", "prefix_invariant", "publications_follow_periods", "publications_increase", "quick",
    "reads_offline", "release_reads_offline", "samples_of", "says_what_it_needs", "scale_equivariant", "seeded",
    "sessions_increase", "states_origin", "states_provenance", "survives_saving", "walk_frame",
]  # fmt: skip
