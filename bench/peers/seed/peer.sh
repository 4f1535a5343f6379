# A small Node scheduler: Express 4, better-sqlite3 12 (SQLite in WAL mode), a poll each 100 ms.
# It has no endpoint for many tasks at once, so there is no case of bulk creates, and what the other
# cases need is created one by one. SQLite is called synchronously: each create and each execution is
# a transaction and a flush of its own, and the one thread waits for it.
# shellcheck shell=bash
# shellcheck disable=SC2034 # what is set here, `run` and shared.sh read
# shellcheck source=bench/peers/shared.sh
source "$(dirname "${BASH_SOURCE[0]}")/../shared.sh"

PEER_DURABILITY='WAL, synchronous=FULL: a flush for each create and each execution'
PEER_CAVEAT='polls each 100 ms, up to 1,000 tasks a poll; no bulk creates'
PEER_CREATES=100
PEER_COUNT=2000
PEER_RATES=(200)

# The native part is compiled, with the headers that come with this Node: nothing else is downloaded.
peer_install() {
  install_debian build-essential python3
  npm_config_build_from_source=true npm_config_nodedir=$NODE_FOLDER install_npm --foreground-scripts
}

peer_start() {
  mkdir -p "$1"
  start_node server server.mjs "$1"
  PEER_AT=$ADDRESS
}

peer_create_bulk() {
  printf 'seed: no bulk creates: its API takes one task a request\n'
  return 1
}
