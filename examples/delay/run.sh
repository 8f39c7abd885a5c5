#!/usr/bin/env bash
# Numbers and three classes on the flights' data. usage: examples/delay/run.sh [DIR]
# Builds the release binary if needed, makes a fresh project in DIR (a temporary folder without it). $MLOPS names another binary.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
if [ -z "${MLOPS:-}" ]; then
    (cd "$root" && cargo build --release --locked)
    MLOPS=${CARGO_TARGET_DIR:-$root/target}/release/mlops
fi
dir=${1:-$(mktemp -d)}
mkdir -p "$dir"
say() { printf '\n\033[1m== %s\033[0m\n' "$*"; }
mlops() { printf '$ mlops %s\n' "$*"; "$MLOPS" "$@"; }

cd "$dir"
mlops init
cp "$here/mlops.toml" mlops.toml
mkdir -p flights
cp "$here"/../flights/data/flights/flights-2013-0[12].parquet flights/
mlops data add flights

say "How many minutes late? The mean, the median, and what nine of ten flights stay below"
for recipe in always-the-median mean median ninetieth; do mlops run train "$recipe"; done
mlops run compare always-the-median mean median

say "Early, on time or late"
for recipe in classes-logistic classes-boosting; do mlops run train "$recipe"; done
mlops run compare classes-logistic classes-boosting
mlops model register classes-boosting punctuality --alias champion
mlops model explain punctuality@champion --input '{"carrier": "EV", "origin": "EWR", "dest": "ATL", "month": 3, "hour": 18, "distance": 746, "time_hour": "2013-03-01T18:00:00Z"}'
mlops run show classes-boosting --html punctuality.html
echo
echo "the project is in $dir; the report is $dir/punctuality.html"
