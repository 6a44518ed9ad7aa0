"""The worth section: drawn from worth.json alone, and left out where a run has none."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from made_run import made_run
from tests.payoff.test_fills import market

from beatnaive.core.files import to_json
from beatnaive.payoff.plan import Plan
from beatnaive.payoff.worth import worth
from beatnaive.report import charts
from beatnaive.report import worth as tables


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("run")
    found = worth(market(n=600, symbols=12, models=2), Plan(cost=3), replications=99)
    (folder / "worth.json").write_text(to_json(found.to_json()))
    return replace(made_run(), folder=folder)


def test_paths_end_where_wealth_ends_and_are_few(run):
    found = json.loads((run.folder / "worth.json").read_text())
    lines = found["paths"]
    assert len(lines["session"]) <= 400
    assert lines["session"][-1] == found["last"]
    for name, one in found["models"].items():
        assert lines["models"][name][-1] ** (252 / 600) - 1 == pytest.approx(one["growth"], abs=1e-4)
    costs = [values[-1] for values in lines["costs"].values()]
    assert costs == sorted(costs, reverse=True)


@pytest.mark.parametrize("name", ["wealth", "cost_curve", "rank_correlations"])
def test_charts_are_drawn_and_say_what_they_show(run, name):
    spec = charts.to_spec(charts.draw(name, run))
    assert "m0" in json.dumps(spec)
    assert spec["title"]["text"]


def test_wealth_is_on_a_logarithmic_scale(run):
    assert '"log"' in json.dumps(charts.to_spec(charts.draw("wealth", run)))


def test_tables_have_cash_holding_and_every_model(run):
    table = tables.strategies(run)
    assert [row.cells[0].text for row in table.rows] == ["cash", "holding", "m0", "m1"]
    assert {len(row.cells) for row in table.rows} == {len(table.columns)}
    for other in (tables.costs(run), tables.ranks(run), tables.portfolios(run)):
        assert {len(row.cells) for row in other.rows} == {len(other.columns)}
    assert "not advice" in tables.words(run)[0]


def test_a_run_without_worth_has_no_section(tmp_path):
    bare = replace(made_run(), folder=tmp_path)
    assert tables.strategies(bare) is None
    assert charts.draw("wealth", bare) is None
    assert not np.any(tables.words(bare))
