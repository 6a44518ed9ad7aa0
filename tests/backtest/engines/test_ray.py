"""A Ray cluster of two nodes, one of which dies: the same bytes, nothing lost."""

import os
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from panels import ar1, market, samples_of

from beatnaive.backtest import units
from beatnaive.backtest.engines import engine, shared_data
from beatnaive.backtest.engines.shared_data import JobKey, SharedData
from beatnaive.backtest.splits import Split, walk_forward
from beatnaive.core.errors import InputError
from beatnaive.models.spec import ModelSpec

CONTRACT = ("scores.csv", "forecasts.parquet")
CLUSTER = Path(__file__).with_name("cluster.py")


@pytest.fixture
def cluster(request):
    """Two nodes of one core each, in a process of their own; a line on its input kills the second."""
    pytest.importorskip("ray")
    import subprocess

    pipe, words = subprocess.PIPE, [str(one) for one in getattr(request, "param", ())]
    nodes = subprocess.Popen(
        [sys.executable, str(CLUSTER), *words], stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, text=True
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


PANEL = """
source   = { kind = "synthetic", symbols = [SYMBOLS], synthetic = { n = 600 } }
features = ["published"]
split    = { kind = "walk_forward", first = 300, refit_every = 150 }
[models.naive]
[models.drift]
[models.pooled]
kind = "ridge"
per_symbol = false
[models.ridge]
"""


@pytest.mark.slow
@pytest.mark.parametrize("cluster", [(80,)], indirect=True)
def test_nodes_that_cannot_hold_the_panel_fit_it_group_by_group_and_lose_nothing(cluster, tmp_path):
    """384 symbols are three groups and 88 MB; each node has an object store of 80."""
    import subprocess

    study = tmp_path / "panel.toml"
    study.write_text(PANEL.replace("SYMBOLS", ", ".join(f'"S{k:03d}"' for k in range(384))))
    address = cluster.stdout.readline().strip()

    def run(name, *words, **environment):
        code = "from beatnaive.cli import main; main()"
        command = [sys.executable, "-c", code, "run", "--study", str(study), "--out", str(tmp_path / name), "--quiet"]
        pipe = subprocess.PIPE
        return subprocess.Popen([*command, *words], env={**os.environ, **environment}, stderr=pipe, text=True)

    far = run("by_ray", "--engine", "ray", RAY_ADDRESS=address)
    deadline = time.monotonic() + 200
    while len(list(tmp_path.glob("by_ray/units/ridge/*/*/*.npz"))) < 2:
        assert far.poll() is None, far.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.05)
    cluster.stdin.write("kill\n")
    cluster.stdin.flush()
    assert cluster.stdout.readline() == "killed\n"
    _, err = far.communicate(timeout=300)
    assert far.returncode == 0, err
    here = run("here", "--jobs", "2")
    here.communicate(timeout=300)
    assert here.returncode == 0
    for name in CONTRACT:
        assert (tmp_path / "by_ray" / name).read_bytes() == (tmp_path / "here" / name).read_bytes(), name
    with study.open("a") as file:
        file.write("[models.boosting]\n")
    pooled = run("pooled", "--engine", "ray", RAY_ADDRESS=address)
    _, err = pooled.communicate(timeout=300)
    assert pooled.returncode == 2
    assert err.count("\n") == 1
    assert "boosting: learns from all symbols at once, so that one node needs the whole panel, 0." in err


@pytest.mark.parametrize("group", [0, 1])
def test_a_group_by_itself_has_the_bits_that_it_has_in_the_whole(monkeypatch, group):
    monkeypatch.setattr(units, "SYMBOLS_PER_GROUP", 3)
    monkeypatch.setattr(shared_data, "SYMBOLS_PER_GROUP", 3)
    samples = samples_of(market(ar1(400, 0.2, symbols=5)))
    fold = walk_forward(samples, Split(kind="single", train=0.7))[0]
    for spec in (ModelSpec("ridge"), ModelSpec("arx"), ModelSpec("ridge", learn_from=("S1", "S4"))):
        job = units.Job(key=units.FitKey("model", 0, -1, group), spec=spec, samples=samples, fold=fold, study_seed=0,
                        per_symbol=True, save_model=True, check_look_ahead=True)  # fmt: skip
        positions, alone = SharedData.of([job]).of_group(group)
        assert len(alone.samples.inputs) == 400 * (3, 2)[group]
        whole, part = units.complete(job), units.complete(JobKey.of(job).job(alone))
        np.testing.assert_array_equal(positions[part.rows], whole.rows)
        np.testing.assert_array_equal(part.mean, whole.mean)
        assert part.saved == whole.saved
        assert (part.failure, part.fit.windows) == (whole.failure, whole.fit.windows)
