"""From forecasts and outcomes to a verdict in words; runs without any model."""
