#!/usr/bin/env bash
# Shapley values: 20,000 rows of a boosting model (100 trees of 31 leaves, 100,000 × 30) and 2,000 of a forest (100 trees of depth 8). Ours is the
# whole command, reading, explaining and writing; the others' are their calls alone: `shap.TreeExplainer` on scikit-learn's models, LightGBM's
# `pred_contrib`. Two threads. usage: explain.sh
. "$(dirname "$0")/common.sh"
python=$(peer ml)/python
export OMP_NUM_THREADS=2
"$python" -W ignore "$here/peers/shap_values.py" make "$work"
cd "$work"
cat >mlops.toml <<'TOML'
[project]
seed = 7
[data.train]
path = "train.parquet"
[set.bench]
spine = "train"
label = "y"
features = ["*"]
[train.boosting]
set = "bench"
model = "boosting"
[train.forest]
set = "bench"
model = "forest"
params = { max_depth = 8 }
TOML
"$mlops" -q init
"$mlops" -q data add
for model in boosting forest; do
    "$mlops" -q run train $model
    measure -n 3 "explain $model, ours" "$mlops -q --threads 2 model explain $model --input test_$model.parquet --output $model.parquet"
done
"$python" -W ignore "$here/peers/shap_values.py" run "$work"
