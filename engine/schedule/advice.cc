#include "engine/schedule/advice.h"

#include <algorithm>
#include <optional>

#include "engine/schedule/clock_notes.h"
#include "engine/schedule/cron_advice.h"
#include "engine/schedule/describe.h"

namespace hourwheel {
namespace {

constexpr int kMostDues = 64;  // looked at for the shortest gap between two

void advise_about_interval(const ScheduleSpec& spec, std::vector<Advice>& out) {
  if (spec.every < seconds(1)) {
    out.push_back({"sub-second", "due more often than once a second (every " +
                                     describe(spec.every) + "): each is a run of its own"});
  }
  if (spec.kind == ScheduleKind::kEvery && spec.every >= hours(24) &&
      spec.every.ms % hours(24).ms == 0) {
    out.push_back({"elapsed-days",
                   "an interval of days is elapsed time: its local time moves when clocks are "
                   "changed; a cron schedule such as 0 9 * * * keeps it"});
  }
}

// The shortest time between two of the next due instants.
std::optional<Duration> shortest_gap(const Schedule& schedule, Instant from) {
  std::optional<Duration> shortest;
  auto due = schedule.first_from(from);
  for (int i = 0; due && i < kMostDues; ++i) {
    auto next = schedule.next_after(*due);
    if (next) shortest = std::min(shortest.value_or(*next - *due), *next - *due);
    due = next;
  }
  return shortest;
}

void advise_about_jitter(const ScheduleSpec& spec, const Schedule& schedule, Instant from,
                         std::vector<Advice>& out) {
  if (spec.jitter == Duration{}) return;
  auto gap = shortest_gap(schedule, from);
  if (!gap || spec.jitter < *gap) return;
  out.push_back({"jitter-clipped", "a jitter of " + describe(spec.jitter) + " is longer than the " +
                                       describe(*gap) +
                                       " between two due instants: it is clipped before the next"});
}

// What the next changes of the clocks do to a rule of fixed times: one sentence for each of the
// first gap and the first overlap that matters.
class ClockAdvice {
 public:
  ClockAdvice(const Schedule& schedule, NamedZone in, std::vector<Advice>& out)
      : schedule_(schedule), in_(in), out_(out) {}

  void look_ahead(Instant from) {
    constexpr int kChanges = 4;  // two years of most zones
    auto change = in_.zone.next_transition(from);
    for (int i = 0; change && i < kChanges; ++i) {
      look_at(*change);
      change = in_.zone.next_transition(*change);
    }
  }

 private:
  void look_at(Instant change) {
    CivilSecond unchanged{in_.zone.civil_at(change - seconds(1)).s + 1};
    CivilSecond changed = in_.zone.civil_at(change);
    if (changed > unchanged && !gap_told_) look_at_gap(change);
    if (changed < unchanged && !overlap_told_) {
      look_at_overlap(change, seconds(unchanged.s - changed.s));
    }
  }

  void look_at_gap(Instant change) {
    std::string sentence;
    if (is_due(change)) sentence = clock_sentence(schedule_.explain(change), in_);
    auto left_out = schedule_.left_out(change, change + milliseconds(1), 1);
    if (sentence.empty() && !left_out.empty()) sentence = clock_sentence(left_out.front(), in_);
    if (sentence.empty()) return;
    gap_told_ = true;
    out_.push_back({"dst-gap", std::move(sentence)});
  }

  void look_at_overlap(Instant change, Duration length) {
    Instant from = change - length;
    if (schedule_.count(from, change + length - milliseconds(1)) == 0) return;
    auto due = schedule_.first_from(from);
    if (!due) return;
    Occurrence first = schedule_.explain(*due);
    if (first.note == ClockNote::kNone) return;
    bool again = is_due(*due + length);
    overlap_told_ = true;
    std::string sentence = clock_sentence(first, in_);
    if (first.note == ClockNote::kOverlapFirst && again) {
      sentence += ", and it fires at the second too";
    } else {
      sentence += ", and it fires at this one alone";
    }
    out_.push_back({"dst-overlap", std::move(sentence)});
  }

  // Counting looks no farther, where asking for the first could go on to the end of time.
  [[nodiscard]] bool is_due(Instant t) const { return schedule_.count(t, t) > 0; }

  const Schedule& schedule_;
  NamedZone in_;
  std::vector<Advice>& out_;
  bool gap_told_ = false;
  bool overlap_told_ = false;
};

void advise_about_calendar(const ScheduleSpec& spec, const Schedule& schedule, Instant from,
                           std::vector<Advice>& out) {
  auto written = read_written_cron(spec.cron);
  if (schedule.cron() != nullptr && written) {
    advise_about_cron(*written, spec.dom_dow, out);
  }
  auto zone = spec.timezone.empty() ? TimeZone() : TimeZone::find(spec.timezone);
  if (schedule.follows_elapsed_time() || !zone) return;
  ClockAdvice(schedule, {spec.timezone, *zone}, out).look_ahead(from);
}

}  // namespace

std::vector<Advice> advise(const ScheduleSpec& spec, const Schedule& schedule, Instant from) {
  std::vector<Advice> out;
  switch (spec.kind) {
    case ScheduleKind::kAt:
      break;
    case ScheduleKind::kEvery:
    case ScheduleKind::kFixedDelay:
      advise_about_interval(spec, out);
      break;
    case ScheduleKind::kCron:
    case ScheduleKind::kRrule:
      advise_about_calendar(spec, schedule, from, out);
      break;
  }
  advise_about_jitter(spec, schedule, from, out);
  return out;
}

}  // namespace hourwheel
