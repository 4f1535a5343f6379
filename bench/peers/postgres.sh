# PostgreSQL 15 of Debian for the peers that keep their tasks in it: sourced by their peer.sh.
# Durability is as it is delivered (fsync, synchronous_commit and full_page_writes on); the rest is what
# its documentation suggests for many writes: memory for the tables, and no checkpoint in a short run.
# shellcheck shell=bash
# shellcheck disable=SC2034 # what is set here, `run` and the peers read

POSTGRES_BIN=/usr/lib/postgresql/15/bin
POSTGRES_SETTINGS=(fsync=on synchronous_commit=on full_page_writes=on listen_addresses=
  max_connections=200 shared_buffers=512MB max_wal_size=8GB checkpoint_timeout=30min wal_buffers=16MB
  jit=off log_min_messages=fatal)

install_postgres() { install_debian postgresql-15; }

# start_postgres FOLDER: sets PEER_AT to the address of an empty database. It refuses to run as root,
# so that it then runs as the user that its package has made, who must be able to reach the folder.
start_postgres() {
  local folder=$1 as=() setting options=()
  mkdir -p "$folder"
  if ((EUID == 0)); then
    as=(setpriv --reuid postgres --regid postgres --clear-groups)
    chmod o+x "$WORK"
    chown postgres: "$folder"
  fi
  "${as[@]}" test -x "$folder" || fail "the user postgres cannot reach $folder"
  (cd "$folder" && "${as[@]}" "$POSTGRES_BIN/initdb" -D "$folder/data" -U postgres -A trust -E UTF8 \
    --locale C --no-sync) >"$WORK/initdb.log" 2>&1 || { cat "$WORK/initdb.log" >&2; fail 'no database'; }
  for setting in "${POSTGRES_SETTINGS[@]}"; do options+=(-c "$setting"); done
  start_measured postgres "${as[@]}" "$POSTGRES_BIN/postgres" -D "$folder/data" -k "$folder" \
    "${options[@]}"
  await_success "$POSTGRES_BIN/pg_isready" -h "$folder" -U postgres
  PEER_AT="postgresql://postgres@/postgres?host=$folder"
}
