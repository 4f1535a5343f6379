// Lets a server fire tasks at a sink, to see how late they come: each is due once, is tried once,
// and the due instants are spread evenly.
//
//   FL1  All tasks are there before the first is due, else nothing is measured: the sink does not
//        serve while they are made.
//   FL2  A first task shows that the server reaches the sink at all, before any other is made; a
//        destination that is known to be well is what is measured.
// Thread: one that may wait.
#pragma once

#include <string>

#include "tools/hourwheel/ask.h"
#include "tools/hourwheel/bench_report.h"
#include "tools/hourwheel/bench_sink.h"
#include "tools/hourwheel/create_load.h"

namespace hourwheel {

struct FirePlan {
  std::string target;  // URL of the sink, as the server finds it
  std::string labels;  // of every task, as JSON
  uint32_t tasks = 1;
  uint32_t connections = 1;
  Duration lead{};    // from now to the first due instant
  Duration spread{};  // from there to the last
};

// A task that is due by this schedule (JSON), and tried once.
std::string firing_task(const FirePlan& plan, const std::string& schedule);

class FireLoad {
 public:
  FireLoad(const FirePlan& plan, const LoadSite& site, BenchSink& sink)
      : plan_(plan), site_(site), sink_(sink) {}

  // FL2. The exit code after it was told why the server does not reach the sink; kOk also when a
  // signal came.
  int try_sink(ApiClient& client);
  // kOk: the part is what came of it, unless a signal came.
  int run(FirePart& part);

 private:
  [[nodiscard]] std::string batch(uint64_t number, Instant first) const;

  const FirePlan& plan_;
  const LoadSite& site_;
  BenchSink& sink_;
};

}  // namespace hourwheel
