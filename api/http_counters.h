// Counts answered requests by route and class of status, and how long they took. One per API, read
// by any thread.
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

  HttpCounters()
      : answered_(std::make_unique<Row[]>(routes().size() + 1)),
        took_us_(std::make_unique<Histogram[]>(routes().size() + 1)) {}

  // A null route is one that no row of the table matched. `took`: from its arrival, by the clock
  // that is read once a turn.
  void count(const Route* route, int status, Duration took) {
    answered_[row_of(route)][static_cast<size_t>(status / 100 - 1)].add();
    took_us_[row_of(route)].record(took.ms > 0 ? static_cast<uint64_t>(took.ms) * 1000 : 0);
  }
  // The client went away, or the server gave up on the answer.
  void count_closed() { closed_.add(); }

  [[nodiscard]] uint64_t answered(const Route* route, size_t status_class) const {
    return answered_[row_of(route)][status_class].value();
  }
  [[nodiscard]] const Histogram& took_us(const Route* route) const {
    return took_us_[row_of(route)];
  }
  [[nodiscard]] uint64_t closed() const { return closed_.value(); }

  // Requests that stay open to follow what happens.
  void show_followers(size_t count) { followers_.set(static_cast<int64_t>(count)); }
  [[nodiscard]] int64_t followers() const { return followers_.value(); }

  // --- overload ---
  void count_shed(Demand demand, Strain strain) {
    shed_[static_cast<size_t>(demand)][static_cast<size_t>(strain)].add();
  }
  void show_pressure(int64_t percent) { pressure_.set(percent); }
  // How long a turn of the reactor's loop took, all that it did counted.
  void record_lag(Duration turn) {
    lag_us_.record(turn.ms > 0 ? static_cast<uint64_t>(turn.ms) * 1000 : 0);
  }
  [[nodiscard]] const Histogram& lag_us() const { return lag_us_; }
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
  std::unique_ptr<Histogram[]> took_us_;  // by row, as answered_
  Counter closed_;
  Gauge followers_;
  Histogram lag_us_;
  std::array<std::array<Counter, kStrains>, kDemands> shed_;
  Gauge pressure_;  // percent
};

}  // namespace hourwheel
