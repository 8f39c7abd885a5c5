#!/usr/bin/env bash
# The five learners against scikit-learn at equal AUC: ROWS × 30 numeric features, a fifth more rows to test on.
# usage: learners.sh [ROWS] [RUNS]. Times are those of the fit alone, on both sides.
. "$(dirname "$0")/common.sh"
rows=${1:-100000}
runs=${2:-5}
python=$(peer ml)/python
"$python" - "$work" "$rows" <<'PY'
import sys
import polars as pl
from sklearn.datasets import make_classification
folder, rows = sys.argv[1], int(sys.argv[2])
x, y = make_classification(rows + rows // 5, 30, n_informative=12, n_redundant=6, flip_y=.05, class_sep=.8, random_state=7)
frame = pl.DataFrame({**{f"f{i}": x[:, i] for i in range(30)}, "y": y})
frame[:rows].write_csv(f"{folder}/train.csv")
frame[rows:].write_csv(f"{folder}/test.csv")
frame.with_columns(part=pl.Series(["train"] * rows + ["test"] * (rows // 5))).write_parquet(f"{folder}/all.parquet")
PY
mkdir "$work/ours"
mv "$work/all.parquet" "$work/ours"
cat >"$work/ours/mlops.toml" <<'TOML'
[project]
seed = 7
[data.all]
path = "all.parquet"
[set.bench]
spine = "all"
label = "y"
features = ["*"]
split = { by = "column", column = "part" }
[train.logistic]
set = "bench"
model = "logistic"
[train.svm]
set = "bench"
model = "svm"
[train.tree]
set = "bench"
model = "tree"
params = { max_depth = 10 }
[train.forest]
set = "bench"
model = "forest"
params = { n_estimators = 100, max_depth = 12 }
[train.boosting]
set = "bench"
model = "boosting"
params = { max_iter = 100 }
TOML
cd "$work/ours"
"$mlops" -q init
"$mlops" -q data add
"$mlops" -q feature join bench
for threads in 2; do
    for model in logistic svm tree forest boosting; do
        measure -n "$runs" --says "$model, $rows rows, $threads thr" "$mlops --json --threads $threads run train $model" \
            "$python -W ignore $here/peers/sklearn_fit.py $work $model $threads"
    done
done
