#!/usr/bin/env bash
# An import of new members against a `COPY` of the members' rows that came of it, and against one of all rows that it left, in turns
# on the same tables, a dry run before it, and the greatest resident memory of the node. The method stands in docs/benchmarks.md.
#   benches/postgres.sh benches/import.sh [ROWS] [PROGRAM]
# ORGLIFE_BENCH_TURNS turns (3).
set -euo pipefail
rows=${1:-260000}
program=${2:-$(dirname "$0")/../target/release/orglife}
turns=${ORGLIFE_BENCH_TURNS:-3}
: "${ORGLIFE_DATABASE_URL:?run it behind benches/postgres.sh}"
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
"$program" keys new >"$folder/keys"
store=(--data "$folder" --keys-file "$folder/keys")
# A city with its branches, as large as the file needs; of its own members none is touched.
scale=$(awk -v rows="$rows" 'BEGIN { s = rows / 260000; print (s < 0.01) ? 0.01 : s }')
ORGLIFE_LOG=warn "$program" seed --city --scale "$scale" "${store[@]}" >/dev/null
root=$(psql "$ORGLIFE_DATABASE_URL" -qAtc 'SELECT id FROM organization WHERE parent_id IS NULL')
account=$("$program" account service bench --org "$root" --scopes orgs:read,members:read,members:write,imports:run "${store[@]}")
ORGLIFE_LOG=warn "$program" serve --listen 127.0.0.1:0 --access-token-minutes 60 "${store[@]}" >"$folder/out" 2>"$folder/err" &
pid=$!
for _ in $(seq 600); do
    url=$(grep -oE 'http://127\.0\.0\.1:[0-9]+' "$folder/out" | head -n 1 || true)
    [ -z "$url" ] || break
    kill -0 "$pid" 2>/dev/null || { cat "$folder/err" >&2; exit 1; }
    sleep 0.1
done
until curl -sf "$url/metrics" | grep -qE '^orglife_ticks_total [1-9]'; do sleep 0.5; done
psql "$ORGLIFE_DATABASE_URL" -qXc 'VACUUM ANALYZE'
psql "$ORGLIFE_DATABASE_URL" -qAtXc "SELECT id FROM organization WHERE kind = 'BRANCH' AND dissolved_on IS NULL ORDER BY path" >"$folder/branches"

# New members, branch by branch, as a personnel system writes its list.
list() { # turn
    awk -v rows="$rows" -v turn="$1" '
        { branch[NR] = $0 }
        END {
            print "system,externalId,branchId,name,standing,joinedOn,becameFullOn,phone"
            each = int(rows / NR) + 1
            for (n = 0; n < rows; n++)
                printf "bench%s,E%d,%s,甘%d,FULL,2010-05-04,2011-05-04,139%08d\n", turn, n, branch[int(n / each) + 1], n % 4000, n
        }' "$folder/branches" >"$folder/list.csv"
}
imported() { # turn dryRun: seconds
    python3 - "$url" "$account" "$folder/list.csv" "$1" "$2" "$rows" <<'PYTHON'
import json
import re
import sys
import time
import urllib.request

url, account, path, turn, dry, rows = sys.argv[1:]
client_id, secret = re.search(r"acc_\w+", account)[0], re.search(r"ols_[\w-]+", account)[0]
headers = {"content-type": "application/json"}


def ask(query, **variables):
    body = json.dumps({"query": query, "variables": variables}).encode()
    with urllib.request.urlopen(urllib.request.Request(url + "/graphql", body, headers)) as answer:
        return json.load(answer)["data"]


told = ask("mutation($i: SignInServiceInput!) { signInService(input: $i) { accessToken } }",
           i={"clientId": client_id, "clientSecret": secret})
headers["authorization"] = "Bearer " + told["signInService"]["accessToken"]
with open(path, "rb") as content:
    sent = {"authorization": headers["authorization"], "content-length": str(len(content.read()))}
    content.seek(0)
    with urllib.request.urlopen(urllib.request.Request(url + "/imports/files", content, sent)) as answer:
        file = json.load(answer)["id"]
begun = time.monotonic()
given = {"fileId": file, "kind": "MEMBER", "format": "CSV", "errorPolicy": "ROW_BY_ROW", "dryRun": dry == "true",
         "idempotencyKey": f"{turn}-{dry}-{begun}"}
started = ask("mutation($i: StartImportInput!) { startImport(input: $i) { job { id } userErrors { code path } } }", i=given)["startImport"]
job = {"state": "QUEUED"}
while job["state"] in ("QUEUED", "RUNNING"):
    time.sleep(0.02)
    job = ask("query($id: ID!) { importJob(id: $id) { state failure counts { created rejected } report(first: 1, outcomes: [REJECTED]) { nodes { userErrors { code message } } } } }",
              id=started["job"]["id"])["importJob"]
assert job["state"] == "COMPLETED" and job["counts"]["created"] == int(rows), job
print(f"{time.monotonic() - begun:.3f}")
PYTHON
}
position() { psql "$ORGLIFE_DATABASE_URL" -qAtXc 'SELECT position FROM log_counter'; }
# Rows that came of the import: table and condition. Seals of the trail, which are written beside it, figures and obligations are left out.
came() { # position before
    printf '%s\n' 'member id IN (SELECT id FROM bench_came)' 'membership member_id IN (SELECT id FROM bench_came)' \
        'external_id entity_id IN (SELECT id FROM bench_came)' 'attendance member_id IN (SELECT id FROM bench_came)' \
        "inbox_item audience_member_id IN (SELECT id FROM bench_came)" \
        "event position > $1" "audit position > $1"
}
# These rows, out of their tables and, into the same tables with their indexes and keys, back again: seconds of the members alone, and of all.
copied() { # turn, position before
    local table which begun members='' all=0
    psql "$ORGLIFE_DATABASE_URL" -qX <<SQL
CREATE TABLE bench_came AS SELECT entity_id AS id FROM external_id WHERE system = 'bench$1';
ANALYZE bench_came;
SQL
    while read -r table which; do
        psql "$ORGLIFE_DATABASE_URL" -qXc "\\copy (SELECT * FROM $table WHERE $which) TO '$folder/$table'"
        psql "$ORGLIFE_DATABASE_URL" -qX -c 'SET session_replication_role = replica' -c "DELETE FROM $table WHERE $which"
        psql "$ORGLIFE_DATABASE_URL" -qXc "VACUUM $table"
    done < <(came "$2")
    while read -r table which; do
        begun=$EPOCHREALTIME
        psql "$ORGLIFE_DATABASE_URL" -qXc "\\copy $table FROM '$folder/$table'"
        all=$(awk -v so="$all" -v a="$begun" -v b="$EPOCHREALTIME" 'BEGIN { printf "%.3f\n", so + b - a }')
        members=${members:-$all}
    done < <(came "$2")
    psql "$ORGLIFE_DATABASE_URL" -qXc 'DROP TABLE bench_came'
    echo "$members $all"
}
median() { sort -n | awk '{ a[NR] = $1 } END { print (NR % 2) ? a[(NR + 1) / 2] : (a[NR / 2] + a[NR / 2 + 1]) / 2 }'; }
divided() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.3f\n", a / b }'; }

ratios=() all_ratios=() dry_ratios=()
for turn in $(seq "$turns"); do
    list "$turn"
    dry=$(imported "$turn" true)
    before=$(position)
    run=$(imported "$turn" false)
    read -r copy copy_all < <(copied "$turn" "$before")
    ratios+=("$(divided "$copy" "$run")") all_ratios+=("$(divided "$copy_all" "$run")") dry_ratios+=("$(divided "$dry" "$run")")
    printf '  turn %d: %d rows; COPY %s s (of all that came of them %s s), import %s s, dry run %s s\n' "$turn" "$rows" "$copy" "$copy_all" "$run" "$dry"
done
printf '%d rows: %s × the rows per second of COPY, %s × those of a COPY of all that came of them; a dry run takes %s × the time of the run (medians); %d MiB resident at most\n' "$rows" \
    "$(printf '%s\n' "${ratios[@]}" | median)" "$(printf '%s\n' "${all_ratios[@]}" | median)" "$(printf '%s\n' "${dry_ratios[@]}" | median)" \
    $(($(awk '/^VmHWM:/ { print $2 }' "/proc/$pid/status") / 1024))
