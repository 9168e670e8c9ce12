#!/usr/bin/env bash
# Starts a node on a demo city of its own, runs a command against it, and removes both. The node's address, accounts file
# and process are in ORGLIFE_BENCH_NODE, ORGLIFE_BENCH_ACCOUNTS and ORGLIFE_BENCH_PID.
#   benches/node.sh COMMAND [ARGUMENT...]                           on the embedded database
#   benches/postgres.sh benches/node.sh COMMAND [ARGUMENT...]       on a throw-away PostgreSQL cluster
# ORGLIFE_BENCH_PROGRAM is the program (target/release/orglife); further ORGLIFE_… settings are the node's own.
set -euo pipefail
program=${ORGLIFE_BENCH_PROGRAM:-$(dirname "$0")/../target/release/orglife}
folder=$(mktemp -d)
pid=
finish() {
    if [ -n "$pid" ]; then
        kill -TERM "$pid" 2>/dev/null || true
        wait "$pid" 2>/dev/null || true
    fi
    rm -rf "$folder"
}
trap finish EXIT
# Each socket is a file handle of the node and one of the client.
ulimit -n "$(ulimit -Hn)"
"$program" keys new >"$folder/keys"
ORGLIFE_LOG=${ORGLIFE_LOG:-warn} "$program" demo --listen 127.0.0.1:0 --data "$folder" --keys-file "$folder/keys" \
    --access-token-minutes 60 >"$folder/out" 2>"$folder/err" &
pid=$!
for _ in $(seq 1200); do
    url=$(grep -oE 'http://127\.0\.0\.1:[0-9]+' "$folder/out" | head -n 1 || true)
    [ -z "$url" ] || break
    kill -0 "$pid" 2>/dev/null || { cat "$folder/out" "$folder/err" >&2; exit 1; }
    sleep 0.1
done
export ORGLIFE_BENCH_NODE=$url ORGLIFE_BENCH_ACCOUNTS=$folder/accounts.json ORGLIFE_BENCH_PID=$pid ORGLIFE_BENCH_DATA=$folder
# The day's tick is done before anything is measured.
until curl -sf "$url/metrics" | grep -qE '^orglife_ticks_total [1-9]'; do sleep 0.5; done
"$@"
grep -iE 'warn|error' "$folder/err" | sort | uniq -c | sort -rn | head -5 >&2 || true
