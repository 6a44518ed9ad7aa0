"""A Ray cluster of two nodes, one of which dies: the same bytes, nothing lost."""

import sys
from pathlib import Path

import pytest

from beatnaive.backtest.engines import engine
from beatnaive.core.errors import InputError

CONTRACT = ("scores.csv", "forecasts.parquet")
CLUSTER = Path(__file__).with_name("cluster.py")


@pytest.fixture
def cluster():
    """Two nodes of one core each, in a process of their own; a line on its input kills the second."""
    pytest.importorskip("ray")
    import subprocess

    pipe = subprocess.PIPE
    nodes = subprocess.Popen(
        [sys.executable, str(CLUSTER)], stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, text=True
    )
    yield nodes
    nodes.communicate("end\n", timeout=120)


@pytest.mark.slow
def test_a_node_that_dies_in_mid_study_changes_nothing(cluster, start, tmp_path):
    address = cluster.stdout.readline().strip()
    running = start(40, "--engine", "ray", RAY_ADDRESS=address)
    running.wait_for_units(3)
    cluster.stdin.write("kill\n")
    cluster.stdin.flush()
    assert cluster.stdout.readline() == "killed\n"
    finished_before = len(running.units())
    code, err = running.end()
    assert (code, "Traceback" in err) == (0, False), err
    assert finished_before < len(running.units()) == 10  # each model's warm-up, then a naive and two times three fits
    by_ray = [(tmp_path / "run" / name).read_bytes() for name in CONTRACT]
    (tmp_path / "run").rename(tmp_path / "by_ray")
    assert start(40, "--jobs", "2").end() == (0, "")
    assert [(tmp_path / "run" / name).read_bytes() for name in CONTRACT] == by_ray


def test_without_ray_the_line_says_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(InputError, match=r"pip install 'beatnaive\[ray\]'"):
        engine("ray", None)
