#include "engine/run.h"

#include <charconv>

namespace hourwheel {
namespace {

constexpr std::string_view kPrefix = "run-";
constexpr size_t kKeyLength = 26;

// Reads a whole decimal number and nothing else; no sign, no leading zeros.
std::optional<uint64_t> parse_number(std::string_view text) {
  if (text.empty() || (text.size() > 1 && text[0] == '0')) return std::nullopt;
  uint64_t number = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace

std::string run_id(TaskKey task, const RunKey& run) {
  std::string id;
  id.reserve(kPrefix.size() + kKeyLength + 2 * 21 + 1);
  id.append(kPrefix).append(base32(task));
  id.append("-").append(std::to_string(run.generation.value)).append("-");
  if (run.trigger == Trigger::kManual) id.push_back('m');
  if (run.trigger == Trigger::kBackfill) id.push_back('b');
  return id.append(std::to_string(run.instant_or_nonce));
}

std::optional<ParsedRunId> parse_run_id(std::string_view text) {
  if (!text.starts_with(kPrefix) || text.size() < kPrefix.size() + kKeyLength + 4) {
    return std::nullopt;
  }
  text.remove_prefix(kPrefix.size());
  auto task = parse_base32(text.substr(0, kKeyLength));
  if (!task || text[kKeyLength] != '-') return std::nullopt;
  text.remove_prefix(kKeyLength + 1);
  size_t dash = text.find('-');
  if (dash == std::string_view::npos) return std::nullopt;
  auto generation = parse_number(text.substr(0, dash));
  text.remove_prefix(dash + 1);
  Trigger trigger = Trigger::kSchedule;
  if (text.starts_with('m')) trigger = Trigger::kManual;
  if (text.starts_with('b')) trigger = Trigger::kBackfill;
  if (trigger != Trigger::kSchedule) text.remove_prefix(1);
  auto tail = parse_number(text);
  if (!generation || !tail || *tail > static_cast<uint64_t>(INT64_MAX)) return std::nullopt;
  return ParsedRunId{*task, {{*generation}, trigger, static_cast<int64_t>(*tail)}};
}

std::string error_text(AttemptResult result, uint16_t status, std::string_view detail) {
  if (result == AttemptResult::kResponded) return "the target answered " + std::to_string(status);
  if (result == AttemptResult::kReportedFailure && detail.empty()) {
    return "the target reported that it failed";
  }
  return std::string(detail);
}

}  // namespace hourwheel
