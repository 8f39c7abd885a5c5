#!/usr/bin/env bash
# Versions of data against DVC: one large file and many small ones. usage: data.sh [FILES] [MB] [RUNS]
. "$(dirname "$0")/common.sh"
files=${1:-20000}
megabytes=${2:-512}
runs=${3:-3}
dvc=$(peer dvc)/dvc
export DVC_NO_ANALYTICS=1 work mlops dvc
mkdir -p "$work/seed/small" "$work/ours" "$work/peer"
python3 - "$work/seed" "$files" "$megabytes" <<'PY'
import os, sys
folder, files, megabytes = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
for i in range(files):
    inner = f"{folder}/small/{i // 1000:03d}"
    os.makedirs(inner, exist_ok=True)
    with open(f"{inner}/{i:06d}.bin", "wb") as file:
        file.write(os.urandom(4096))
with open(f"{folder}/large.bin", "wb") as file:
    for _ in range(megabytes):
        file.write(os.urandom(1 << 20))
PY
# Out of the way, not removed: at each file that is made, ext4 goes over the inodes freed in the last minutes one by one.
aside() { mkdir -p "$work/aside" && mv "$1" "$work/aside/$(date +%s%N)"; }
# A fresh project with the files in it, on disk.
fresh() {
    aside "$work/$WHO"
    cp -r "$work/seed" "$work/$WHO"
    cd "$work/$WHO"
    git init -q
    if [ "$WHO" = ours ]; then "$mlops" -q init; else "$dvc" init -q; fi
    sync
}
export -f fresh aside
in_ours="cd $work/ours && $mlops"
in_peer="cd $work/peer && $dvc"
measure -n "$runs" --before fresh "add $files x 4 KiB" "$in_ours -q data add small" "$in_peer add -q small"
measure -n "$runs" --before fresh "add 1 x $megabytes MiB" "$in_ours -q data add large.bin" "$in_peer add -q large.bin"
export WHO=ours
(fresh)
bash -c "$in_ours -q data add small large.bin"
if [ -z "${ALONE:-}" ]; then
    WHO=peer
    (fresh)
    bash -c "$in_peer add -q small large.bin"
fi
sleep 3 # files younger than the clock's grain are hashed again by both
measure -n "$runs" "status, nothing changed" "$in_ours data status --json" "$in_peer data status --json"
gone='cd $work/$WHO && aside small && sync'
measure -n "$runs" --before "$gone" "checkout $files x 4 KiB" "$in_ours -q data checkout" "$in_peer checkout -q"
