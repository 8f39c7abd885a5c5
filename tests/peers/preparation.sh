#!/usr/bin/env bash
# Preparation against scikit-learn: the real package fits each step on random tables and on the German credit data, and the tests of
# src/prep/vectors_tests.rs compare its numbers with their own to 1e-9.
# usage: preparation.sh [PYTHON]. Without a Python that has scikit-learn 1.9.1 it makes an environment with it.
# tests/vectors/preparation.json is made by: PYTHON tests/peers/preparation.py small tests/vectors/preparation.json
set -euo pipefail
repository=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python=${1:-}
if [ -z "$python" ]; then
    python3 -m venv "$work/environment"
    "$work/environment/bin/pip" install --quiet scikit-learn==1.9.1
    python=$work/environment/bin/python
fi
"$python" -W ignore "$repository/tests/peers/preparation.py" full "$repository/examples/credit/german.csv" "$work/vectors.json"
cd "$repository"
PREPARATION_VECTORS=$work/vectors.json cargo test --locked --lib prep::vectors_tests -- --include-ignored
