"""Inside an LSTM."""
