#!/usr/bin/env bash
# Drift of 15 numeric and 5 categorical columns against Evidently's preset, with the default tests of both.
# usage: drift.sh [ROWS] [RUNS]. Ours is the whole process; Evidently's is reading and the report, without its import.
. "$(dirname "$0")/common.sh"
rows=${1:-1000000}
runs=${2:-3}
python=$(peer ev)/python
mkdir "$work/ours"
"$python" - "$work" "$rows" <<'PY'
import sys
import numpy as np
import pandas as pd
folder, rows = sys.argv[1], int(sys.argv[2])
def table(seed, shift):
    random = np.random.default_rng(seed)
    columns = {f"n{i}": random.normal(shift * .2 if i < 3 else 0, 1, rows) for i in range(15)}
    for i in range(5):
        weights = np.ones(8)
        weights[1 if shift and i == 0 else 0] = 3
        columns[f"c{i}"] = random.choice(list("abcdefgh"), rows, p=weights / 10)
    return pd.DataFrame(columns)
table(0, 0).to_parquet(f"{folder}/reference.parquet")
table(1, 1).to_parquet(f"{folder}/current.parquet")
PY
cd "$work/ours"
"$mlops" -q init
ours="monitor drift --reference $work/reference.parquet --current $work/current.parquet --json"
measure -n "$runs" --says "drift $rows x 20" "$mlops $ours" "$python -W ignore $here/peers/evidently_drift.py $work"
measure -n "$runs" "drift $rows x 20, 1 thread" "$mlops --threads 1 $ours"
