#!/usr/bin/env bash
# Makes the rivals' virtual environments under $PEERS (default: ~/.cache/mlops-peers) and installs wrk. About 3 GB.
set -euo pipefail
peers=${PEERS:-$HOME/.cache/mlops-peers}
mkdir -p "$peers"
make() { # NAME PACKAGE…: an environment with the packages
    local name=$1
    shift
    [ -d "$peers/$name" ] || python3 -m venv "$peers/$name"
    "$peers/$name/bin/pip" install -q "$@"
}
make dvc dvc
make ml scikit-learn lightgbm shap polars pyarrow pandas
make feast 'feast[duckdb]'
make bento bentoml scikit-learn
make ev evidently pyarrow 'pandas<3'
command -v wrk >/dev/null || { apt-get update -qq && apt-get install -y -qq wrk; }
