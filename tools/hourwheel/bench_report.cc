#include "tools/hourwheel/bench_report.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "api/json_reader.h"
#include "api/json_writer.h"

namespace hourwheel {
namespace {

constexpr const char* kFireName = "fire";

void write_ms(JsonWriter& json, const char* name, int64_t microseconds) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.3f", static_cast<double>(microseconds) / 1000);
  json.name(name);
  json.raw(text.data());
}

void write_count(JsonWriter& json, const char* name, uint64_t count) {
  json.name(name);
  json.count(count);
}

void write_rate(JsonWriter& json, const char* name, uint64_t count, Duration took) {
  const double ms = static_cast<double>(std::max<int64_t>(1, took.ms));
  json.name(name);
  json.number(std::llround(static_cast<double>(count) * 1000 / ms));
}

// None when there is nothing they could be of.
void write_percentiles(JsonWriter& json, const LatencyPercentiles& of) {
  if (of.count() == 0) return;
  write_ms(json, "p50_ms", of.percentile(0.5));
  write_ms(json, "p99_ms", of.percentile(0.99));
  write_ms(json, "p999_ms", of.percentile(0.999));
  write_ms(json, "max_ms", of.max());
}

void write_refused(JsonWriter& json, const LoadTally& tally) {
  json.name("refused");
  json.begin_object();
  for (const auto& [status, count] : tally.refused) {
    json.user_name(std::to_string(status));
    json.count(count);
  }
  json.end_object();
}

void write_creates(JsonWriter& json, const CreatesPart& part) {
  json.begin_object();
  json.name("part");
  json.string(part.name);
  write_count(json, "tasks", part.tally.tasks);
  write_rate(json, "tasks_per_second", part.tally.tasks, part.tally.took);
  write_count(json, "requests", part.tally.requests);
  write_rate(json, "requests_per_second", part.tally.requests, part.tally.took);
  write_percentiles(json, part.tally.latency);
  write_ms(json, "took_ms", part.tally.took.ms * 1000);
  write_refused(json, part.tally);
  write_count(json, "lost", part.tally.lost);
  json.end_object();
}

void write_fire(JsonWriter& json, const FirePart& part) {
  json.begin_object();
  json.name("part");
  json.string(kFireName);
  write_count(json, "tasks", part.tasks);
  write_count(json, "arrived", part.arrived);
  write_count(json, "missing", part.missing());
  write_count(json, "duplicates", part.duplicates);
  write_count(json, "early", part.early);
  write_percentiles(json, part.lateness);
  write_refused(json, part.made);
  write_count(json, "lost", part.made.lost);
  json.end_object();
}

std::string note_of(const char* part, const std::string& what, uint64_t count) {
  return count == 0 ? "" : std::string(part) + ": " + what + ": " + std::to_string(count) + "\n";
}

std::string notes_of(const char* part, const LoadTally& tally) {
  std::string notes;
  for (const auto& [status, count] : tally.refused) {
    notes += note_of(part, "refused with " + std::to_string(status), count);
  }
  const std::string why = tally.lost_why.empty() ? "" : " (" + tally.lost_why + ")";
  return notes + note_of(part, "without an answer" + why, tally.lost);
}

std::string notes_of(const FirePart& part) {
  return notes_of(kFireName, part.made) +
         note_of(kFireName, "runs that did not arrive", part.missing()) +
         note_of(kFireName, "arrivals of a run that had arrived", part.duplicates) +
         note_of(kFireName, "runs that arrived before they were due, by this machine's clock",
                 part.early);
}

bool is_whole(const LoadTally& tally) {
  return tally.tasks > 0 && tally.refused.empty() && tally.lost == 0;
}

bool is_whole(const FirePart& part) {
  return is_whole(part.made) && part.missing() == 0 && part.duplicates == 0 && part.early == 0;
}

}  // namespace

std::string bench_json(const BenchReport& report) {
  std::string text;
  JsonWriter json(text);
  json.begin_object();
  json.name("server");
  json.string(is_valid_utf8(report.server) ? report.server : "not UTF-8");
  json.name("label");
  json.string(report.label);
  json.name("shares_machine");
  json.boolean(report.shares_machine);
  json.name("interrupted");
  json.boolean(report.interrupted);
  json.name("removed");
  if (report.removed) {
    json.number(*report.removed);
  } else {
    json.null();
  }
  json.name("parts");
  json.begin_array();
  for (const CreatesPart& part : report.creates) write_creates(json, part);
  if (report.fire) write_fire(json, *report.fire);
  json.end_array();
  json.end_object();
  return text;
}

std::string bench_notes(const BenchReport& report) {
  std::string notes;
  if (report.interrupted) notes += "It was interrupted: the numbers are of what there was.\n";
  for (const CreatesPart& part : report.creates) notes += notes_of(part.name, part.tally);
  if (report.fire) notes += notes_of(*report.fire);
  notes += report.shares_machine
               ? "This program and the server share a machine, so that each took time from the "
                 "other: alone the server takes more.\n"
               : "The times have the way through the network in them, and lateness the difference "
                 "of two clocks.\n";
  if (report.removed) {
    notes += "Deleted what was made: " + std::to_string(*report.removed) + " tasks.\n";
  }
  return notes;
}

bool is_whole(const BenchReport& report) {
  return report.removed.has_value() && !report.interrupted &&
         (!report.fire || is_whole(*report.fire)) &&
         std::all_of(report.creates.begin(), report.creates.end(),
                     [](const CreatesPart& part) { return is_whole(part.tally); });
}

}  // namespace hourwheel
