"""scikit-learn's learners: usage sklearn_fit.py DIR MODEL THREADS; DIR holds train.csv and test.csv.

Prints `seconds X` for the fit (scaling included where the model needs it) and `auc X` on the test rows."""
import os
import sys
import time

folder, model, threads = sys.argv[1], sys.argv[2], sys.argv[3]
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "POLARS_MAX_THREADS"):
    os.environ[name] = threads
import polars as pl
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC
from sklearn.tree import DecisionTreeClassifier

models = {
    "logistic": lambda: make_pipeline(StandardScaler(), LogisticRegression()),
    "svm": lambda: make_pipeline(StandardScaler(), LinearSVC()),
    "tree": lambda: DecisionTreeClassifier(max_depth=10, random_state=7),
    "forest": lambda: RandomForestClassifier(100, max_depth=12, n_jobs=int(threads), random_state=7),
    "boosting": lambda: HistGradientBoostingClassifier(max_iter=100, early_stopping=False, random_state=7),
}
train, test = (pl.read_csv(f"{folder}/{name}.csv") for name in ("train", "test"))
x, y = train.drop("y").to_numpy(), train["y"].to_numpy()
estimator = models[model]()
begun = time.perf_counter()
estimator.fit(x, y)
print(f"seconds {time.perf_counter() - begun:.4f}")
inputs = test.drop("y").to_numpy()
scores = estimator.predict_proba(inputs)[:, 1] if hasattr(estimator, "predict_proba") else estimator.decision_function(inputs)
print(f"auc {roc_auc_score(test['y'].to_numpy(), scores):.4f}")
