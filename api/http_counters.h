// Counts answered requests by route and class of status. One per API, read by any thread.
#pragma once

#include <array>
#include <cstddef>
#include <memory>

#include "api/routes.h"
#include "engine/metrics.h"

namespace hourwheel {

class HttpCounters {
 public:
  static constexpr size_t kClasses = 5;  // 1xx to 5xx

  HttpCounters() : answered_(std::make_unique<Row[]>(routes().size() + 1)) {}

  // A null route is one that no row of the table matched.
  void count(const Route* route, int status) {
    answered_[row_of(route)][static_cast<size_t>(status / 100 - 1)].add();
  }
  // The client went away, or the server gave up on the answer.
  void count_closed() { closed_.add(); }

  [[nodiscard]] uint64_t answered(const Route* route, size_t status_class) const {
    return answered_[row_of(route)][status_class].value();
  }
  [[nodiscard]] uint64_t closed() const { return closed_.value(); }

  // --- overload ---
  void count_shed(Demand demand, Strain strain) {
    shed_[static_cast<size_t>(demand)][static_cast<size_t>(strain)].add();
  }
  void show_pressure(int64_t percent) { pressure_.set(percent); }
  [[nodiscard]] uint64_t shed(Demand demand, Strain strain) const {
    return shed_[static_cast<size_t>(demand)][static_cast<size_t>(strain)].value();
  }
  [[nodiscard]] int64_t pressure() const { return pressure_.value(); }

 private:
  using Row = std::array<Counter, kClasses>;
  static size_t row_of(const Route* route) {
    return route == nullptr ? routes().size() : static_cast<size_t>(route - routes().data());
  }

  std::unique_ptr<Row[]> answered_;
  Counter closed_;
  std::array<std::array<Counter, kStrains>, kDemands> shed_;
  Gauge pressure_;  // percent
};

}  // namespace hourwheel
