#!/usr/bin/env bash
# Sockets that all come back at once, and the queries beside them; the method stands in docs/benchmarks.md.
#   benches/storm.sh [ARGUMENT...]                         on the embedded database; arguments of `bench storm`
#   benches/postgres.sh benches/storm.sh [ARGUMENT...]     on a throw-away PostgreSQL cluster
set -euo pipefail
here=$(dirname "$0")
if [ -z "${ORGLIFE_BENCH_NODE:-}" ]; then
    export ORGLIFE_SOCKETS_PER_ACCOUNT=500
    exec "$here/node.sh" "$0" "$@"
fi
bench=${ORGLIFE_BENCH:-$here/../target/release/bench}
"$bench" --node "$ORGLIFE_BENCH_NODE" --accounts "$ORGLIFE_BENCH_ACCOUNTS" --pid "$ORGLIFE_BENCH_PID" storm "$@"
