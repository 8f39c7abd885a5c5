#!/usr/bin/env bash
# The learners against scikit-learn, and boosting against LightGBM too, at equal quality: ROWS × 30 numeric features, a fifth more rows to
# test on. usage: learners.sh [ROWS] [RUNS] [TASK]. TASK is binary, multiclass (five classes) or regression. Times are those of the fit
# alone, on both sides; beside them stands AUC, accuracy or R² on the test rows.
. "$(dirname "$0")/common.sh"
rows=${1:-100000}
runs=${2:-5}
task=${3:-binary}
python=$(peer ml)/python
"$python" - "$work" "$rows" "$task" <<'PY'
import sys
import polars as pl
from sklearn.datasets import make_classification, make_regression
import numpy as np
folder, rows, task = sys.argv[1], int(sys.argv[2]), sys.argv[3]
count = rows + rows // 5
if task == "regression":
    x, y = make_regression(count, 30, n_informative=12, noise=20.0, random_state=7)
    y = y + 60 * np.sin(2 * x[:, 0]) * x[:, 1] + 40 * (x[:, 2] > 0.3)
else:
    classes = 5 if task == "multiclass" else 2
    x, y = make_classification(count, 30, n_informative=12, n_redundant=6, n_classes=classes, flip_y=.05, class_sep=.8, random_state=7)
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
TOML
recipe() { # NAME MODEL PARAMS
    printf '[train.%s]\nset = "bench"\ntask = "%s"\nmodel = "%s"\nparams = { %s }\n' "$1" "$task" "$2" "$3" >>"$work/ours/mlops.toml"
}
case $task in
    binary) models="logistic svm naive_bayes tree forest extra_trees boosting lightgbm" ;;
    multiclass) models="logistic tree forest extra_trees boosting lightgbm" ;;
    regression) models="linear ridge lasso elastic_net tree forest extra_trees boosting lightgbm" ;;
    *) echo "no task $task" >&2; exit 2 ;;
esac
# Its time grows with the square of the rows: MODELS=svm_rbf learners.sh 10000.
for model in $models svm_rbf; do
    case $model in
        tree) recipe tree tree "max_depth = 10" ;;
        forest | extra_trees) recipe "$model" "$model" "n_estimators = 100, max_depth = 12" ;;
        boosting) recipe boosting boosting "max_iter = 100" ;;
        svm_rbf) recipe svm_rbf svm 'kernel = "rbf"' ;;
        lightgbm) recipe lightgbm boosting "max_iter = 100" ;;
        *) recipe "$model" "$model" "" ;;
    esac
done
cd "$work/ours"
"$mlops" -q init
"$mlops" -q data add
"$mlops" -q feature join bench
for threads in ${THREADS:-2 1}; do
    for model in ${MODELS:-$models}; do
        measure -n "$runs" --says "$model, $task, $rows rows, $threads thr" "$mlops --json --threads $threads run train $model" \
            "$python -W ignore $here/peers/sklearn_fit.py $work $model $threads $task"
    done
done
