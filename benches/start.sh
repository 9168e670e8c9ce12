#!/usr/bin/env bash
# How long a node takes to come up and what it holds while idle. The method stands in docs/benchmarks.md.
#   benches/start.sh            builds with --release and measures
#   benches/start.sh PROGRAM    measures a program that is built already
# Prints one line for each figure; exits with 1 where a bound is not kept.
set -euo pipefail
cd "$(dirname "$0")/.."
program=${1:-}
if [ -z "$program" ]; then
    cargo build --locked --release --package api --bin orglife
    program=target/release/orglife
fi
folder=$(mktemp -d)
pid=
finish() {
    [ -z "$pid" ] || kill "$pid" 2>/dev/null || true
    wait 2>/dev/null || true
    rm -rf "$folder"
}
trap finish EXIT

now() { date +%s%3N; }
# Starts the program and waits until /readyz answers 200; leaves the milliseconds in $took.
start() {
    : >"$folder/out"
    local begun
    begun=$(now)
    env -u ORGLIFE_DATABASE_URL -u ORGLIFE_DATA ORGLIFE_LOG=warn \
        "$program" "$@" --listen 127.0.0.1:0 --data "$folder/data" >"$folder/out" 2>"$folder/err" &
    pid=$!
    local address=
    while [ -z "$address" ]; do
        kill -0 "$pid" 2>/dev/null || { cat "$folder/err" >&2; exit 1; }
        address=$(sed -n 's|.*\(http://[0-9.:]*\)/graphql.*|\1|p' "$folder/out" | head -n 1)
        [ -n "$address" ] || sleep 0.01
    done
    until [ "$(curl -s -o /dev/null -w '%{http_code}' "$address/readyz")" = 200 ]; do sleep 0.01; done
    took=$(($(now) - begun))
}
stop() {
    kill "$pid"
    wait "$pid" || true
    pid=
}
resident() { awk '/^VmRSS:/ { print int($2 / 1024) }' "/proc/$pid/status"; }

failed=0
figure() { # what, figure, unit, bound
    local kept=kept
    if [ "$2" -gt "$4" ]; then kept='NOT KEPT'; failed=1; fi
    printf '%-34s %8s %-4s bound %6s  %s\n' "$1" "$2" "$3" "$4" "$kept"
}

start demo
figure 'demo: empty to ready' "$took" ms 10000
sleep 15
figure 'demo: resident, idle for 15 s' "$(resident)" MiB 64
stop
median=()
for _ in 1 2 3 4 5; do
    start serve
    median+=("$took")
    stop
done
took=$(printf '%s\n' "${median[@]}" | sort -n | sed -n 3p)
figure 'start on a filled database' "$took" ms 1000
start serve
sleep 15
figure 'resident memory, idle for 15 s' "$(resident)" MiB 64
stop
exit "$failed"
