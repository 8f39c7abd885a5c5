"""Shapley values by the shap package and LightGBM: usage shap_values.py make|run DIR."""
import sys
import time

import polars as pl
from sklearn.datasets import make_classification

what, folder = sys.argv[1], sys.argv[2]
rows = 100_000
x, y = make_classification(rows + 20_000, 30, n_informative=12, n_redundant=6, flip_y=.05, class_sep=.8, random_state=7)
if what == "make":
    frame = pl.DataFrame({**{f"f{i}": x[:, i] for i in range(30)}, "y": y})
    frame[:rows].write_parquet(f"{folder}/train.parquet")
    frame[rows:].drop("y").write_parquet(f"{folder}/test_boosting.parquet")
    frame[rows:rows + 2_000].drop("y").write_parquet(f"{folder}/test_forest.parquet")
else:
    import lightgbm
    import shap
    from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier

    def timed(name, call):
        begun = time.perf_counter()
        call()
        print(f"{name} {time.perf_counter() - begun:.2f} s")

    light = lightgbm.LGBMClassifier(n_estimators=100, n_jobs=2, verbose=-1).fit(x[:rows], y[:rows])
    timed("LightGBM pred_contrib, 20,000 rows", lambda: light.predict(x[rows:], pred_contrib=True))
    boosting = HistGradientBoostingClassifier(max_iter=100, early_stopping=False).fit(x[:rows], y[:rows])
    timed("shap, boosting, 20,000 rows", lambda: shap.TreeExplainer(boosting).shap_values(x[rows:]))
    forest = RandomForestClassifier(100, max_depth=8, n_jobs=2).fit(x[:rows], y[:rows])
    timed("shap, forest, 2,000 rows", lambda: shap.TreeExplainer(forest).shap_values(x[rows:rows + 2_000]))
