#!/usr/bin/env bash
# Our metrics beside scikit-learn's: runs are trained, and from the predictions they keep the real package computes every metric again.
# Trees give many equal probabilities; some test parts lack a class, one has a single row.
# usage: metrics.sh MLOPS. Installs scikit-learn into an environment of its own.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
mlops=$(realpath "${1:?name the binary}")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv environment
environment/bin/pip install --quiet scikit-learn==1.9.1 pandas pyarrow
mkdir project found
cd project
"$mlops" -q init
../environment/bin/python - <<'PYTHON'
import random
random.seed(5)
with open("t.csv", "w") as file:
    file.write("x,c,two,three,amount,mixed,lacking,single\n")
    for row in range(600):
        x, c = random.gauss(0, 1), random.choice("abcd")
        two = "yes" if x + random.gauss(0, 1) + (c == "a") > 0.5 else "no"
        three = ["low", "middle", "high"][min(2, max(0, round(x + random.gauss(0, 0.8) + 1)))]
        amount = round(2.718 ** (x / 2 + random.gauss(0, 0.4)), 2) + 0.01
        mixed = ["train", "train", "train", "test", "validation"][row % 5]
        lacking = "test" if row % 5 == 0 and three != "high" and two == "no" else "train"
        single = "test" if row == 7 else "train"
        file.write(f"{x},{c},{two},{three},{amount},{mixed},{lacking},{single}\n")
PYTHON
both='"specificity", "ks", "balanced_accuracy", "mcc", "kappa", "precision_macro", "recall_macro", "f1_macro", "precision_weighted",
  "recall_weighted", "f1_weighted", "precision_micro", "recall_micro", "f1_micro"'
several='"auc_ovr_weighted", "auc_ovo_macro", "auc_ovo_weighted", "average_precision_macro", "average_precision_weighted", "balanced_accuracy",
  "mcc", "kappa", "precision_weighted", "recall_weighted", "f1_weighted", "precision_micro", "recall_micro", "f1_micro", "brier", "top_2",
  "top_3", "top_5"'
numbers='"median_ae", "mape", "max_error", "explained_variance", "rmsle", "poisson_deviance", "gamma_deviance", "pinball_10", "pinball_50",
  "pinball_90"'
{
    printf '[data.t]\npath = "t.csv"\n'
    for label in two three amount; do
        case $label in
            two) models="logistic tree boosting" more=$both ;;
            three) models="logistic tree boosting" more=$several ;;
            amount) models="linear tree boosting" more=$numbers ;;
        esac
        for part in mixed lacking single; do
            printf '[set.%s-%s]\nspine = "t"\nlabel = "%s"\nfeatures = ["x", "c"]\n' "$label" "$part" "$label"
            printf 'split = { by = "column", column = "%s" }\n' "$part"
            for model in $models; do
                params=""
                [ "$model" != linear ] && [ "$model" != logistic ] && params='params = { max_depth = 2 }'
                printf '[train.%s-%s-%s]\nset = "%s-%s"\nmodel = "%s"\n%s\nmetrics = [%s]\n' \
                    "$label" "$part" "$model" "$label" "$part" "$model" "$params" "${more//$'\n'/}"
            done
        done
    done
} >> mlops.toml
"$mlops" -q data add
for recipe in $(sed -n 's/^\[train\.\(.*\)\]/\1/p' mlops.toml); do
    "$mlops" -q run train "$recipe"
    "$mlops" run show "$recipe" --json > "../found/$recipe.json"
    hash=$(python3 -c "import json, sys; print(next(a['hash'] for a in json.load(open(sys.argv[1]))['artifacts'] if a['name'] == 'predictions.parquet'))" "../found/$recipe.json")
    cp ".mlops/objects/${hash:0:2}/${hash:2}" "../found/$recipe.parquet"
    case $recipe in
        two-*) printf 'no\nyes\n' ;;
        three-*) printf 'high\nlow\nmiddle\n' ;;
        *) ;;
    esac > "../found/$recipe.classes"
done
cd ..
environment/bin/python "$here/metrics.py" check found
