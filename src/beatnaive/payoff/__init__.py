"""Would it have paid? Positions, costs, break-even."""
