// What a shard commits at the beginning of a small world without faults, to be repeated without the
// shard: 60 batches with every kind of change, records and dead letters among them.
#pragma once

#include "tests/sim/sim_store.h"

namespace hourwheel {

Recording record_workload();

}  // namespace hourwheel
