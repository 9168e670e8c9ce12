#!/usr/bin/env bash
# What the log costs writers: the same node, the same writes, with the log and without it, in turns; on PostgreSQL also with the
# number held until the commit is on disk. The method stands in docs/benchmarks.md.
#   benches/postgres.sh benches/node.sh benches/finish.sh [WRITERS...]     (1 8 32)
#   benches/node.sh benches/finish.sh 1                                    on the embedded database
# ORGLIFE_BENCH_TURNS turns (5) of ORGLIFE_BENCH_SECONDS (6) each.
set -euo pipefail
bench=${ORGLIFE_BENCH:-$(dirname "$0")/../target/release/bench}
turns=${ORGLIFE_BENCH_TURNS:-5}
seconds=${ORGLIFE_BENCH_SECONDS:-6}
[ $# -gt 0 ] || set -- 1 8 32

# off: the database takes neither the number nor the events, and holds no row for them; what the program asks of it, and
# everything else of the write, stays the same. held (PostgreSQL): the number is held until the commit is on disk.
log() { # on|off|back|held
    if [ -n "${ORGLIFE_DATABASE_URL:-}" ]; then
        psql "$ORGLIFE_DATABASE_URL" -qX -v ON_ERROR_STOP=1 >/dev/null 2>&1 <<SQL
BEGIN;
DROP TRIGGER IF EXISTS held ON event;
DROP RULE IF EXISTS no_events ON event;
CREATE OR REPLACE FUNCTION waits() RETURNS trigger LANGUAGE plpgsql AS
    \$\$ BEGIN PERFORM set_config('synchronous_commit', 'on', true); RETURN NEW; END \$\$;
CREATE OR REPLACE FUNCTION stays() RETURNS trigger LANGUAGE plpgsql AS
    \$\$ BEGIN PERFORM set_config('synchronous_commit', 'on', true); NEW.position := OLD.position; RETURN NEW; END \$\$;
$(case $1 in
    off) echo "CREATE RULE no_events AS ON INSERT TO event DO INSTEAD NOTHING;
               ALTER TABLE log_counter RENAME TO log_counter_kept;
               CREATE VIEW log_counter AS SELECT * FROM log_counter_kept;
               CREATE TRIGGER no_number INSTEAD OF UPDATE ON log_counter FOR EACH ROW EXECUTE FUNCTION stays();" ;;
    back) echo "DROP VIEW log_counter; ALTER TABLE log_counter_kept RENAME TO log_counter;" ;;
    held) echo "CREATE TRIGGER held BEFORE INSERT ON event FOR EACH STATEMENT EXECUTE FUNCTION waits();" ;;
esac)
COMMIT;
SQL
    elif [ "$1" != held ]; then
        python3 - "$ORGLIFE_BENCH_DATA/orglife.db" "$1" <<'PYTHON'
import sqlite3
import sys

database = sqlite3.connect(sys.argv[1], timeout=10, isolation_level=None)
database.execute("BEGIN IMMEDIATE")
for table, act in (("log_counter", "UPDATE"), ("event", "INSERT")):
    if sys.argv[2] == "off":
        database.execute(f"ALTER TABLE {table} RENAME TO {table}_kept")
        database.execute(f"CREATE VIEW {table} AS SELECT * FROM {table}_kept")
        database.execute(f"CREATE TRIGGER no_{table} INSTEAD OF {act} ON {table} BEGIN SELECT 1; END")
    elif sys.argv[2] == "back":
        database.execute(f"DROP VIEW {table}")
        database.execute(f"ALTER TABLE {table}_kept RENAME TO {table}")
database.execute("COMMIT")
PYTHON
    fi
}
median() { sort -n | awk '{ a[NR] = $1 } END { print (NR % 2) ? a[(NR + 1) / 2] : (a[NR / 2] + a[NR / 2 + 1]) / 2 }'; }
measured() { # writers, run
    "$bench" --node "$ORGLIFE_BENCH_NODE" --accounts "$ORGLIFE_BENCH_ACCOUNTS" --pid "$ORGLIFE_BENCH_PID" \
        writers --writers "$1" --seconds "$seconds" --run "$2"
}

divided() { awk -v a="${1%% *}" -v b="${2%% *}" 'BEGIN { printf "%.3f\n", a / b }'; }

measured 4 warm >/dev/null
for writers in "$@"; do
    with=() without=() ratios=() held=()
    for turn in $(seq "$turns"); do
        a=$(measured "$writers" "$writers-$turn-with")
        log off
        b=$(measured "$writers" "$writers-$turn-without")
        log back
        with+=("${a%% *}") without+=("${b%% *}") ratios+=("$(divided "$a" "$b")")
        printf '  %2d writers, turn %d (writes/s, p50 ms, p99 ms, cores): with the log %s, without %s' "$writers" "$turn" "$a" "$b"
        if [ -n "${ORGLIFE_DATABASE_URL:-}" ]; then
            log held
            c=$(measured "$writers" "$writers-$turn-held")
            log on
            held+=("$(divided "$c" "$b")")
            printf ', held until it is on disk %s' "$c"
        fi
        echo
    done
    printf '%2d writers: %7.1f writes/s with the log, %7.1f without: %.2f × (median of the turns'\'' ratios)' "$writers" \
        "$(printf '%s\n' "${with[@]}" | median)" "$(printf '%s\n' "${without[@]}" | median)" "$(printf '%s\n' "${ratios[@]}" | median)"
    [ ${#held[@]} = 0 ] || printf '; with the number held until the commit is on disk: %.2f ×' "$(printf '%s\n' "${held[@]}" | median)"
    echo
done
