#!/usr/bin/env bash
# An export of all members and orgs of a city against `COPY … TO STDOUT` of the same columns, in turns on the same data, and the
# greatest resident memory of the node. The method stands in docs/benchmarks.md.
#   benches/postgres.sh benches/export.sh [SCALE] [PROGRAM]      (1: about 260 000 members)
# ORGLIFE_BENCH_TURNS turns (5); ORGLIFE_BENCH_FORMAT (JSONL) is what the export writes.
set -euo pipefail
scale=${1:-1}
program=${2:-$(dirname "$0")/../target/release/orglife}
turns=${ORGLIFE_BENCH_TURNS:-5}
format=${ORGLIFE_BENCH_FORMAT:-JSONL}
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
ORGLIFE_LOG=warn "$program" seed --city --scale "$scale" "${store[@]}" >/dev/null
root=$(psql "$ORGLIFE_DATABASE_URL" -qAtc 'SELECT id FROM organization WHERE parent_id IS NULL')
account=$("$program" account service bench --org "$root" --scopes orgs:read,members:read,exports:run "${store[@]}")
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

# The columns of the export, names in other systems and the visibility of the orgs that are named left out: those are
# the export's own work.
copied() { # seconds
    local begun=$EPOCHREALTIME
    psql "$ORGLIFE_DATABASE_URL" -qX >/dev/null <<'SQL'
COPY (SELECT id, version, name, kind, sector, parent_id, founded_on FROM organization WHERE dissolved_on IS NULL) TO STDOUT;
COPY (SELECT id, version, name, standing, status, joined_on, became_full_on, branch_id, group_id, host_branch_id, unit_tag
    FROM member WHERE status <> 'LEFT') TO STDOUT;
SQL
    awk -v a="$begun" -v b="$EPOCHREALTIME" 'BEGIN { printf "%.3f\n", b - a }'
}
# Written and fetched, as a client sees it: seconds until the job was completed, and until every part was here and right.
exported() { # turn
    python3 - "$url" "$root" "$account" "$format" "$1" <<'PYTHON'
import hashlib
import json
import re
import sys
import time
import urllib.request

url, root, account, form, turn = sys.argv[1:]
client_id, secret = re.search(r"acc_\w+", account)[0], re.search(r"ols_[\w-]+", account)[0]
headers = {"content-type": "application/json"}


def ask(query, **variables):
    body = json.dumps({"query": query, "variables": variables}).encode()
    with urllib.request.urlopen(urllib.request.Request(url + "/graphql", body, headers)) as answer:
        return json.load(answer)["data"]


told = ask("mutation($i: SignInServiceInput!) { signInService(input: $i) { accessToken } }",
           i={"clientId": client_id, "clientSecret": secret})
headers["authorization"] = "Bearer " + told["signInService"]["accessToken"]
begun = time.monotonic()
given = {"kinds": ["ORGANIZATION", "MEMBER"], "within": {"subtreeOf": root}, "format": form, "idempotencyKey": f"{turn}-{begun}"}
started = ask("mutation($i: StartExportInput!) { startExport(input: $i) { job { id } userErrors { code } } }", i=given)["startExport"]
job = {"state": "QUEUED"}
while job["state"] in ("QUEUED", "RUNNING"):
    time.sleep(0.02)
    job = ask("query($id: ID!) { exportJob(id: $id) { state progress { done } parts { url sha256 bytes } } }",
              id=started["job"]["id"])["exportJob"]
assert job["state"] == "COMPLETED", job
written = time.monotonic()
for part in job["parts"]:
    with urllib.request.urlopen(urllib.request.Request(url + part["url"], headers=headers)) as answer:
        digest = hashlib.sha256()
        while piece := answer.read(1 << 16):
            digest.update(piece)
    assert digest.hexdigest() == part["sha256"]
print(f"{written - begun:.3f} {time.monotonic() - begun:.3f} {job['progress']['done']} {sum(part['bytes'] for part in job['parts'])}")
PYTHON
}
median() { sort -n | awk '{ a[NR] = $1 } END { print (NR % 2) ? a[(NR + 1) / 2] : (a[NR / 2] + a[NR / 2 + 1]) / 2 }'; }
divided() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.3f\n", a / b }'; }

copied >/dev/null
exported warm >/dev/null
written=() fetched=()
for turn in $(seq "$turns"); do
    a=$(copied)
    read -r until_written until_fetched rows bytes < <(exported "$turn")
    written+=("$(divided "$a" "$until_written")") fetched+=("$(divided "$a" "$until_fetched")")
    printf '  turn %d: %d rows, %d MiB; COPY %s s, written %s s, written and fetched %s s\n' \
        "$turn" "$rows" $((bytes / 1048576)) "$a" "$until_written" "$until_fetched"
done
printf 'scale %s, %s: %s × the rows per second of COPY until written, %s × until fetched (medians); %d MiB resident at most\n' "$scale" "$format" \
    "$(printf '%s\n' "${written[@]}" | median)" "$(printf '%s\n' "${fetched[@]}" | median)" \
    $(($(awk '/^VmHWM:/ { print $2 }' "/proc/$pid/status") / 1024))
