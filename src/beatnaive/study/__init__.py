"""The question (TOML), the pipeline that answers it, the learning curve."""
