"""The networks that the trainer is compared with Keras on, and their optimiser."""

from builders import normalised

from beatnaive.models.gru import GRU
from beatnaive.models.lstm import LSTM
from beatnaive.models.mlp import MLP
from beatnaive.models.simple_rnn import SimpleRNN

STEPS = 9
ADAM = {"class_name": "Adam", "config": {"learning_rate": 0.01}}
NETWORKS = {
    "lstm": LSTM(lookback=STEPS, target="price", units=(6, 5), dense=(4,), dropout=0.0).architecture,
    "gru": GRU(lookback=STEPS, target="price", units=(6,), dense=(), dropout=0.0).architecture,
    "simple_rnn": SimpleRNN(lookback=STEPS, target="price", units=(6,), dense=(), dropout=0.0).architecture,
    "dense": MLP(lookback=STEPS, target="price", units=(8, 4), dropout=0.0).architecture,
    "batch normalisation": lambda features: normalised(STEPS, features),
}
