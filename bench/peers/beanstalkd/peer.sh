# beanstalkd of Debian with its log flushed on every write (-b DIR -f0), on a Unix socket. Puts and
# deletes are pipelined; it has no bulk command. Its delays are whole seconds: the producer rounds down,
# and the worker keeps what it has reserved until the exact instant (one connection a task, 2,048 of them).
# shellcheck shell=bash
# shellcheck disable=SC2034 # what is set here, `run` and shared.sh read
# shellcheck source=bench/peers/shared.sh
source "$(dirname "${BASH_SOURCE[0]}")/../shared.sh"

PEER_DURABILITY='-b DIR -f0: a flush for each put and each delete'
PEER_CAVEAT='a queue: it forgets a task once it is deleted; no HTTP, whole seconds of delay, the worker waits for the rest'
PEER_CREATES=100
PEER_COUNT=2000
PEER_RATES=(200)

peer_install() {
  install_debian beanstalkd
  install_npm --ignore-scripts
}

peer_start() {
  mkdir -p "$1/log"
  PEER_AT=$WORK/beanstalkd.socket
  start_measured beanstalkd beanstalkd -b "$1/log" -f0 -l "unix:$PEER_AT"
  await_success test -S "$PEER_AT"
  start_node worker worker.mjs "$PEER_AT" "$(peer_target)"
}
