#!/usr/bin/env bash
# Runs a command with a throw-away PostgreSQL cluster of its own: its address is in ORGLIFE_DATABASE_URL, and stopping and
# removing it follows whatever the command does. Needs initdb and postgres; as root it runs them as `postgres` or `nobody`.
#   benches/postgres.sh COMMAND [ARGUMENT...]
# Settings are those that PostgreSQL ships with.
set -euo pipefail
program() {
    command -v "$1" 2>/dev/null || find /usr/lib/postgresql -name "$1" -path '*/bin/*' 2>/dev/null | sort -V | tail -n 1
}
initdb=$(program initdb)
postgres=$(program postgres)
psql=$(program psql)
[ -n "$initdb" ] && [ -n "$postgres" ] || { echo 'PostgreSQL is not installed: no initdb, no postgres' >&2; exit 1; }
folder=$(mktemp -d)
as=()
if [ "$(id -u)" = 0 ]; then
    owner=$(id -u postgres >/dev/null 2>&1 && echo postgres || echo nobody)
    chown "$owner" "$folder"
    as=(setpriv "--reuid=$owner" "--regid=$(id -g "$owner")" --clear-groups)
fi
pid=
finish() {
    if [ -n "$pid" ]; then
        kill -INT "$pid" 2>/dev/null || true
        wait "$pid" 2>/dev/null || true
    fi
    rm -rf "$folder"
}
trap finish EXIT
cd "$folder"
password=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
printf '%s' "$password" >secret
chmod 600 secret
[ ${#as[@]} = 0 ] || chown "$owner" secret
"${as[@]}" "$initdb" --pgdata data --username orglife --auth password --pwfile secret --encoding UTF8 --locale C >log 2>&1 ||
    { cat log >&2; exit 1; }
port=$((20000 + RANDOM % 20000))
"${as[@]}" "$postgres" -D data -p "$port" -c listen_addresses=127.0.0.1 -c unix_socket_directories= >>log 2>&1 &
pid=$!
export ORGLIFE_DATABASE_URL="postgres://orglife:$password@127.0.0.1:$port/postgres"
for _ in $(seq 100); do
    kill -0 "$pid" 2>/dev/null || { cat log >&2; exit 1; }
    if "$psql" "$ORGLIFE_DATABASE_URL" -qAtc 'SELECT 1' >/dev/null 2>&1; then break; fi
    sleep 0.1
done
cd "$OLDPWD"
"$@"
