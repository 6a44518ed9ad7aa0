"""Tables of forecasts as people have them: a module per layout, and the way from there to losses."""
