#!/usr/bin/env bash
# How long it takes to make a city at scale, to judge it all again and to look it through, and what memory that takes.
# The method stands in docs/benchmarks.md.
#   benches/city.sh SCALE [PROGRAM]                          on the embedded database
#   benches/postgres.sh benches/city.sh SCALE [PROGRAM]      on a throw-away PostgreSQL cluster
# With ORGLIFE_BENCH_KEEP=FOLDER the city stays there, for further measurements.
set -euo pipefail
scale=${1:?scale, for instance 0.1}
program=${2:-$(dirname "$0")/../target/release/orglife}
folder=${ORGLIFE_BENCH_KEEP:-$(mktemp -d)}
mkdir -p "$folder"
finish() { [ -n "${ORGLIFE_BENCH_KEEP:-}" ] || rm -rf "$folder"; }
trap finish EXIT
[ -e "$folder/keys" ] || "$program" keys new >"$folder/keys"

# Runs a command of the program; prints seconds and the greatest resident memory. One that changes nothing prints what it said.
measured() { # what, arguments...
    local what=$1
    shift
    ORGLIFE_LOG=warn "$program" "$@" --data "$folder" --keys-file "$folder/keys" >"$folder/out" 2>"$folder/err" &
    local pid=$! begun peak=0 now
    begun=$(date +%s%3N)
    while now=$(awk '/^VmHWM:/ { print $2 }' "/proc/$pid/status" 2>/dev/null) && [ -n "$now" ]; do
        peak=$now
        sleep 0.05
    done
    wait "$pid" || { cat "$folder/out" "$folder/err" >&2; exit 1; }
    local took=$(($(date +%s%3N) - begun))
    printf '%-24s %8d.%d s  %5d MiB resident at most  %s\n' "$what" $((took / 1000)) $((took % 1000 / 100)) $((peak / 1024)) \
        "$(tail -n 1 "$folder/out" | grep -v accounts || true)"
}

printf 'scale %s, %s\n' "$scale" "$([ -n "${ORGLIFE_DATABASE_URL:-}" ] && echo PostgreSQL || echo SQLite)"
measured 'seed --city' seed --city --scale "$scale"
measured 'rejudge' rejudge
measured 'doctor' doctor
