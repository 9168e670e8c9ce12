#!/usr/bin/env bash
# Ten thousand subscribers on one node; the method stands in docs/benchmarks.md.
#   benches/live.sh [ARGUMENT...]                          on the embedded database; arguments of `bench live`
#   benches/postgres.sh benches/live.sh [ARGUMENT...]      on a throw-away PostgreSQL cluster
set -euo pipefail
here=$(dirname "$0")
if [ -z "${ORGLIFE_BENCH_NODE:-}" ]; then
    # The demo's accounts are a few dozen: each stands for many people.
    export ORGLIFE_SOCKETS_PER_ACCOUNT=2000
    exec "$here/node.sh" "$0" "$@"
fi
bench=${ORGLIFE_BENCH:-$here/../target/release/bench}
"$bench" --node "$ORGLIFE_BENCH_NODE" --accounts "$ORGLIFE_BENCH_ACCOUNTS" --pid "$ORGLIFE_BENCH_PID" live "$@"
