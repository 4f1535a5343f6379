#include "tests/sim/recorded_workload.h"

#include <algorithm>

#include "engine/base/check.h"
#include "tests/sim/world.h"

namespace hourwheel {
namespace {

constexpr uint64_t kMostWorlds = 500;
constexpr size_t kWorkloadBatches = 60;

// It must have all that the store treats differently, or it shows less than it says.
bool has_everything(const Recording& recording) {
  size_t kinds[5] = {};
  size_t records = 0;
  size_t redriven = 0;
  size_t died = 0;
  size_t answers = 0;
  size_t retentions = 0;
  for (const RecordedBatch& recorded : recording) {
    for (const TaskChange& change : recorded.batch->tasks) {
      ++kinds[static_cast<size_t>(change.kind)];
      retentions += change.spec && change.spec->keep_runs > 0 ? 1 : 0;
    }
    records += recorded.batch->records.size();
    redriven += recorded.batch->redriven.size();
    died += recorded.batch->died.size();
    answers += recorded.batch->answers.size();
  }
  const bool all = std::all_of(std::begin(kinds), std::end(kinds), [](size_t n) { return n > 0; });
  return all && records > 0 && redriven > 0 && died > 0 && answers > 0 && retentions > 0;
}

Recording record_world(uint64_t seed) {
  Features f;
  f.chosen_ids = 6;
  f.commands = 60;
  f.pause_between = seconds(1);
  f.target_latency = milliseconds(700);
  f.bad_target_percent = 40;
  f.redrives = f.cancels = f.backfills = f.callbacks = f.on_complete = f.keys = true;
  f.retentions = true;
  Trace trace(Trace::Show::kNothing);
  World world({seed, StoreKind::kModel, {}, 0}, f, trace);
  Recording recording;
  world.record(recording);
  HW_CHECK(world.run(), "a world without faults keeps its promises");
  if (recording.size() > kWorkloadBatches) recording.resize(kWorkloadBatches);
  return recording;
}

}  // namespace

// The first world whose beginning has everything.
Recording record_workload() {
  for (uint64_t seed = 1; seed < kMostWorlds; ++seed) {
    Recording recording = record_world(seed);
    if (has_everything(recording)) return recording;
  }
  HW_CHECK(false, "some world makes everything there is to commit");
}

}  // namespace hourwheel
