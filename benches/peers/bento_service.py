"""A BentoML service that scores rows with a scikit-learn logistic regression of ten features."""
import bentoml
import numpy as np
from sklearn.linear_model import LogisticRegression


def fitted():
    random = np.random.default_rng(1)
    x = random.normal(size=(5000, 10))
    y = (x[:, 0] + random.normal(size=5000) > 0).astype(int)
    return LogisticRegression().fit(x, y)


@bentoml.service(workers=2)
class Scores:
    def __init__(self):
        self.model = fitted()

    @bentoml.api
    def predict(self, rows: list[list[float]]) -> list[float]:
        return self.model.predict_proba(np.asarray(rows))[:, 1].tolist()
