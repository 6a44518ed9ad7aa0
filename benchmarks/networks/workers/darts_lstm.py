"""Darts: `BlockRNNModel` with LSTM cells, the same sizes."""

from job import BATCH, DENSE, DROPOUT, RATE, STEPS, UNITS, closes, quiet, serve


def fits(jobs: list[list[int]], epochs: int, batch: int = BATCH) -> None:
    quiet()
    from darts import TimeSeries
    from darts.models import BlockRNNModel

    for count, seed in jobs:
        model = BlockRNNModel(
            input_chunk_length=STEPS,
            output_chunk_length=1,
            model="LSTM",
            hidden_dim=UNITS,
            n_rnn_layers=2,
            dropout=DROPOUT,
            hidden_fc_sizes=[DENSE],
            batch_size=batch,
            n_epochs=epochs,
            optimizer_kwargs={"lr": RATE},
            random_state=seed,
            pl_trainer_kwargs={"accelerator": "cpu", "enable_progress_bar": False, "logger": False},
        )
        model.fit(TimeSeries.from_values(closes(count)), verbose=False)


if __name__ == "__main__":
    serve({"fits": fits})
