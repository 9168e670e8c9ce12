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

# Numbers what is committed, the events of a transaction together, five milliseconds after the time before, and wakes relays.
sequence() {
    PGAPPNAME=sequencer exec psql "$ORGLIFE_DATABASE_URL" -qX >/dev/null 2>&1 <<SQL
SET session_replication_role = replica;
SET synchronous_commit = off;
DO \$\$ BEGIN LOOP
    WITH taken AS (DELETE FROM event_waiting RETURNING *),
        begun AS (SELECT *, min(arrival) OVER (PARTITION BY xid) AS first FROM taken),
        numbered AS (SELECT *, dense_rank() OVER (ORDER BY first) AS number FROM begun),
        moved AS (INSERT INTO event ($columns)
            SELECT ${columns/position/(SELECT position FROM log_counter_kept) + number} FROM numbered)
    UPDATE log_counter_kept SET position = position + (SELECT max(number) FROM numbered) WHERE EXISTS (SELECT FROM taken);
    IF FOUND THEN NOTIFY orglife_log; END IF;
    COMMIT;
    PERFORM pg_sleep(0.005);
END LOOP; END \$\$;
SQL
}
# off: the database takes neither the number nor the events, and holds no row for them; what the program asks of it, and
# everything else of the write, stays the same. held (PostgreSQL): the number is held until the commit is on disk. sequenced
# (PostgreSQL): no writer takes a number; events wait in a table of their own, and a sequencer numbers what is committed.
log() { # on|off|held|sequenced
    if [ -n "${ORGLIFE_DATABASE_URL:-}" ]; then
        psql "$ORGLIFE_DATABASE_URL" -qXc "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
            WHERE application_name = 'sequencer'" >/dev/null
        psql "$ORGLIFE_DATABASE_URL" -qX -v ON_ERROR_STOP=1 >/dev/null 2>&1 <<SQL
BEGIN;
DROP TRIGGER IF EXISTS held ON event;
DROP TRIGGER IF EXISTS elsewhere ON event;
CREATE OR REPLACE FUNCTION waits() RETURNS trigger LANGUAGE plpgsql AS
    \$\$ BEGIN PERFORM set_config('synchronous_commit', 'on', true); RETURN NEW; END \$\$;
CREATE OR REPLACE FUNCTION stays() RETURNS trigger LANGUAGE plpgsql AS
    \$\$ BEGIN PERFORM set_config('synchronous_commit', 'on', true); NEW.position := OLD.position; RETURN NEW; END \$\$;
CREATE OR REPLACE FUNCTION goes() RETURNS trigger LANGUAGE plpgsql AS \$\$ BEGIN RETURN NULL; END \$\$;
CREATE TABLE IF NOT EXISTS event_waiting (LIKE event, arrival bigserial, xid xid8 DEFAULT pg_current_xact_id());
CREATE OR REPLACE FUNCTION is_to_wait() RETURNS trigger LANGUAGE plpgsql AS
    \$\$ BEGIN INSERT INTO event_waiting VALUES (NEW.*); RETURN NULL; END \$\$;
DO \$\$ BEGIN IF to_regclass('log_counter_kept') IS NOT NULL THEN
    DROP VIEW log_counter; ALTER TABLE log_counter_kept RENAME TO log_counter; END IF; END \$\$;
$(if [ "$1" = off ] || [ "$1" = sequenced ]; then
    echo "ALTER TABLE log_counter RENAME TO log_counter_kept;
          CREATE VIEW log_counter AS SELECT * FROM log_counter_kept;
          CREATE TRIGGER no_number INSTEAD OF UPDATE ON log_counter FOR EACH ROW EXECUTE FUNCTION stays();"
fi
case $1 in
    off) echo "CREATE TRIGGER elsewhere BEFORE INSERT ON event FOR EACH ROW EXECUTE FUNCTION goes();" ;;
    held) echo "CREATE TRIGGER held BEFORE INSERT ON event FOR EACH STATEMENT EXECUTE FUNCTION waits();" ;;
    sequenced) echo "CREATE TRIGGER elsewhere BEFORE INSERT ON event FOR EACH ROW EXECUTE FUNCTION is_to_wait();" ;;
esac)
COMMIT;
SQL
        if [ "$1" = sequenced ]; then sequence & fi
    elif [ "$1" = on ] || [ "$1" = off ]; then
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
    elif database.execute("SELECT 1 FROM sqlite_schema WHERE name = ?", (f"{table}_kept",)).fetchone():
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

middle() { tr ' ' '\n' <<<"$1" | grep . | median; }
divided() { awk -v a="${1%% *}" -v b="${2%% *}" 'BEGIN { printf "%.3f\n", a / b }'; }

if [ -n "${ORGLIFE_DATABASE_URL:-}" ]; then
    columns=$(psql "$ORGLIFE_DATABASE_URL" -qAtXc "SELECT string_agg(column_name, ', ' ORDER BY ordinal_position)
        FROM information_schema.columns WHERE table_name = 'event'")
    others=(held sequenced)
else
    others=()
fi
measured 4 warm >/dev/null
for writers in "$@"; do
    declare -A rates=() ratios=()
    for turn in $(seq "$turns"); do
        log off
        without=$(measured "$writers" "$writers-$turn-without")
        rates[off]+="${without%% *} "
        told="without the log $without"
        for way in on "${others[@]}"; do
            log "$way"
            one=$(measured "$writers" "$writers-$turn-$way")
            rates[$way]+="${one%% *} "
            ratios[$way]+="$(divided "$one" "$without") "
            told+=", $way $one"
        done
        log on
        printf '  %2d writers, turn %d (writes/s, p50 ms, p99 ms, cores): %s\n' "$writers" "$turn" "$told"
    done
    printf '%2d writers: %7.1f writes/s without the log' "$writers" "$(middle "${rates[off]}")"
    for way in on "${others[@]}"; do
        printf '; %s %.1f, %.2f ×' "$way" "$(middle "${rates[$way]}")" "$(middle "${ratios[$way]}")"
    done
    echo ' (medians of the turns)'
done
