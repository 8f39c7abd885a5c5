#!/usr/bin/env bash
# Contracts over a CSV file against pandas doing the same. usage: csv.sh [ROWS] [RUNS]
. "$(dirname "$0")/common.sh"
rows=${1:-1000000}
runs=${2:-3}
python=$(peer ev)/python
mkdir -p "$work/project"
cd "$work/project"
python3 - "$rows" <<'PY'
import random, sys
random.seed(7)
words = ["alpha", "beta", "gamma", "delta", "epsilon", "zeta"]
with open("t.csv", "w") as file:
    file.write("id,at,a,b,c,d,e,w1,w2,w3,n,y\n")
    for i in range(int(sys.argv[1])):
        word = random.choice(words)
        file.write(
            f"{i},2024-01-{i % 28 + 1:02}T{i % 24:02}:00:00Z,{random.random():.6f},{random.gauss(0, 1):.5f},"
            f"{random.random() * 1000:.3f},{random.random():.4f},{random.random():.4f},{word},{word}-{i % 97},"
            f"{word} {random.choice(words)},{random.randrange(1000)},{i % 2}\n"
        )
PY
"$mlops" -q init
cat > mlops.toml <<'TOML'
[data.t]
path = "t.csv"
expect = [
    { column = "a", between = [0, 1] },
    { unique = ["id"] },
    { column = "w1", in = ["alpha", "beta", "gamma", "delta", "epsilon", "zeta"] },
    { column = "w2", not_null = true },
]
TOML
cat > check.py <<'PY'
import pandas as pd
table = pd.read_csv("t.csv")
words = ["alpha", "beta", "gamma", "delta", "epsilon", "zeta"]
assert table.a.between(0, 1).all() and table.id.is_unique and table.w1.isin(words).all() and table.w2.notna().all()
PY
measure -n "$runs" "four contracts, $rows rows x 12" "cd $work/project && $mlops -q data validate" "cd $work/project && $python check.py"
