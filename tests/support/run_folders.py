"""Run folders as the table of runs reads them: the small files only, as a run writes them."""

import json
from pathlib import Path

from beatnaive.runs.folder import sealed

VERDICT = {
    "n": 240,
    "models": {
        "drift": {"skill_pct": -0.2, "ruling": "cannot tell", "p_adjusted": 0.9},
        "linear": {"skill_pct": -3.5, "ruling": "worse", "p_adjusted": 1.0},
    },
}


def run_folder(folder: Path, *, state: str = "complete", symbol: str = "^GSPC", **record) -> Path:
    """A folder that looks like a run's."""
    folder.mkdir(parents=True)
    facts = {"format": 2, "state": state, "study": "default", "started": "2026-11-01T10:00:00+00:00", **record}
    (folder / "run.json").write_text(sealed(facts), encoding="utf-8")
    models = "".join(f'[models.{name}]\nkind = "{name}"\n' for name in ("naive", "drift", "lstm"))
    source = f'source = {{ kind = "sample", symbols = [{json.dumps(symbol)}] }}\n'
    (folder / "study.toml").write_text(source + models, encoding="utf-8")
    if state == "complete":
        (folder / "verdict.json").write_text(json.dumps(VERDICT), encoding="utf-8")
        (folder / "report.html").write_text("<!DOCTYPE html><title>Report</title><p>the report</p>", encoding="utf-8")
    return folder
