"""Look inside an LSTM: the cell in NumPy, the shapes of the real layers, and a trained network's gates and memory."""
