"""Nixtla neuralforecast: `LSTM` with the same sizes and the same number of steps."""

from job import BATCH, DENSE, DROPOUT, RATE, STEPS, UNITS, closes, quiet, serve


def fits(jobs: list[list[int]], epochs: int, batch: int = BATCH) -> None:
    quiet()
    import pandas as pd
    from neuralforecast import NeuralForecast
    from neuralforecast.losses.pytorch import MSE
    from neuralforecast.models import LSTM

    for count, seed in jobs:
        close = closes(count)
        frame = pd.DataFrame({"unique_id": "X", "ds": pd.date_range("2000-01-01", periods=len(close)), "y": close})
        model = LSTM(
            h=1,
            input_size=STEPS,
            encoder_n_layers=2,
            encoder_hidden_size=UNITS,
            encoder_dropout=DROPOUT,
            decoder_layers=1,
            decoder_hidden_size=DENSE,
            recurrent=False,
            loss=MSE(),
            learning_rate=RATE,
            max_steps=epochs * -(-count // batch),
            batch_size=1,
            windows_batch_size=batch,
            scaler_type="identity",
            random_seed=seed,
            accelerator="cpu",
            enable_progress_bar=False,
            logger=False,
            enable_checkpointing=False,
        )
        NeuralForecast([model], freq="D").fit(frame)


if __name__ == "__main__":
    serve({"fits": fits})
