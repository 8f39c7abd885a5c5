#!/usr/bin/env bash
# Start-up: --version, and status in the project of the flights example. usage: startup.sh FLIGHTS-PROJECT
. "$(dirname "$0")/common.sh"
project=${1:?the folder that examples/flights/run.sh DIR made}
measure -n 30 --warmup 3 version "$mlops --version"
measure -n 20 --warmup 3 "status (flights)" "$mlops -C $project status"
measure -n 20 --warmup 3 "data status (flights)" "$mlops -C $project data status"
measure -n 5 "dvc version" "$(peer dvc)/dvc --version"
