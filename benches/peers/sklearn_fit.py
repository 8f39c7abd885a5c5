"""scikit-learn's learners and LightGBM: usage sklearn_fit.py DIR MODEL THREADS TASK; DIR holds train.csv and test.csv.

Prints `seconds X` for the fit (scaling included where the model needs it) and `score X` on the test rows: AUC of two classes, accuracy
of several, R² of numbers."""
import os
import sys
import time

folder, model, threads, task = sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4]
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "POLARS_MAX_THREADS"):
    os.environ[name] = threads
import polars as pl
from sklearn import ensemble, linear_model, tree
from sklearn.metrics import accuracy_score, r2_score, roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.calibration import CalibratedClassifierCV
from sklearn.naive_bayes import GaussianNB
from sklearn.svm import SVC, LinearSVC

jobs = int(threads)
numbers = task == "regression"
of = lambda classes, regressor: regressor if numbers else classes


def lightgbm():
    import lightgbm
    return of(lightgbm.LGBMClassifier, lightgbm.LGBMRegressor)(n_estimators=100, n_jobs=jobs, verbose=-1, random_state=7)


scaled = lambda estimator: make_pipeline(StandardScaler(), estimator)
forest = {"n_estimators": 100, "max_depth": 12, "n_jobs": jobs, "random_state": 7}
models = {
    "logistic": lambda: scaled(linear_model.LogisticRegression()),
    "svm": lambda: scaled(LinearSVC()),
    # Both sides give probabilities: by three parts and a fit on all.
    "svm_rbf": lambda: scaled(CalibratedClassifierCV(SVC(), cv=3, ensemble=False)),
    "naive_bayes": lambda: GaussianNB(),
    "linear": lambda: scaled(linear_model.LinearRegression()),
    "ridge": lambda: scaled(linear_model.Ridge()),
    "lasso": lambda: scaled(linear_model.Lasso()),
    "elastic_net": lambda: scaled(linear_model.ElasticNet()),
    "tree": lambda: of(tree.DecisionTreeClassifier, tree.DecisionTreeRegressor)(max_depth=10, random_state=7),
    "forest": lambda: of(ensemble.RandomForestClassifier, ensemble.RandomForestRegressor)(**forest),
    "extra_trees": lambda: of(ensemble.ExtraTreesClassifier, ensemble.ExtraTreesRegressor)(**forest),
    "boosting": lambda: of(ensemble.HistGradientBoostingClassifier, ensemble.HistGradientBoostingRegressor)(
        max_iter=100, early_stopping=False, random_state=7),
    "lightgbm": lightgbm,
}
train, test = (pl.read_csv(f"{folder}/{name}.csv") for name in ("train", "test"))
x, y = train.drop("y").to_numpy(), train["y"].to_numpy()
estimator = models[model]()
begun = time.perf_counter()
estimator.fit(x, y)
print(f"seconds {time.perf_counter() - begun:.4f}")
inputs, truth = test.drop("y").to_numpy(), test["y"].to_numpy()
if task == "regression":
    score = r2_score(truth, estimator.predict(inputs))
elif task == "multiclass":
    score = accuracy_score(truth, estimator.predict(inputs))
else:
    score = roc_auc_score(truth, estimator.predict_proba(inputs)[:, 1] if hasattr(estimator, "predict_proba") else estimator.decision_function(inputs))
print(f"score {score:.4f}")
