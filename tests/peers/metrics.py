"""Our metrics beside scikit-learn's.

metrics.py vectors FILE      writes random labels and predictions with scikit-learn's value of every metric
metrics.py check FOLDER      computes every test metric of the runs in FOLDER again: FOLDER/RUN.json is `run show --json`, FOLDER/RUN.parquet
                             its predictions.parquet, FOLDER/RUN.classes one class a line
"""

import json
import math
import pathlib
import sys
import warnings

import numpy as np
from sklearn import metrics as m
from sklearn.preprocessing import label_binarize

warnings.filterwarnings("ignore")


def quiet(compute):
    """The value, or None where scikit-learn refuses or has none."""
    try:
        value = float(compute())
    except (ValueError, ZeroDivisionError):
        return None
    return None if math.isnan(value) else value


def of_calls(y, called, classes):
    labels = list(range(classes))
    found = {"accuracy": quiet(lambda: m.accuracy_score(y, called))}
    for average in ["macro", "weighted", "micro"]:
        kept = {"average": average, "zero_division": 0}
        found[f"precision_{average}"] = quiet(lambda: m.precision_score(y, called, **kept))
        found[f"recall_{average}"] = quiet(lambda: m.recall_score(y, called, **kept))
        found[f"f1_{average}"] = quiet(lambda: m.f1_score(y, called, **kept))
    found["balanced_accuracy"] = quiet(lambda: m.balanced_accuracy_score(y, called))
    found["mcc"] = quiet(lambda: m.matthews_corrcoef(y, called))
    found["kappa"] = quiet(lambda: m.cohen_kappa_score(y, called, labels=labels))
    return found


def binary(y, p, threshold=0.5):
    called = (p >= threshold).astype(int)
    both = len(set(y)) == 2
    found = of_calls(y, called, 2)
    found["auc"] = quiet(lambda: m.roc_auc_score(y, p)) if both else None
    found["average_precision"] = quiet(lambda: m.average_precision_score(y, p)) if 1 in y else None
    found["log_loss"] = quiet(lambda: m.log_loss(y, p, labels=[0, 1]))
    found["precision"] = quiet(lambda: m.precision_score(y, called, zero_division=0))
    found["recall"] = quiet(lambda: m.recall_score(y, called, zero_division=0))
    found["f1"] = quiet(lambda: m.f1_score(y, called, zero_division=0))
    found["specificity"] = quiet(lambda: m.recall_score(y, called, pos_label=0, zero_division=0))
    found["brier"] = quiet(lambda: m.brier_score_loss(y, p, labels=[0, 1], pos_label=1))
    if both:
        false, true, _ = m.roc_curve(y, p, drop_intermediate=False)
        found["ks"] = float(max(true - false))
    else:
        found["ks"] = None
    return found


def several(y, p):
    classes = p.shape[1]
    labels = list(range(classes))
    called = p.argmax(axis=1)
    found = of_calls(y, called, classes)
    indicator = label_binarize(y, classes=labels)
    absent = len(set(y)) < classes
    for average in ["macro", "weighted"]:
        each = [quiet(lambda: m.roc_auc_score(indicator[:, k], p[:, k])) for k in labels]
        rows = indicator.sum(axis=0)
        if average == "macro":
            found["auc_ovr_macro"] = None if None in each else float(np.mean(each))
        elif any(value is None for value, count in zip(each, rows) if count):
            found["auc_ovr_weighted"] = None
        else:
            kept = [(value, count) for value, count in zip(each, rows) if count]
            found["auc_ovr_weighted"] = float(np.average([v for v, _ in kept], weights=[c for _, c in kept]))
        if not absent:
            found[f"auc_ovr_{average}"] = quiet(lambda: m.roc_auc_score(y, p, multi_class="ovr", average=average, labels=labels))
        found[f"auc_ovo_{average}"] = quiet(lambda: m.roc_auc_score(y, p, multi_class="ovo", average=average, labels=labels))
        found[f"average_precision_{average}"] = quiet(lambda: m.average_precision_score(indicator, p, average=average))
    found["log_loss"] = quiet(lambda: m.log_loss(y, p, labels=labels))
    found["brier"] = quiet(lambda: m.brier_score_loss(y, p, labels=labels))
    for k in [2, 3, 5]:
        found[f"top_{k}"] = quiet(lambda: m.top_k_accuracy_score(y, p, k=k, labels=labels))
    for k in labels:
        found[f"f1.{k}"] = quiet(lambda: m.f1_score(y == k, called == k, zero_division=0))
    return found


def numbers(y, p):
    found = {
        "rmse": quiet(lambda: m.root_mean_squared_error(y, p)),
        "mae": quiet(lambda: m.mean_absolute_error(y, p)),
        "median_ae": quiet(lambda: m.median_absolute_error(y, p)),
        "mape": quiet(lambda: m.mean_absolute_percentage_error(y, p)),
        "max_error": quiet(lambda: m.max_error(y, p)),
        "rmsle": quiet(lambda: m.root_mean_squared_log_error(y, p)),
        "poisson_deviance": quiet(lambda: m.mean_poisson_deviance(y, p)),
        "gamma_deviance": quiet(lambda: m.mean_gamma_deviance(y, p)),
    }
    for share in [10, 50, 90]:
        found[f"pinball_{share}"] = quiet(lambda: m.mean_pinball_loss(y, p, alpha=share / 100))
    # Of equal numbers scikit-learn gives 0 or 1 by agreement; we say that it is not defined.
    spread = len(set(y)) > 1
    found["r2"] = quiet(lambda: m.r2_score(y, p)) if spread else None
    found["explained_variance"] = quiet(lambda: m.explained_variance_score(y, p)) if spread else None
    return found


def vectors():
    random = np.random.default_rng(11)
    cases = []
    for round in range(60):
        rows = int([1, 2, 3, 7, 40, 200][round % 6])
        steps = int([2, 5, 20, 10_000][round % 4])
        p = random.integers(0, steps + 1, rows) / steps
        y = random.integers(0, 2, rows) if round % 5 else np.full(rows, round % 2)
        cases.append({"task": "binary", "classes": 2, "y": y.tolist(), "p": p.tolist(), "metrics": binary(y, p)})
        classes = int(random.integers(3, 7))
        q = random.integers(1, steps + 1, (rows, classes)).astype(float)
        q = q / q.sum(axis=1, keepdims=True)
        y = random.integers(0, classes if round % 3 else 2, rows)
        cases.append({"task": "multiclass", "classes": classes, "y": y.tolist(), "p": q.ravel().tolist(), "metrics": several(y, q)})
        y = np.round(random.gamma(2.0, 3.0, rows), round % 3)
        p = y + random.normal(0, 1, rows) if round % 2 else random.gamma(2.0, 3.0, rows)
        cases.append({"task": "regression", "classes": 0, "y": y.tolist(), "p": p.tolist(), "metrics": numbers(y, p)})
    return cases


def differ(ours, theirs):
    if theirs is None or ours is None:
        return ours is not theirs
    return abs(ours - theirs) > 1e-12 * max(1.0, abs(theirs))


def check(folder):
    import pyarrow.parquet as parquet

    compared, wrong = 0, []
    for shown in sorted(pathlib.Path(folder).glob("*.json")):
        run = json.loads(shown.read_text())
        table = parquet.read_table(shown.with_suffix(".parquet")).to_pandas()
        classes = shown.with_suffix(".classes").read_text().splitlines()
        for part in sorted(set(table["part"]) - {"cv"}):
            rows = table[table["part"] == part]
            y, outputs = rows["label"].to_numpy(), [name for name in table.columns if name.startswith("output")]
            p = rows[outputs].to_numpy(dtype=float)
            if not classes:
                theirs = numbers(y, p[:, 0])
            elif p.shape[1] == 1:
                theirs = binary(y.astype(int), p[:, 0])
            else:
                theirs = several(y.astype(int), p)
            for name, value in theirs.items():
                kind, _, place = name.partition(".")
                ours = f"{part}.{kind}" + (f".{classes[int(place)]}" if place else "")
                if ours not in run["metrics"]:
                    wrong.append(f"{shown.stem}: {ours} is not recorded")
                    continue
                compared += 1
                if differ(run["metrics"][ours], value):
                    wrong.append(f"{shown.stem}: {ours} is {run['metrics'][ours]}, scikit-learn's {value}")
    print("\n".join(wrong))
    assert not wrong and compared > 100, f"{len(wrong)} of {compared} differ"
    print(f"metrics: {compared} values of our runs are those of scikit-learn")


if sys.argv[1] == "vectors":
    pathlib.Path(sys.argv[2]).write_text("[\n" + ",\n".join(json.dumps(case) for case in vectors()) + "\n]\n")
else:
    check(sys.argv[2])
