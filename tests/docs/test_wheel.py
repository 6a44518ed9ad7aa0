"""The wheel, installed into an environment of its own, runs the README's examples that need no network."""

import os
import re
import shlex
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NETWORK = re.compile(r"beatnaive \w+ AAPL\b")
"""Lines that ask Yahoo."""
EXAMPLES = {
    "my_features.py": "def make_features(bars):\n    return bars[['Close']].pct_change()\n",
    "my_model.py": "from sklearn.linear_model import LinearRegression as MyModel\n\n__all__ = ['MyModel']\n",
    "study.toml": "source = { kind = 'sample' }\nfeatures = ['returns']\nsplit = { kind = 'single', train = 0.8 }\n"
    "[models.naive]\n[models.ridge]\n",
}
"""What the README says that its reader has: a feature function, a model, a study."""
FORECASTS = """
import numpy as np
import pandas as pd
close = pd.read_csv("prices.csv").iloc[-300:]
y = close["Close"].to_numpy()
rng = np.random.default_rng(0)
table = {"ds": close["Date"].to_numpy()[1:], "y": y[1:], "mine": y[:-1] * np.exp(rng.normal(0, 0.001, len(y) - 1))}
pd.DataFrame(table).to_csv("forecasts.csv", index=False)
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the commands of an environment that holds the wheel itself, and of ours only the locked packages.

    The packages come by a .pth file from the environment that runs the tests. Such a file is followed by no other: the
    editable installation there, which is one too, stays out, and the sources are nowhere on the path.
    """
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "build", "--no-isolation", "--wheel", "--outdir", folder, ROOT],
        check=True, capture_output=True,
    )  # fmt: skip
    (wheel,) = folder.glob("*.whl")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder / "env"], check=True)
    bin_ = folder / "env" / "bin"
    pip = [Path(sys.base_prefix) / "bin" / "python3", "-m", "pip", "--python", bin_ / "python"]
    subprocess.run([*pip, "install", "-q", "--no-index", "--no-deps", wheel], check=True)
    (site,) = (folder / "env" / "lib").glob("python*/site-packages")
    (site / "locked.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return bin_


def done(installed: Path, folder: Path, *words: str) -> str:
    """What a command of that environment prints; it must end with 0."""
    variables = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
    ended = subprocess.run(
        [installed / words[0], *words[1:]], cwd=folder, env=variables, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, f"{shlex.join(words)}: {ended.stderr[-2000:]}"
    return ended.stdout


def serves(installed: Path, folder: Path, *words: str) -> None:
    """A command that goes on until it is told to end says where it answers, and ends with 0."""
    command = [installed / words[0], *words[1:], "--no-browser"]
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        said = [process.stdout.readline(), process.stdout.readline()]
        process.terminate()
        try:
            process.wait(60)
        finally:
            process.kill()
    assert said[1].startswith("http://127.0.0.1:")
    assert process.returncode == 0


def readme() -> tuple[list[list[str]], str]:
    """The README's command lines for users, and its Python."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    lines = re.findall(r"^beatnaive .*$", text, re.MULTILINE)
    (program,) = re.findall(r"^```python\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    return [shlex.split(line, comments=True) for line in lines if not NETWORK.match(line)], program


def test_what_is_installed_is_the_wheel(installed: Path, tmp_path: Path) -> None:
    where = done(installed, tmp_path, "python", "-c", "import beatnaive; print(beatnaive.__file__)").strip()
    assert where.startswith(str(installed.parent))
    assert not list(Path(where).parent.rglob("tests"))
    listed = done(installed, tmp_path, "beatnaive", "list", "studies")
    assert all(path.stem in listed for path in (ROOT / "src/beatnaive/study/presets").glob("*.toml"))


def test_the_readmes_examples_run(installed: Path, tmp_path: Path) -> None:
    lines, program = readme()
    assert len(lines) >= 10
    for name, text in EXAMPLES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    fetch = ("beatnaive", "fetch", "--source", "sample", "--start", "2017-01-01")  # short: it is about what runs
    done(installed, tmp_path, *fetch, "^GSPC", "--out", "prices.csv")
    done(installed, tmp_path, *fetch, "KO", "PEP", "--out", "panel.parquet")
    done(installed, tmp_path, "python", "-c", FORECASTS)
    assert "naive" in done(installed, tmp_path, "python", "-c", program)
    for words in lines:
        if "--resume" in words:
            continue  # it needs a run that somebody stopped: tests/runs
        if words[1] == "app":
            serves(installed, tmp_path, *words)
            continue
        if words[1] == "report":
            other = ("run", "--models", "ridge", "--source", "synthetic", "--out", "runs/other")
            done(installed, tmp_path, "beatnaive", *other)
        if words[1] == "run":
            words += ["--seeds", "1"]  # a fifth of the seconds; what is installed is the same
        done(installed, tmp_path, *(word.replace("<folder>", "mine") for word in words))
    for made in ("runs/mine/report.html", "runs/panel/report.html", "comparison.html"):
        assert (tmp_path / made).is_file()
