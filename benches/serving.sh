#!/usr/bin/env bash
# Requests over HTTP against BentoML: a logistic regression of ten features, connections that stay open. Ours logs every
# answer. usage: serving.sh [SECONDS] [ROUNDS] [ROWS] [CONNECTIONS], ROWS a request. Each round measures both, one after
# the other.
. "$(dirname "$0")/common.sh"
seconds=${1:-8}
rounds=${2:-3}
rows=${3:-1}
connections=${4:-8}
bentoml=$(peer bento)/bentoml
command -v wrk >/dev/null || { echo "no wrk: run benches/peers/setup.sh" >&2; exit 2; }
mkdir "$work/ours" "$work/peer"
cd "$work/ours"
"$(peer bento)/python" - <<'PY'
import numpy as np
random = np.random.default_rng(1)
x = random.normal(size=(5000, 10))
y = (x[:, 0] + random.normal(size=5000) > 0).astype(int)
with open("rows.csv", "w") as file:
    file.write(",".join(f"x{i}" for i in range(10)) + ",y\n")
    file.writelines(",".join(map(repr, map(float, row))) + f",{label}\n" for row, label in zip(x, y))
PY
cat >mlops.toml <<'TOML'
[data.rows]
path = "rows.csv"
[set.bench]
spine = "rows"
label = "y"
features = ["*"]
[train.bench]
set = "bench"
model = "logistic"
TOML
"$mlops" -q init
"$mlops" -q data add
"$mlops" -q run train bench
"$mlops" -q model register bench bench
load() { # NAME URL BODY: requests for a while; the medians come from wrk
    printf 'wrk.method="POST"\nwrk.headers["Content-Type"]="application/json"\nwrk.body=[==[%s]==]\n' "$3" >"$work/$1.lua"
    for _ in $(seq 120); do
        curl -fs -o /dev/null -H 'Content-Type: application/json' -d "$3" "$2" && break
        sleep 0.5
    done
    wrk -t2 "-c$connections" -d2s -s "$work/$1.lua" "$2" >/dev/null
    wrk -t2 "-c$connections" "-d${seconds}s" --latency -s "$work/$1.lua" "$2" >"$work/$1.txt"
    awk -v name="$1" '/Requests\/sec/ {rps = $2} / 50%/ {p50 = $2} / 99%/ {p99 = $2} /Non-2xx/ {bad = $0}
        END {printf "%-8s %10.0f requests/s  p50 %s  p99 %s %s\n", name, rps, p50, p99, bad}' "$work/$1.txt"
}
body="[0.1,0.2,0.3,0.4,0.5,0.6,0.7,0.8,0.9,1.0]"
for ((i = 1; i < rows; i++)); do body+=,[0.1,0.2,0.3,0.4,0.5,0.6,0.7,0.8,0.9,1.0]; done
for _ in $(seq "$rounds"); do
    mkfifo "$work/said"
    "$mlops" serve bench --port 0 >"$work/said" &
    server=$!
    read -r line <"$work/said"
    rm "$work/said"
    url=${line#listening on }
    load ours "$url/invocations" "{\"inputs\": [$body]}"
    awk '/VmHWM/ {printf "         peak memory %d MB\n", $2 / 1024}' "/proc/$server/status"
    kill "$server"
    wait "$server"
    [ -z "${ALONE:-}" ] || continue
    port=$((20000 + RANDOM % 20000))
    (cd "$here/peers" && BENTOML_DO_NOT_TRACK=1 exec "$bentoml" serve bento_service:Scores -p "$port" >"$work/bento.log" 2>&1) &
    server=$!
    load bentoml "http://127.0.0.1:$port/predict" "{\"rows\": [$body]}"
    kill "$server"
    wait "$server" || true
done
echo "logged: $(cat "$work"/ours/.mlops/predictions/bench/*.jsonl | wc -l) predictions"
