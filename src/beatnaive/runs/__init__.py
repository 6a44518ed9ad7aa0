"""The run folder: write, resume, read, saved models, earlier trials."""
