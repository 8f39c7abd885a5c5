"""Times commands side by side: A B A B …, whole processes, and prints medians, spread, peak memory and the ratio.

usage: measure.py [-n RUNS] [--warmup N] [--before CMD] [--says] [--alone] NAME OURS [PEER]

OURS and PEER are shell commands. --before runs (untimed) before each of them, with WHO=ours or WHO=peer in its
environment: it puts things back to where they were. With --says the time is not the process's but the one a command
prints of its own work: a line `seconds X`, or "fit_seconds": X in our JSON (a command that prints neither is timed
whole); `score X` or our "test.auc", "test.r2", "test.accuracy" is shown beside it. --alone leaves PEER out. Prints one line:

    NAME  ours 0.123 s (0.120-0.130) 45 MB  peer 1.234 s (1.200-1.300) 210 MB  ratio 10.0

Peak memory is that of the largest process of the command (ru_maxrss of waited-for children).
"""
import argparse
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time


SAYS = re.compile(r'(?:^seconds |"fit_seconds": )([0-9.eE+-]+)', re.MULTILINE)
SCORES = [re.compile(rf'(?:^score |"test\.{name}": )(-?[0-9.]+)', re.MULTILINE) for name in ("auc", "r2", "accuracy")]


def run(command, who, before, says):
    environment = {**os.environ, "WHO": who}
    if before:
        subprocess.run(["bash", "-c", before], check=True, env=environment, stdout=subprocess.DEVNULL)
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        begun = time.perf_counter()
        child = subprocess.Popen(["bash", "-c", "exec " + command if simple(command) else command],
                                 stdout=out, stderr=err, env=environment)
        _, status, usage = os.wait4(child.pid, 0)
        seconds = time.perf_counter() - begun
        child.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        err.seek(0)
        text = out.read()
        if child.returncode not in (0, 1):
            sys.exit(f"{command}: exit code {child.returncode}\n{text[-2000:]}\n{err.read()[-2000:]}")
    said = SAYS.search(text) if says else None
    score = next((found for found in (pattern.search(text) for pattern in SCORES) if found), None)
    return float(said.group(1)) if said else seconds, usage.ru_maxrss / 1024, score and float(score.group(1))


def simple(command):
    return not any(mark in command for mark in ";|&<>$(")


def summary(runs):
    seconds, memory, scores = zip(*runs)
    middle = statistics.median(seconds)
    text = f"{middle:.3f} s ({min(seconds):.3f}-{max(seconds):.3f}) {max(memory):.0f} MB"
    return middle, text + (f" score {scores[0]:.4f}" if scores[0] else "")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-n", type=int, default=5)
    parser.add_argument("--warmup", type=int, default=1)
    parser.add_argument("--before")
    parser.add_argument("--says", action="store_true")
    parser.add_argument("--alone", action="store_true")
    parser.add_argument("name")
    parser.add_argument("ours")
    parser.add_argument("peer", nargs="?")
    args = parser.parse_args()
    sides = [("ours", args.ours)] + ([("peer", args.peer)] if args.peer and not args.alone else [])
    runs = {who: [] for who, _ in sides}
    for at in range(args.warmup + args.n):
        for who, command in sides:
            measured = run(command, who, args.before, args.says)
            if at >= args.warmup:
                runs[who].append(measured)
    ours, text = summary(runs["ours"])
    line = f"{args.name:28s} ours {text}"
    if runs.get("peer"):
        peer, text = summary(runs["peer"])
        line += f"  peer {text}  ratio {peer / ours:.1f}"
    print(line, flush=True)


if __name__ == "__main__":
    main()
