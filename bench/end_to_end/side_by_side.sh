# For cases that compare servers with each other: all of them are up at once and have names, and one
# works while the others are stopped (SIGSTOP), so that neither their folds nor their wake-ups take
# its core. Phases go round: each server in turn does the same before any does the next, so that the
# machine's slower minutes hit all of them.
#
# What a commit leaves to the fold is done up to ten seconds later. It counts: fold_rest waits for
# it, and because the time of a stopped server passes, only the first of them waits long.
# shellcheck shell=bash

declare -A SERVER_OF PID_OF
NAMES=() # of the servers, in the order in which they were added; the first is what is compared with

# add_server NAME FOLDER: starts it; the others are stopped.
add_server() {
  suspend_all
  SERVER_LOG=$WORK/server-${1//[ \/]/-}.log
  start_server "$2"
  NAMES+=("$1")
  SERVER_OF[$1]=$SERVER
  PID_OF[$1]=$SERVER_PID
}

suspend_all() {
  local name
  for name in "${NAMES[@]}"; do kill -STOP "${PID_OF[$name]}"; done
}

# use_server NAME: this one works, the others do not.
use_server() {
  suspend_all
  SERVER=${SERVER_OF[$1]}
  SERVER_PID=${PID_OF[$1]}
  SERVER_LOG=$WORK/server-${1//[ \/]/-}.log
  kill -CONT "$SERVER_PID"
}

# each_server FUNCTION ARG...: a phase; FUNCTION is called with the name of each server first.
each_server() {
  local name
  for name in "${NAMES[@]}"; do
    use_server "$name"
    "$1" "$name" "${@:2}"
  done
}

stop_servers() {
  local name
  for name in "${NAMES[@]}"; do
    kill -CONT "${PID_OF[$name]}"
    stop "${PID_OF[$name]}"
  done
  NAMES=()
  SERVER_LOG=$WORK/server.log
}

# fold_rest: waits until the server at hand has folded everything; FOLD_CPU is what it used (us).
fold_rest() {
  local began until=$((SECONDS + 300))
  began=$(cpu_us "$SERVER_PID")
  while (($(metric_sum hourwheel_fold_lag_tasks) > 0)); do
    ((SECONDS < until)) || fail "a fold that does not end"
    sleep 0.5
  done
  sleep 0.3 # the checkpoint
  FOLD_CPU=$(($(cpu_us "$SERVER_PID") - began))
}

# --- phases that more than one case has -------------------------------------------------------------

declare -A CREATED # of each server since its last fold

# phase_create NAME KEY COUNT ARG...: single creates on 64 connections; notes KEY-cpu, KEY-rate and
# KEY-p99. Requires: create-single.
phase_create() {
  create_ours_for 1 --count "$3" "${@:4}"
  note "$1" "$2-cpu" "$CPU"
  note "$1" "$2-rate" "$RATE"
  note "$1" "$2-p99" "$P99"
  CREATED[$1]=$((${CREATED[$1]:-0} + $3))
}

# phase_fold NAME KEY: notes what the fold of one create costs, under KEY.
phase_fold() {
  fold_rest
  note "$1" "$2" "$(calc "$FOLD_CPU / ${CREATED[$1]}" 2)"
  CREATED[$1]=0
}

declare -A FIRES_BEGAN # CPU used before

# phase_fire NAME COUNT SECONDS: notes fire-rate and fire-p99. Requires: fire.
phase_fire() {
  fire_at_once "$2" "$3"
  FIRES_BEGAN[$1]=$FIRE_BEGAN_CPU
  note "$1" fire-rate "$FIRE_RATE"
  note "$1" fire-p99 "$(number "${STATS#*\"lateness_ms\"}" p99)"
}

# phase_fire_cpu NAME COUNT: notes fire-cpu, with what the fold did for them afterwards.
phase_fire_cpu() {
  fold_rest
  note "$1" fire-cpu "$(calc "($(cpu_us "$SERVER_PID") - ${FIRES_BEGAN[$1]}) / $2" 2)"
}

# beside_first CASE WHAT UNIT KEY [FLOOR]: a row for each server, named "WHAT, NAME", beside the first
# one's figure, or beside what was noted of the same server under the key FLOOR.
beside_first() {
  local name
  for name in "${NAMES[@]}"; do
    READINGS[ours.row]=${READINGS[$name.$4]}
    READINGS[floor.row]=${READINGS[${NAMES[0]}.$4]}
    if [[ -n ${5:-} ]]; then READINGS[floor.row]=${READINGS[$name.$5]:-}; fi
    compare "$1" "$2, $name" "$3" row
  done
}
