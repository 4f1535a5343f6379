# pg-boss on PostgreSQL 15 (postgres.sh), on a Unix socket. Single creates are send over 32 connections,
# bulk creates insert of 1,000. The worker's settings are in worker.mjs: four pollers with batches of
# 250, without priorities and order, polling each half second (the shortest it allows).
# shellcheck shell=bash
# shellcheck disable=SC2034 # what is set here, `run` and shared.sh read
# shellcheck source=bench/peers/shared.sh
source "$(dirname "${BASH_SOURCE[0]}")/../shared.sh"
# shellcheck source=bench/peers/postgres.sh
source "$(dirname "${BASH_SOURCE[0]}")/../postgres.sh"

PEER_DURABILITY='PostgreSQL, fsync and synchronous_commit on: a flush for each group of commits'
PEER_CAVEAT='polls each 0.5 s, no oftener; a batch of up to 250 is recorded together'

peer_install() {
  install_postgres
  install_npm --ignore-scripts
}

peer_start() {
  start_postgres "$1"
  start_node worker worker.mjs "$PEER_AT" "$(peer_target)"
}
