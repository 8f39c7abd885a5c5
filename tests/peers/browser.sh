#!/usr/bin/env bash
# A real browser, on a page of a stranger and on one of a host that is allowed: what reaches a server on this machine?
# usage: browser.sh MLOPS. Installs Chromium (Debian) and playwright-core (npm) where they are missing.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
mlops=$(realpath "${1:?name the binary}")
work=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; rm -rf "$work"' EXIT
if ! command -v chromium >/dev/null; then
    sudo=$([ "$(id -u)" = 0 ] || echo sudo)
    $sudo apt-get update -qq
    DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq chromium >/dev/null
fi
cd "$work"
npm install --silent --no-audit --no-fund --prefix "$work" playwright-core@1 >/dev/null
mkdir project
cd project
"$mlops" -q init
{
    echo id,x,y
    for i in $(seq 200); do echo "$i,$((i % 17)),$((i % 17 > 8))"; done
} > t.csv
cat >> mlops.toml <<'TOML'
[data.t]
path = "t.csv"
key = ["id"]
[set.s]
spine = "t"
label = "y = 1"
features = ["x"]
split = { by = "hash", test = 0.2 }
[train.l]
set = "s"
model = "logistic"
TOML
"$mlops" -q data add
"$mlops" -q run train l
"$mlops" -q model register l m
"$mlops" serve m --port 0 --allow-host models.example > "$work/address" &
until [ -s "$work/address" ]; do sleep 0.1; done
address=$(sed 's/^listening on //' "$work/address")
NODE_PATH="$work/node_modules" node "$here/browser.js" "$address" "$work/profile" "$work/project/.mlops/predictions/m"
