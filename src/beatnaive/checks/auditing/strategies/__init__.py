"""freqtrade's strategies, audited without freqtrade: what its documentation describes, stood in for."""
