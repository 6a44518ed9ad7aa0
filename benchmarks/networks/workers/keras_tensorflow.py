"""Keras on TensorFlow, `keras.Model.fit`."""

import os

from job import BATCH, DENSE, DROPOUT, RATE, STEPS, UNITS, serve, windows


def fits(jobs: list[list[int]], epochs: int, batch: int = BATCH) -> None:
    os.environ.update(KERAS_BACKEND="tensorflow", TF_CPP_MIN_LOG_LEVEL="3")
    import keras
    from keras import layers

    for count, seed in jobs:
        keras.utils.set_random_seed(seed)
        model = keras.Sequential(
            [
                keras.Input((STEPS, 1)),
                layers.LSTM(UNITS, return_sequences=True),
                layers.Dropout(DROPOUT),
                layers.LSTM(UNITS),
                layers.Dropout(DROPOUT),
                layers.Dense(DENSE),
                layers.Dense(1),
            ]
        )
        model.compile(keras.optimizers.Adam(RATE), "mse")
        x, y = windows(count)
        model.fit(x, y, batch_size=batch, epochs=epochs, verbose=0)


if __name__ == "__main__":
    serve({"fits": fits})
