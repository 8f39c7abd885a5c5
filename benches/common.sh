# What every bench begins with: the release binary, the rivals' environments, a folder to work in that goes away.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[1]}")" && pwd)
root=$(cd "$here/.." && pwd)
peers=${PEERS:-$HOME/.cache/mlops-peers}
mlops=${MLOPS:-${CARGO_TARGET_DIR:-$root/target}/release/mlops}
[ -x "$mlops" ] || { echo "no $mlops: build it with cargo build --release, or name one in MLOPS" >&2; exit 2; }
work=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; chmod -R u+w "$work"; rm -rf "$work"' EXIT
measure() { python3 "$here/measure.py" ${ALONE:+--alone} "$@"; }
peer() { # NAME: the environment's folder, or an error that says how to make it
    [ -d "$peers/$1" ] || { echo "no $peers/$1: run benches/peers/setup.sh" >&2; exit 2; }
    echo "$peers/$1/bin"
}
