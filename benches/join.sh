#!/usr/bin/env bash
# Point-in-time join against Feast's DuckDB store: one entity, ten float features, as many feature rows over 30 days as
# spine rows. usage: join.sh [ROWS] [RUNS]. Ours is the whole process, reading and writing included; Feast's is the join.
. "$(dirname "$0")/common.sh"
rows=${1:-1000000}
runs=${2:-3}
python=$(peer feast)/python
"$python" - "$work" "$rows" <<'PY'
import sys
import numpy as np
import pandas as pd
folder, rows = sys.argv[1], int(sys.argv[2])
random = np.random.default_rng(1)
start = pd.Timestamp("2026-01-01", tz="UTC")
def table(days):
    seconds = random.integers(0, days * 86_400, rows)
    return {"id": random.integers(0, max(rows // 10, 1), rows), "event_timestamp": start + pd.to_timedelta(seconds, unit="s")}
features = table(30) | {f"x{i}": random.normal(size=rows) for i in range(10)}
pd.DataFrame(features).to_parquet(f"{folder}/features.parquet")
pd.DataFrame(table(31)).to_parquet(f"{folder}/spine.parquet")
PY
mkdir "$work/ours"
cp "$work"/*.parquet "$work/ours"
cat >"$work/ours/mlops.toml" <<'TOML'
[data.features]
path = "features.parquet"
[data.spine]
path = "spine.parquet"
[entity.id]
keys = ["id"]
[feature.v]
source = "features"
entity = "id"
event_time = "event_timestamp"
ttl = "60d"
columns = ["x0", "x1", "x2", "x3", "x4", "x5", "x6", "x7", "x8", "x9"]
[set.bench]
spine = "spine"
event_time = "event_timestamp"
features = ["v:*"]
TOML
cd "$work/ours"
"$mlops" -q init
"$mlops" -q data add
theirs="$python -W ignore $here/peers/feast_join.py $work"
input="feature join bench --input spine.parquet --output joined.parquet"
measure -n "$runs" --says "join $rows" "$mlops -q $input" "$theirs"
measure -n "$runs" --warmup 0 "join $rows, 1 thread" "$mlops -q --threads 1 $input"
[ -n "${ALONE:-}" ] || echo "Feast: $($theirs | tail -n 1)"
"$python" -c 'import pandas as pd; f = pd.read_parquet("joined.parquet"); print(f"ours: rows {len(f)} sum {f[[c for c in f if c.startswith(chr(118) + chr(95))]].sum().sum():.6f}")'
