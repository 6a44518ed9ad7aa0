"""A ledger of forecasts: written down before the fact, chained by hashes, settled and ruled on day after day."""
