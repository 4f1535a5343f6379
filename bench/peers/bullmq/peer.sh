# BullMQ on Debian's Redis, whose append-only file is flushed before anything is answered (one flush
# for all that one turn of its loop has taken), on a Unix socket. Bulk creates are addBulk; one worker
# with a concurrency of 200. What is completed is kept, as is BullMQ's default: it is the only record.
# No snapshots and no rewrite of the file happen meanwhile.
# shellcheck shell=bash
# shellcheck disable=SC2034 # what is set here, `run` and shared.sh read
# shellcheck source=bench/peers/shared.sh
source "$(dirname "${BASH_SOURCE[0]}")/../shared.sh"

PEER_DURABILITY='appendonly yes, appendfsync always: a flush for each turn of Redis'
PEER_CAVEAT='all tasks and records are kept in memory'

peer_install() {
  install_debian redis-server
  install_npm --ignore-scripts
}

peer_start() {
  mkdir -p "$1"
  PEER_AT=$WORK/redis.socket
  start_measured redis redis-server --port 0 --unixsocket "$PEER_AT" --dir "$1" --daemonize no \
    --save '' --appendonly yes --appendfsync always --auto-aof-rewrite-percentage 0 --hz 100
  await_success redis-cli -s "$PEER_AT" ping
  start_node worker worker.mjs "$PEER_AT" "$(peer_target)"
}
