"""Where units run: in this process, in local processes, or on a Ray cluster. The forecasts are the same bytes."""
