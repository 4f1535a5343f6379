# Restate, one node with all roles, as its npm package brings it, on Unix sockets; its service in Node.
# Creates are delayed sends through the ingress, which takes one a request: bulk creates are as many
# requests over 64 connections (from within one invocation they cost more). RocksDB's log is flushed,
# as is the default; one partition instead of 24, since it has one core. Delays count from the request.
# shellcheck shell=bash
# shellcheck disable=SC2034 # what is set here, `run` and shared.sh read
# shellcheck source=bench/peers/shared.sh
source "$(dirname "${BASH_SOURCE[0]}")/../shared.sh"

PEER_DURABILITY="its log server's RocksDB flushes its log for each batch"
PEER_CAVEAT='every task is an invocation of a durable function: it does more than a scheduler needs; no bulk command'
PEER_CREATES=500
PEER_COUNT=5000
PEER_RESTATE=$PEERS_BUILD/restate/node_modules/@restatedev/restate-server-linux-x64/bin/restate-server

peer_install() {
  install_npm --ignore-scripts
  "$PEER_RESTATE" --version >/dev/null 2>&1 || {
    printf 'restate: its program does not run on this machine\n'
    return 1
  }
}

peer_start() {
  PEER_AT=$1/peer
  mkdir -p "$1"
  start_measured restate env RESTATE_DISABLE_TELEMETRY=true RESTATE_LOG_FILTER=warn \
    RESTATE_DEFAULT_NUM_PARTITIONS=1 "$PEER_RESTATE" --base-dir "$1" --node-name peer \
    --listen-mode unix --no-logo
  await_success test -S "$PEER_AT/admin.sock"
  await_success test -S "$PEER_AT/ingress.sock"
  start_node worker worker.mjs "$PEER_AT" "$(peer_target)"
}
