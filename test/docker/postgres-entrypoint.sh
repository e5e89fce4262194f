#!/bin/sh
# As much of the entry point of PostgreSQL's image as doubletake relies on: POSTGRES_USER and POSTGRES_PASSWORD, a server
# that listens for the network once it is ready, and a command that begins with `postgres`.
set -eu
data=/data

as_postgres() {
  setpriv --reuid=999 --regid=999 --clear-groups "$@"
}

if [ ! -s "$data/PG_VERSION" ]; then
  mkdir -p "$data"
  printf '%s\n' "$POSTGRES_PASSWORD" >/tmp/password
  chown postgres "$data" /tmp/password
  as_postgres initdb -D "$data" -U "$POSTGRES_USER" --pwfile=/tmp/password --auth=scram-sha-256 \
    --encoding=UTF8 --locale=C --no-sync
  printf 'host all all all scram-sha-256\n' >>"$data/pg_hba.conf"
  printf "listen_addresses = '*'\nunix_socket_directories = '/tmp'\n" >>"$data/postgresql.conf"
fi
shift
exec setpriv --reuid=999 --regid=999 --clear-groups postgres -D "$data" "$@"
