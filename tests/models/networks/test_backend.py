"""What is patched in Keras, and when the patch can go."""

import subprocess
import sys
from importlib.metadata import version

import pytest

from beatnaive.models.networks.backend import PATCHED

LOADED = "import sys; print('sklearn' in sys.modules)"


def loads_scikit_learn(statement: str) -> bool:
    """Whether a fresh process has scikit-learn after this statement."""
    done = subprocess.run([sys.executable, "-c", f"{statement}; {LOADED}"], capture_output=True, text=True, check=True)
    return done.stdout.split()[-1] == "True"


@pytest.mark.slow
def test_keras_still_imports_scikit_learn_by_itself_and_not_through_us():
    mine = ".".join(version("keras").split(".")[:2])
    assert mine in PATCHED, f"Keras {mine}: add it to PATCHED if the next assertion holds for it"
    ours = "from beatnaive.models.networks.backend import keras"
    assert not loads_scikit_learn(ours)
    jax = "import os; os.environ['KERAS_BACKEND'] = 'jax'; import keras"
    assert loads_scikit_learn(jax), "Keras no longer imports scikit-learn: _without_scikit_learn can go"
