"""Estimator: logistic regression of the direction."""

from sklearn.linear_model import LogisticRegression

sound = LogisticRegression
