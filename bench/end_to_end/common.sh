# What the cases share: the programs on their cores, requests without curl, and rows of results.
# Sourced by `run`, which has set WORK (an empty folder on the disk that is measured), SERVER_BIN
# (what is measured) and FLOOR_BIN (what it is measured beside).
# shellcheck shell=bash

PAYLOAD_BYTES=200
# What a task of this load and a run of it come to when they are stored, read from a data folder: a
# definition's seed and spec (without a target; with one 363), a row of the run log with the state.
ROW_BYTES=335
RUN_ROW_BYTES=136
PIN_SERVER=()
PIN_LOAD=()
if (($(nproc) >= 2)); then
  PIN_SERVER=(taskset -c 0)
  PIN_LOAD=(taskset -c 1)
fi
STARTED=() # processes to end when the script does
# How start_server starts one, unless a case says otherwise: one core is what is measured.
SHARDS=1
REACTORS=1
SERVER_LOG=$WORK/server.log
MAX_BATCH=1000 # of create_tasks

fail() {
  printf 'bench: %s\n' "$*" >&2
  exit 1
}

# --- arithmetic and text --------------------------------------------------------------------------

calc() { awk "BEGIN { printf \"%.${2:-3}f\", $1 }"; }

# number JSON KEY: the first number under that key.
number() {
  local found
  found=$(grep -o "\"$2\":-\{0,1\}[0-9.]*" <<<"$1" | head -n 1) || fail "no \"$2\" in: $1"
  printf '%s' "${found#*:}"
}

# --- what is measured: sides take turns, and the table has each side's median -----------------------

declare -A READINGS

# note SIDE KEY VALUE: one more reading. Sides are ours, floor and peer.
note() { READINGS[$1.$2]+="$3 "; }

# median SIDE KEY
median() {
  local -a values
  mapfile -t values < <(tr ' ' '\n' <<<"${READINGS[$1.$2]% }" | sort -g)
  calc "(${values[$(((${#values[@]} - 1) / 2))]} + ${values[$((${#values[@]} / 2))]}) / 2"
}

# in_turns ROUNDS SIDE...: calls the functions one after the other so many times, and the first of
# them once more at the end: A B A B A.
in_turns() {
  local round side
  for ((round = 0; round < $1; ++round)); do
    for side in "${@:2}"; do "$side"; done
  done
  "$2"
}

# compare CASE WHAT UNIT KEY: one line of the table and one of JSON, of all sides that noted the key.
# The JSON has every reading: how far apart those of one side lie says how quiet the machine was.
compare() {
  local side ours=- other ratio='' cells='' json=''
  if [[ -n ${READINGS[ours.$4]:-} ]]; then
    ours=$(median ours "$4")
    json=",\"ours\":$(json_list "${READINGS[ours.$4]}")"
  fi
  for side in floor peer; do
    if [[ -z ${READINGS[$side.$4]:-} ]]; then
      cells+=$(printf ' %13s %9s' - -)
      continue
    fi
    other=$(median "$side" "$4")
    [[ $side == peer ]] && json+=",\"peer_name\":\"$PEER\""
    json+=",\"$side\":$(json_list "${READINGS[$side.$4]}")"
    ratio=-
    if [[ $ours != - ]]; then
      ratio=$(calc "$other == 0 ? 0 : $ours / $other")
      json+=",\"to_$side\":$ratio"
    fi
    cells+=$(printf ' %13s %9s' "$other" "$ratio")
  done
  printf '%-15s %-38s %13s%s %s\n' "$1" "$2" "$ours" "$cells" "$3"
  printf '{"case":"%s","what":"%s","unit":"%s"%s}\n' "$1" "$2" "$3" "$json"
}

json_list() {
  local list=${1% }
  printf '[%s]' "${list// /,}"
}

# row CASE WHAT UNIT OURS [FLOOR...]: the same of readings at hand.
row() {
  local floor
  READINGS=()
  note ours row "$4"
  for floor in "${@:5}"; do note floor row "$floor"; done
  compare "$1" "$2" "$3" row
}

table_head() {
  printf '%-15s %-38s %13s %13s %9s %13s %9s %s\n' case what ours floor 'to floor' peer 'to peer' unit
}

# sleep_until INSTANT: in seconds, as EPOCHREALTIME.
sleep_until() { sleep "$(calc "($1 > $EPOCHREALTIME) ? $1 - $EPOCHREALTIME : 0")"; }

# --- processes ------------------------------------------------------------------------------------

# await_address FILE PID: waits for "listening on ADDRESS" and sets ADDRESS.
await_address() {
  local line
  while kill -0 "$2" 2>/dev/null; do
    while read -r line; do
      if [[ $line == 'listening on '* ]]; then
        ADDRESS=${line#listening on }
        return
      fi
    done <"$1"
    sleep 0.01
  done
  cat "$1" >&2
  fail "a program ended before it listened"
}

# start_server FOLDER [ARG...]
start_server() {
  : >"$SERVER_LOG"
  "${PIN_SERVER[@]}" "$SERVER_BIN/hourwheel" serve --listen 127.0.0.1:0 --data "$1" --dev \
    --shards "$SHARDS" --reactors "$REACTORS" "${@:2}" >"$SERVER_LOG" 2>&1 &
  SERVER_PID=$!
  STARTED+=("$SERVER_PID")
  await_address "$SERVER_LOG" "$SERVER_PID"
  SERVER=$ADDRESS
}

# start_sink [ARG...]
start_sink() {
  : >"$WORK/sink.log"
  "${PIN_LOAD[@]}" "$SERVER_BIN/webhook_sink" --listen 127.0.0.1:0 "$@" >"$WORK/sink.log" 2>&1 &
  SINK_PID=$!
  STARTED+=("$SINK_PID")
  await_address "$WORK/sink.log" "$SINK_PID"
  SINK=$ADDRESS
}

# start_bare_h2o [ANSWER_BYTES]
start_bare_h2o() {
  : >"$WORK/bare.log"
  "${PIN_SERVER[@]}" "$FLOOR_BIN/bare_h2o" "${1:-400}" >"$WORK/bare.log" 2>&1 &
  BARE_PID=$!
  STARTED+=("$BARE_PID")
  await_address "$WORK/bare.log" "$BARE_PID"
  BARE=$ADDRESS
}

# stop PID [SIGNAL]: ends one of ours and waits for it.
stop() {
  kill -"${2:-TERM}" "$1" 2>/dev/null || true
  wait "$1" 2>/dev/null || true
}

resident_bytes() { awk '/^VmRSS/ { print $2 * 1024 }' "/proc/$1/status"; }
bytes_in() { du -sb "$1" | cut -f 1; }

# User and system time of a process, in microseconds.
cpu_us() {
  local ticks
  ticks=$(awk '{ print $14 + $15 }' "/proc/$1/stat")
  calc "$ticks * 1000000 / $(getconf CLK_TCK)" 0
}

# io_bytes read|write: what the server has had the disk read, or written to files, so far.
io_bytes() { awk -v key="$1_bytes:" '$1 == key { print $2 }' "/proc/$SERVER_PID/io"; }

# tree_cpu_us PID...: the same of these and of all that descend from them, living or ended.
tree_cpu_us() {
  local ticks
  ticks=$(cat /proc/[0-9]*/stat 2>/dev/null | awk -v roots="$*" '
    { pid = $1; sub(/.*\) /, ""); parent[pid] = $2; ticks[pid] = $12 + $13 + $14 + $15 }
    END {
      for (split(roots, listed, " "); listed[++at] != "";) wanted[listed[at]] = 1
      for (pid in parent) {
        for (up = pid; up + 0 > 1 && !(up in wanted); up = parent[up]) {}
        if (up + 0 > 1) sum += ticks[pid]
      }
      print sum + 0
    }')
  calc "$ticks * 1000000 / $(getconf CLK_TCK)" 0
}

# --- requests -------------------------------------------------------------------------------------

# http ADDRESS METHOD PATH [BODY]: prints the status line and the body of the answer; fails when
# nobody listens.
http() {
  local socket line length='' body=${4:-}
  { exec {socket}<>"/dev/tcp/${1%:*}/${1##*:}"; } 2>/dev/null || return 1
  printf '%s %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n%sContent-Length: %d\r\n\r\n%s' \
    "$2" "$3" "$1" "${body:+Content-Type: application/json$'\r\n'}" "${#body}" "$body" >&"$socket"
  read -r line <&"$socket" && printf '%s\n' "$line"
  while read -r line <&"$socket" && [[ ${line%$'\r'} != '' ]]; do
    if [[ ${line,,} == content-length:* ]]; then
      length=${line#*:}
      length=${length//[!0-9]/}
    fi
  done
  # The sink keeps a connection open whatever it is told, so its answers are read by their length.
  if [[ -n $length ]]; then head -c "$length" <&"$socket"; else cat <&"$socket"; fi
  exec {socket}>&-
}

# load ARG...: the load generator; sets LOAD to its line of JSON. Refusals are errors here.
load() {
  LOAD=$("${PIN_LOAD[@]}" "$SERVER_BIN/load_generator" --json --payload-bytes "$PAYLOAD_BYTES" "$@") ||
    { tail -n 5 "$SERVER_LOG" >&2; fail "the load generator was refused: $LOAD"; }
  LOAD=$(tail -n 1 <<<"$LOAD")
}

# generate FILE ARG...: the load generator in the background, whatever it is answered; sets
# GENERATOR_PID. Its line of JSON is the last of the file.
generate() {
  "${PIN_LOAD[@]}" "$SERVER_BIN/load_generator" --json --payload-bytes "$PAYLOAD_BYTES" \
    --url "http://$SERVER" "${@:2}" >"$1" 2>&1 &
  GENERATOR_PID=$!
  STARTED+=("$GENERATOR_PID")
}

# metric NAME: one value of the server's.
metric() { http "$SERVER" GET /metrics | awk -v name="$1" '$1 == name { print int($2); exit }'; }

# metric_sum NAME: the same of all shards together.
metric_sum() {
  http "$SERVER" GET /metrics |
    awk -v name="$1" 'index($1, name "{") == 1 || $1 == name { sum += $2 } END { print int(sum) }'
}

# create_tasks COUNT ARG...: in batches of up to MAX_BATCH.
create_tasks() {
  local count=$1 batch=$MAX_BATCH
  shift
  while ((count % batch != 0)); do batch=$((batch / 10)); done
  load --url "http://$SERVER" --scenario batch --batch "$batch" --count $((count / batch)) \
    --connections 2 "$@"
}

# reset_sink [COUNT]: with room for so many runs, so that the sink does not stop to make it.
reset_sink() { http "$SINK" POST "/reset?expect=${1:-0}" >/dev/null; }

# await_arrivals COUNT SECONDS: sets STATS to the sink's counts once so many runs arrived.
await_arrivals() {
  arrived_within "$@" || fail "only $(number "$STATS" distinct) of $1 runs arrived in $2 s"
}

# arrived_within COUNT SECONDS: the same, for those who count what is missing.
arrived_within() {
  local until=$((SECONDS + $2))
  while true; do
    STATS=$(http "$SINK" GET /stats | tail -n 1)
    if (($(number "$STATS" distinct) >= $1)); then
      return
    fi
    ((SECONDS < until)) || return 1
    sleep 0.2
  done
}

# --- floors ---------------------------------------------------------------------------------------

# insert_rows task|run BATCH SECONDS: sets ROW_RATE, ROW_CPU (us a row) and FLOOR.
insert_rows() {
  local bytes=$ROW_BYTES
  [[ $1 == run ]] && bytes=$RUN_ROW_BYTES
  FLOOR=$("${PIN_SERVER[@]}" "$FLOOR_BIN/insert_floor" "$WORK/rows" "$1" "$2" "$bytes" "$3")
  ROW_RATE=$(number "$FLOOR" rows_per_second)
  ROW_CPU=$(number "$FLOOR" cpu_us_per_row)
}

# append_for BATCH BYTES SECONDS: sets FLOOR to that floor's line of JSON.
append_for() {
  FLOOR=$("${PIN_SERVER[@]}" "$FLOOR_BIN/append_floor" "$WORK/append" "$1" "$2" "$3")
}

# --- a folder with many tasks that wait ------------------------------------------------------------

# fill_folder COUNT: sets FILLED to a data folder with that many tasks due next month, made once.
fill_folder() {
  FILLED=$WORK/filled-$1
  if [[ -d $FILLED ]]; then
    return
  fi
  start_server "$FILLED"
  create_tasks "$1" --due-in 30d --spread 1d --target http://127.0.0.1:9/hook
  stop "$SERVER_PID"
}
