# graphile-worker on PostgreSQL 15 (postgres.sh), on a Unix socket. Single creates are addJob over 32
# connections, bulk creates addJobs of 1,000. The worker's settings are in worker.mjs: a local queue of
# 1,000, completions in batches, 200 jobs at once, a poll each 100 ms (its default is two seconds).
# shellcheck shell=bash
# shellcheck disable=SC2034 # what is set here, `run` and shared.sh read
# shellcheck source=bench/peers/shared.sh
source "$(dirname "${BASH_SOURCE[0]}")/../shared.sh"
# shellcheck source=bench/peers/postgres.sh
source "$(dirname "${BASH_SOURCE[0]}")/../postgres.sh"

PEER_DURABILITY='PostgreSQL, fsync and synchronous_commit on: a flush for each group of commits'
PEER_CAVEAT='polls each 100 ms; a completed job is deleted, no record of the run is kept'

peer_install() {
  install_postgres
  install_npm --ignore-scripts
}

peer_start() {
  start_postgres "$1"
  start_node worker worker.mjs "$PEER_AT" "$(peer_target)"
}
