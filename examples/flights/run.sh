#!/usr/bin/env bash
# The whole loop on real flights. usage: examples/flights/run.sh [DIR]
# Builds the release binary if needed, makes a fresh project in DIR (a temporary folder without it), tells the story.
# Needs bash and a Rust toolchain. $MLOPS names another binary.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
if [ -z "${MLOPS:-}" ]; then
    (cd "$root" && cargo build --release --locked)
    MLOPS=${CARGO_TARGET_DIR:-$root/target}/release/mlops
fi
dir=${1:-$(mktemp -d)}
mkdir -p "$dir"
server=
stop() { if [ -n "$server" ]; then kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; server=; fi; }
trap stop EXIT
say() { printf '\n\033[1m== %s\033[0m\n' "$*"; }
mlops() { printf '$ mlops %s\n' "$*"; "$MLOPS" "$@"; }
# A command whose check is expected not to hold: exit code 1 and nothing else.
broken() { local code=0; mlops "$@" || code=$?; [ "$code" -eq 1 ] || { echo "expected exit code 1, got $code" >&2; exit 1; }; }
month() { cp "$here/data/flights/flights-2013-$1.parquet" data/flights/; }
serve() { # MODEL: starts a server on a free port and waits for its first line
    printf '$ mlops serve %s --name delay --port 0 &\n' "$1"
    rm -f serve.out
    mkfifo serve.out
    "$MLOPS" serve "$1" --name delay --port 0 >serve.out &
    server=$!
    local line
    read -r line <serve.out
    rm -f serve.out
    echo "$line"
    url=${line#listening on }
}

say "A new project"
cd "$dir"
mlops init
cp "$here/mlops.toml" mlops.toml
mkdir -p data/flights
cp "$here"/data/*.csv data/

say "January to March arrive and are recorded"
month 01; month 02; month 03
mlops data add -m "January to March"

say "A broken file is refused by the contracts"
cp data/weather.csv weather.saved
echo 'LGA,2013,12,31,1,451,,,,,,,,,2013-12-31T06:00:00.000000+0000' >>data/weather.csv # 451 degrees
broken data add weather
mv weather.saved data/weather.csv
mlops data validate
mlops data status --exit-code

say "Features: the weather at the scheduled hour, and the delays known at that hour"
mlops feature plan
mlops feature apply
mlops feature join delay

say "Five learners, cross-validated"
for recipe in logistic svm tree forest boosting; do mlops run train "$recipe"; done
mlops run compare logistic svm tree forest boosting
mlops run list --sort cv.auc

say "The best is registered and served"
best=$("$MLOPS" run list --sort cv.auc -n 1 --json | sed -n 's/.*"run": "\([0-9a-f]*\)".*/\1/p' | head -n 1)
mlops model register "$best" delay --alias champion
mlops model show delay

say "April happens: its flights are asked about, one request each"
month 04
mlops data add flights -m "April"
mlops feature materialize --to 2013-05-01
serve delay@champion
mlops model predict --url "$url" --input data/flights/flights-2013-04.parquet --output april.csv

say "Labels arrive; performance and drift in April"
mlops monitor labels delay --input data/flights/flights-2013-04.parquet
mlops monitor performance delay || [ $? -eq 1 ]
mlops monitor drift delay || [ $? -eq 1 ]

say "May and June drift further"
month 05; month 06
mlops data add flights -m "May and June"
mlops feature materialize --to 2013-07-01
for m in 05 06; do
    mlops model predict --url "$url" --input "data/flights/flights-2013-$m.parquet" --output "$m.parquet" --rows-per-request 20
    mlops monitor labels delay --input "data/flights/flights-2013-$m.parquet"
done
mlops monitor performance delay || [ $? -eq 1 ]
mlops monitor drift delay --from 2013-06-01 || [ $? -eq 1 ]
mlops monitor report delay --output report.html

say "Retraining: challenger against champion on the same held-back rows"
stop
mlops retrain delay
mlops model list

say "The lineage of one prediction"
id=$(sed -n '2s/.*,"\{0,1\}\([0-9a-f]\{32\}-[0-9]*\).*/\1/p' april.csv)
mlops lineage "$id"

say "Everything is intact"
mlops fsck
mlops log -n 8
mlops status
echo
echo "the project is in $dir; the report is $dir/report.html"
