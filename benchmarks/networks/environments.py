"""Separate environments for the peers, under benchmarks/.envs: BeatNaive's own is never touched."""

from __future__ import annotations

import subprocess
import sys
import venv
from dataclasses import dataclass
from pathlib import Path

ENVS = Path(__file__).resolve().parents[1] / ".envs"
WORKERS = Path(__file__).parent / "workers"


@dataclass(frozen=True)
class Peer:
    """A worker script, the steps of its installation (none = BeatNaive's own environment), and how it is run."""

    worker: str
    install: tuple[tuple[str, ...], ...] = ()
    processes: int = 1
    threads: int | None = None


TORCH = ("torch==2.13.0",)  # first and alone: the processor-only build, where the index has one
PYTORCH = (TORCH, ("keras>=3.11",))  # Keras for backends.py
TENSORFLOW = (("tensorflow-cpu", "keras>=3.11"),)

PEERS = {
    "BeatNaive": Peer("ours", processes=2),
    "Keras/TensorFlow": Peer("keras_tensorflow", TENSORFLOW),
    "Keras/TensorFlow, 2 processes": Peer("keras_tensorflow", TENSORFLOW, processes=2, threads=1),
    "Darts": Peer("darts_lstm", (TORCH, ("u8darts[torch]",))),
    "neuralforecast": Peer("neuralforecast_lstm", (TORCH, ("neuralforecast",))),
    "PyTorch": Peer("torch_lstm", PYTORCH),
    "PyTorch, 2 processes": Peer("torch_lstm", PYTORCH, processes=2, threads=1),
}
LIMIT = Peer("limit", processes=2)


def python_of(peer: Peer) -> Path:
    """The interpreter of the peer's environment, made on first use."""
    if not peer.install:
        return Path(sys.executable)
    folder = ENVS / peer.worker
    python = folder / "bin" / "python"
    done = folder / "complete"
    if not done.exists():
        venv.create(folder, clear=True, with_pip=True)
        for packages in peer.install:
            subprocess.run([python, "-m", "pip", "install", "--quiet", *packages], check=True)
        done.touch()
    return python
