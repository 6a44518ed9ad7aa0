"""How far a run has come, from its folder alone: whoever started it, and whatever became of its process."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from beatnaive.runs.folder import read_record, units_in
from beatnaive.runs.lock import holder_of

STAGES = (("worth.json", "plots and report"), ("forecasts.parquet", "saving"), ("units", "fitting"))
"""What is being done once this stands in the folder, the last stage first."""


@dataclass(frozen=True, kw_only=True)
class Progress:
    """state: running, interrupted, killed or complete; done of expected fits (None = not known yet); stage: words."""

    state: str
    done: int
    expected: int | None
    stage: str


def state_of(folder: Path, state: str) -> str:
    """The state of a record, but "killed" where a run's process is gone without a word, and "running" where one works.

    A process of another host counts as running: nobody here can tell.
    """
    if state not in ("running", "interrupted"):
        return state
    holder = holder_of(folder)
    works = holder is not None and not holder.is_gone
    if works:
        return "running"
    return "killed" if state == "running" else state


def progress_of(folder: Path) -> Progress:
    """How far a run has come. Raises InputError for what is not a run folder, or is damaged."""
    record = read_record(folder)
    state, expected = state_of(folder, record["state"]), record.get("units")
    done = units_in(folder)
    stage = next((words for name, words in STAGES if (folder / name).exists()), "reading prices")
    if stage == "fitting" and expected is not None and done >= expected:
        stage = "judging"
    return Progress(
        state=state, done=done, expected=int(expected) if isinstance(expected, int) else None,
        stage=stage if state == "running" else "",
    )  # fmt: skip
