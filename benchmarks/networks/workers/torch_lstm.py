"""Plain PyTorch: `nn.LSTM` and a loop."""

import torch
from job import BATCH, DENSE, DROPOUT, RATE, UNITS, serve, windows
from torch import nn


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.lstm = nn.LSTM(1, UNITS, num_layers=2, dropout=DROPOUT, batch_first=True)
        self.head = nn.Sequential(nn.Dropout(DROPOUT), nn.Linear(UNITS, DENSE), nn.Linear(DENSE, 1))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.head(self.lstm(x)[0][:, -1])


def fits(jobs: list[list[int]], epochs: int, batch: int = BATCH) -> None:
    for count, seed in jobs:
        torch.manual_seed(seed)
        net = Net()
        optimizer = torch.optim.Adam(net.parameters(), RATE)
        x, y = map(torch.from_numpy, windows(count))
        for _ in range(epochs):
            for rows in torch.randperm(count).split(batch):
                optimizer.zero_grad()
                nn.functional.mse_loss(net(x[rows]), y[rows]).backward()
                optimizer.step()


if __name__ == "__main__":
    serve({"fits": fits})
