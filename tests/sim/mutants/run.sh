#!/bin/sh
# Proves that the simulator's checks catch what they are for: builds it once for each planted fault
# in this folder and demands that some seed fails. A check that catches nothing has shown nothing.
# Faults named store_* are looked for with the real store; those named exhaustive_* by the workload
# that fails at every place; those named rot_* by damage at rest.
#
#   tests/sim/mutants/run.sh [SEEDS] [NAME...]      exit 1: a planted fault survived
set -eu
root=$(cd "$(dirname "$0")/../../.." && pwd)
seeds=${1:-400}
[ $# -gt 0 ] && shift
names=${*:-$(cd "$root/tests/sim/mutants" && ls ./*.patch | sed 's|^\./||; s|\.patch$||')}
scratch=${HW_MUTANTS_DIR:-$root/build/mutants}
mkdir -p "$scratch/tree"
# What simulators leave that are stopped half-way.
export TMPDIR="$scratch/tmp"
rm -rf "$TMPDIR"
mkdir "$TMPDIR"
# Times are kept, so that a second run builds only what changed.
for part in CMakeLists.txt engine store tests/sim tests/support tests/CMakeLists.txt; do
  mkdir -p "$scratch/tree/$(dirname "$part")"
  rm -rf "$scratch/tree/${part:?}"
  cp -rp "$root/$part" "$scratch/tree/$part"
done
# What a patch had touched must be built again although its time is old now.
sed -n 's|^+++ b/\([^\t]*\).*|\1|p' "$root"/tests/sim/mutants/*.patch | sort -u |
  while read -r file; do touch "$scratch/tree/$file"; done
cmake -S "$scratch/tree" -B "$scratch/build" -G Ninja -DCMAKE_BUILD_TYPE=RelWithDebInfo \
  -DHW_TESTS=ON >"$scratch/log"

build() { cmake --build "$scratch/build" --target sim -j2 >>"$scratch/log" 2>&1; }
simulate() { "$scratch/build/sim" --first --processes=2 "$@" >"$scratch/out" 2>"$scratch/err"; }
missed=0
build || { echo "the simulator does not build: see $scratch/log"; exit 1; }
if ! simulate --seeds=20 --store=both; then
  echo "the simulator fails without a planted fault:"
  cat "$scratch/out" "$scratch/err"
  exit 1
fi
printf '%-32s %s\n' "planted fault" "found by"
for name in $names; do
  # Options, one word each.
  case $name in
    store_*) how="--seeds=$seeds --store=real" ;;
    exhaustive_*) how=--exhaustive ;;
    rot_*) how=--rot=500 ;;
    *) how="--seeds=$seeds" ;;
  esac
  patch -s -p1 -d "$scratch/tree" <"$root/tests/sim/mutants/$name.patch"
  if ! build; then
    verdict="DOES NOT BUILD"
    missed=1
  elif simulate $how; then
    verdict="MISSED by $how"
    missed=1
  else
    verdict=$(grep -E -A1 '^seed| at [0-9]+$|: C-23 ' "$scratch/out" | head -2 | tr -s ' \n' ' ')
    verdict="$verdict$(grep -o 'check failed: .*' "$scratch/err" | head -1)"
  fi
  printf '%-32s %s\n' "$name" "$verdict"
  # The patch's own files get a new time both ways, so that they are built again.
  patch -s -R -p1 -d "$scratch/tree" <"$root/tests/sim/mutants/$name.patch"
done
exit $missed
