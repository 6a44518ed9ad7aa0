"""Estimator: a pipeline whose scaler is fitted on the training rows."""

from sklearn.linear_model import ElasticNet
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

sound = make_pipeline(StandardScaler(), ElasticNet(0.01))
