#!/usr/bin/env bash
# How this program grows from a tenth to ten times the size of the other benches; the rivals stand aside.
# usage: growth.sh [WHAT...], of data, join, learners, drift, serving.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
export ALONE=1
[ $# -gt 0 ] || set -- data join learners drift serving
for what; do
    case $what in
    data) for files in 2000 20000 200000; do "$here/data.sh" "$files" $((files * 128 / 20000)) 1; done ;;
    join) for rows in 100000 1000000 10000000; do "$here/join.sh" "$rows" 1; done ;;
    learners) for rows in 10000 100000 1000000; do "$here/learners.sh" "$rows" 1; done ;;
    drift) for rows in 100000 1000000 10000000; do "$here/drift.sh" "$rows" 1; done ;;
    serving)
        for rows in 1 10 100; do
            for connections in 2 8 64; do
                echo "$rows rows a request, $connections connections"
                "$here/serving.sh" 4 1 "$rows" "$connections"
            done
        done
        ;;
    *) echo "unknown: $what" >&2 && exit 2 ;;
    esac
done
