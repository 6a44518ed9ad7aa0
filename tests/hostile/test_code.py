"""Data never runs code: what a file names is imported only after its reader said so."""

import json
import os
import stat
import sys
from pathlib import Path

import pytest

import beatnaive as bn
from beatnaive.core import trust
from beatnaive.core.errors import NotTrusted
from beatnaive.core.registry import foreign, pick, resolve
from beatnaive.runs.folder import sealed, sha256

EVIL = "from pathlib import Path\nPath('ran').write_text('')\ndef f(*a, **k): Path('called').write_text('')\n"
OWN = (
    "import numpy as np\n"
    "from beatnaive.core.types import Fit, Forecast\n"
    "class Fitted:\n"
    "    facts = Fit()\n"
    "    def predict(self, inputs, rows): return Forecast(np.zeros(len(rows)))\n"
    "    def save(self, folder): (folder / 'model.json').write_text('{}')\n"
    "class Own:\n"
    "    def fit(self, train, rng): return Fitted()\n"
    "    def load(self, folder): return Fitted()\n"
)


@pytest.fixture
def evil(command, tmp_path):
    """A folder with a file whose import leaves a trace, as `evil.py` and as the module `evil`."""
    (tmp_path / "evil.py").write_text(EVIL)
    yield command
    assert not (tmp_path / "ran").exists(), "the file's code ran"
    assert not (tmp_path / "called").exists()
    assert "antigravity" not in sys.modules
    assert "" not in sys.path


def refused(said, *words):
    assert said.code == 2, said
    line = said.err.strip().splitlines()[-1]
    assert len(line) < 300, line
    for word in (*words, "--trust"):
        assert word in line, line


NAMES = ("evil.py:f", "./evil.py:f", "evil:f", "antigravity:x")
STUDIES = {
    "source": ("source.kind", 'source = {{ kind = "{}" }}\nmodels.naive = {{}}\n'),
    "features": ("features", 'features = ["{}"]\nmodels.naive = {{}}\n'),
    "model": ("models.m.kind", 'models.naive = {{}}\nmodels.m.kind = "{}"\n'),
    "release": ("releases.r.kind", 'models.naive = {{}}\nreleases.r.kind = "{}"\n'),
    "scorer of headlines": (
        "releases.r.scorer",
        'models.naive = {{}}\nreleases.r = {{ kind = "news", path = "n.csv", scorer = "{}" }}\n',
    ),
    "model's own name": ("models.", 'models.naive = {{}}\nmodels."{}" = {{}}\n'),
}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("where", STUDIES)
@pytest.mark.parametrize("verb", ["run", "forecast"])
def test_a_study_that_names_code_is_refused_before_any_import(evil, tmp_path, verb, where, name):
    place, text = STUDIES[where]
    (tmp_path / "s.toml").write_text(text.format(name))
    refused(evil(verb, "--study", "s.toml"), "s.toml", place, name)


@pytest.mark.parametrize("where", STUDIES)
@pytest.mark.parametrize("words", ["forecast --run run", "explain run run", "explain guide run", "run --resume run"])
def test_a_run_folder_that_names_code_is_refused_before_any_import(command, run_folder, evil, words, where):
    text = STUDIES[where][1].format("evil.py:f").encode()
    (run_folder / "study.toml").write_bytes(text)
    record = json.loads((run_folder / "run.json").read_text())
    record |= {"study_sha256": sha256(text), "state": "interrupted" if "--resume" in words else "complete"}
    record["files"] = {**record["files"], "study.toml": sha256(text)}
    (run_folder / "run.json").write_text(sealed(record))  # whoever sends a run folder can seal it, too
    refused(evil(*words.split()), "evil.py:f")


@pytest.mark.parametrize("name", NAMES)
def test_a_forecast_file_names_rows_only(evil, run_folder, tmp_path, name):
    assert evil("forecast", "--run", "run", "--out", "f.json").code == 0
    data = json.loads((tmp_path / "f.json").read_text())
    data["source"] = {"kind": name}
    (tmp_path / "f.json").write_text(json.dumps(data))
    said = evil("score", "f.json")
    assert (said.code, "unknown source of a forecast file" in said.err) == (2, True)


def test_report_never_imports_what_the_run_names(evil, run_folder):
    text = (run_folder / "study.toml").read_text()
    (run_folder / "study.toml").write_text(text.replace('kind = "drift"', 'kind = "evil.py:f"'))
    assert "evil.py" in (run_folder / "study.toml").read_text()
    evil("report", "run")


def test_what_one_types_oneself_runs(command, tmp_path):
    (tmp_path / "own.py").write_text(OWN)
    said = command("run", "--models", "own.py:Own", "--features", "close", "--out", "run", "--quiet")
    assert said.code == 0, said.err


def test_a_run_of_ones_own_is_not_asked_about_until_the_code_changes(command, tmp_path):
    (tmp_path / "own.py").write_text(OWN)
    assert command("run", "--models", "own.py:Own", "--features", "close", "--out", "run", "--quiet").code == 0
    trust.forget()
    assert command("forecast", "--run", "run").code == 0
    (tmp_path / "own.py").write_text(OWN + "# changed\n")
    trust.forget()
    refused(command("forecast", "--run", "run"), "changed since you trusted it", "own.py:Own")


def test_trust_is_remembered_for_these_bytes_alone(command, tmp_path):
    (tmp_path / "own.py").write_text(OWN)
    study = tmp_path / "s.toml"
    study.write_text('features = ["close"]\nmodels.naive = {}\nmodels.m.kind = "own.py:Own"\n')
    refused(command("run", "--study", "s.toml"), "models.m.kind")
    assert command("run", "--study", "s.toml", "--trust", "--quiet", "--out", "a").code == 0
    trust.forget()
    assert command("run", "--study", "s.toml", "--quiet", "--out", "b").code == 0
    study.write_text("seed = 1\n" + study.read_text())
    trust.forget()
    refused(command("run", "--study", "s.toml"), "own.py:Own")


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="needs pipes and /dev/zero")
@pytest.mark.parametrize("kind", ["pipe", "device"])
def test_a_pipe_or_device_named_as_code_is_not_waited_for(process, tmp_path, kind):
    """Neither before the refusal, nor when the study was trusted while the file was another."""
    code = tmp_path / "own.py"
    (tmp_path / "s.toml").write_text('features = ["close"]\nmodels.naive = {}\nmodels.m.kind = "own.py:Own"\n')
    for changed in (False, True):
        if changed:
            code.unlink()
            code.write_text(OWN)
            trust.remember((tmp_path / "s.toml").read_bytes(), [f"{code}:Own"])
            code.unlink()
        os.mkfifo(code) if kind == "pipe" else code.symlink_to("/dev/zero")
        running = process("run", "--study", "s.toml", "--quiet")
        try:
            _, err = running.communicate(timeout=30)
        finally:
            running.kill()
        assert running.returncode == 2, err
        assert "own.py:Own" in err.splitlines()[-1]
        assert "--trust" in err.splitlines()[-1]


@pytest.mark.skipif(os.name != "posix", reason="file modes")
def test_what_is_trusted_is_the_users_alone(tmp_path):
    (tmp_path / "own.py").write_text(OWN)
    named = {"models.m.kind": f"{tmp_path}/own.py:Own"}
    trust.admit("s.toml", b"content", named, trust=True)
    place = trust._place()
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    assert stat.S_IMODE(place.parent.stat().st_mode) == 0o700
    trust.forget()
    trust.admit("s.toml", b"content", named)
    trust.forget()
    place.chmod(0o666)
    with pytest.raises(NotTrusted):
        trust.admit("s.toml", b"content", named)
    place.chmod(0o600)
    for damaged in (b"", b"{}", b"null", b"[1]", b"\xff", b"[" * 100_000, b'{"format": "beatnaive trusted 1"}'):
        place.write_bytes(damaged)
        with pytest.raises(NotTrusted):
            trust.admit("s.toml", b"content", named)


def test_python_is_asked_too(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "own.py").write_text(OWN)
    (tmp_path / "s.toml").write_text('features = ["close"]\nmodels.naive = {}\nmodels.m.kind = "own.py:Own"\n')
    with pytest.raises(NotTrusted, match="trust=True"):
        bn.load_study("s.toml")
    with pytest.raises(NotTrusted):
        bn.run("s.toml")
    study = bn.load_study("s.toml", trust=True)
    trust.forget()
    assert set(bn.run(study).verdict.rulings) == {"m"}  # a study in hand was asked about, or written by a program


def test_the_gate_is_at_the_import(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "evil.py").write_text(EVIL)
    for name in NAMES:
        with pytest.raises(NotTrusted):
            foreign(name)
        with pytest.raises(NotTrusted):
            pick({}, "model", name)
        with pytest.raises(ValueError, match="not one of our own rows"):
            resolve(name)
    assert not (tmp_path / "ran").exists()


def test_files_are_found_without_importing_them(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    package = tmp_path / "pack"
    package.mkdir()
    (package / "__init__.py").write_text("raise SystemExit")
    (package / "inner.py").write_text("raise SystemExit")
    assert [path.name for path in trust.files_of("pack.inner:f")] == ["__init__.py", "inner.py"]
    assert trust.files_of("nowhere.at.all:f") == ()
