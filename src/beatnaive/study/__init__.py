"""The question (TOML), the pipeline, the learning curve."""
