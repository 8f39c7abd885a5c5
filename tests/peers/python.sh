#!/usr/bin/env bash
# What Python's users do: install the wheel, serve a model, ask it with MLflow's own scoring client (docs/guides/python.md).
# usage: python.sh MLOPS. Installs mlflow and pandas into an environment of its own.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
repository=$(cd "$here/../.." && pwd)
binary=$(realpath "${1:?name the binary}")
work=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; rm -rf "$work"' EXIT
cd "$work"
python3 -m venv environment
export PATH="$work/environment/bin:$PATH"

wheel=$(python3 "$repository/.ci/wheel.py" "$binary" "$work/wheels")
again=$(python3 "$repository/.ci/wheel.py" "$binary" "$work/again")
cmp "$wheel" "$again"
pip install --quiet --no-index "$wheel"
[ "$(command -v mlops)" = "$work/environment/bin/mlops" ]
mlops --version
for file in share/man/man1/mlops-data-add.1 share/bash-completion/completions/mlops; do [ -s "environment/$file" ]; done
pip uninstall --quiet --yes mlops
[ ! -e environment/bin/mlops ] && [ ! -e environment/share/man/man1/mlops.1 ]
pip install --quiet --no-index "$wheel"

# What of mlflow its client needs: the whole is half a gigabyte.
pip install --quiet mlflow-skinny pandas requests scipy
# The guide's own text: its files, its commands, and its scripts on the port that this server got.
mkdir guide
cd guide
block() { awk -v file="\`$1\`:" '$0 == file {found = 1} found && /^```/ {if (inside) exit; inside = 1; next} inside' "$repository/docs/guides/python.md"; }
cp "$repository/examples/credit/german.csv" .
mlops train german.csv --target creditability --quiet
mlops serve german --port 0 > served.txt 2>&1 &
for _ in $(seq 100); do grep -q 'http://' served.txt && break; sleep 0.1; done
port=$(grep -o 'http://127.0.0.1:[0-9]*' served.txt | head -1 | grep -o '[0-9]*$')
for script in ask.py plain.py; do
    block "$script" | sed "s/8080/$port/" > "$script"
    [ -s "$script" ]
done
python ask.py | tee answers.txt
[ "$(grep -c -E 'good|bad' answers.txt)" -ge 3 ]
[ "$(python plain.py)" = 1000 ]
echo "python: the wheel installs and leaves nothing behind, MLflow's client and plain Python get their answers"
