"""The audit: experiments on feature functions, pipelines and models that show whether they look ahead."""
