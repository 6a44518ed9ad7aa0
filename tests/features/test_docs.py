"""docs/features.md names every set, every column and every check."""

import re
from pathlib import Path

from beatnaive.checks import CHECKS
from beatnaive.features import FEATURES, feature_set

TEXT = (Path(__file__).parents[2] / "docs" / "features.md").read_text(encoding="utf-8")
NAMED = set(re.findall(r"`([^`\n]+)`", TEXT))


def test_every_set_with_its_size_and_lookback_is_documented() -> None:
    for name in FEATURES:
        known = feature_set(name)
        assert f"| `{name}` | {len(known.columns)} | {known.lookback} |" in TEXT


def test_every_column_and_check_is_documented() -> None:
    columns = {column for name in FEATURES for column in feature_set(name).columns}
    assert columns <= NAMED
    assert {check.__name__ for check in CHECKS["feature"]} <= NAMED
