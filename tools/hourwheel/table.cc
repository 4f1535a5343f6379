#include "tools/hourwheel/table.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <string_view>

#include "engine/schedule/time_text.h"
#include "tools/hourwheel/answer_text.h"
#include "tools/hourwheel/time_phrase.h"

namespace hourwheel {
namespace {

constexpr size_t kNarrowest = 12;  // prose is not cut below
constexpr size_t kGap = 2;
constexpr std::string_view kPlain = "\033[0m";
constexpr std::string_view kBold = "\033[1m";

struct Tint {
  std::string_view state;
  std::string_view code;
};
constexpr std::string_view kGreen = "\033[32m";
constexpr std::string_view kRed = "\033[31m";
constexpr std::string_view kYellow = "\033[33m";
constexpr std::string_view kCyan = "\033[36m";
constexpr std::array kTints = {
    Tint{"active", kGreen},   Tint{"succeeded", kGreen}, Tint{"ok", kGreen},
    Tint{"fired", kGreen},    Tint{"dead", kRed},        Tint{"quarantined", kRed},
    Tint{"full", kRed},       Tint{"paused", kYellow},   Tint{"retrying", kYellow},
    Tint{"skipped", kYellow}, Tint{"canceled", kYellow}, Tint{"unknown", kYellow},
    Tint{"low", kYellow},     Tint{"running", kCyan},    Tint{"pending", kCyan},
};

std::string tinted(const std::string& text, std::string_view code) {
  std::string out(code);
  return out.append(text).append(kPlain);
}

std::string coloured(const std::string& text, Show show, const Look& look) {
  if (!look.colour || show != Show::kState) return text;
  const auto* tint = std::find_if(kTints.begin(), kTints.end(),
                                  [&](const Tint& one) { return one.state == text; });
  return tint == kTints.end() ? text : tinted(text, tint->code);
}

std::vector<Column> shown(std::span<const Column> columns, const Look& look) {
  std::vector<Column> kept;
  for (const Column& column : columns) {
    if (look.wide || !column.wide_only) kept.push_back(column);
  }
  return kept;
}

bool is_prose(const Column& column) {
  return column.show == Show::kProse || column.show == Show::kSchedule ||
         column.show == Show::kLabels;
}

// A string as it is; of an object what says when.
std::string schedule_text(const JsonValue& row, const char* member) {
  auto schedule = row.find(member);
  if (!schedule || !schedule->is(JsonKind::kObject)) return text_at(row, member);
  std::string text;
  for (const char* rule : {"cron", "every", "rrule", "at", "delay"}) {
    if (schedule->find(rule)) text = text_at(*schedule, rule);
  }
  if (schedule->find("timezone")) text += " " + text_at(*schedule, "timezone");
  return text.empty() ? text_at(row, member) : text;
}

std::string labels_text(const JsonValue& row, const char* member) {
  auto labels = row.find(member);
  if (!labels || !labels->is(JsonKind::kObject)) return text_at(row, member);
  std::string text;
  for (auto label = labels->first(); label; label = label->next()) {
    text.append(text.empty() ? "" : ", ").append(label->name()).append(":").append(label->text());
  }
  return text;
}

std::string member_text(const JsonValue& row, const Column& column) {
  if (column.show == Show::kSchedule) return schedule_text(row, column.member);
  if (column.show == Show::kLabels) return labels_text(row, column.member);
  return text_at(row, column.member);
}

size_t total(const std::vector<size_t>& widths) {
  return std::accumulate(widths.begin(), widths.end(), size_t{0}) + kGap * (widths.size() - 1);
}

}  // namespace

Look look_of(OutputFormat format, const Terminal& terminal) {
  return {terminal.now(), format == OutputFormat::kWide, terminal.facts().colour,
          terminal.facts().columns};
}

std::string cell_text(const JsonValue& row, const Column& column, const Look& look) {
  std::string text = member_text(row, column);
  blank_controls(text);
  if (text.empty()) return "-";
  if (column.show != Show::kTime || look.wide) return text;
  auto instant = parse_instant(text);
  return instant ? time_phrase(*instant, look.now) : text;
}

Table::Table(std::span<const Column> columns, const Look& look)
    : columns_(shown(columns, look)), look_(look) {}

void Table::add(const JsonValue& row) {
  auto& cells = rows_.emplace_back();
  for (const Column& column : columns_) cells.push_back(cell_text(row, column, look_));
}

// Of what its cells need; where the terminal is narrower, the widest prose gives way.
std::vector<size_t> Table::widths() const {
  std::vector<size_t> widths;
  for (const Column& column : columns_) widths.push_back(measure_.width(column.title));
  for (const auto& cells : rows_) {
    for (size_t i = 0; i < cells.size(); ++i) {
      widths[i] = std::max(widths[i], measure_.width(cells[i]));
    }
  }
  while (look_.columns > 0 && total(widths) > look_.columns) {
    size_t widest = widths.size();
    for (size_t i = 0; i < widths.size(); ++i) {
      if (!is_prose(columns_[i]) || widths[i] <= kNarrowest) continue;
      if (widest == widths.size() || widths[i] > widths[widest]) widest = i;
    }
    if (widest == widths.size()) break;
    --widths[widest];
  }
  return widths;
}

std::string Table::line(const std::vector<std::string>& cells,
                        const std::vector<size_t>& widths) const {
  std::string out;
  for (size_t i = 0; i < cells.size(); ++i) {
    const std::string text =
        is_prose(columns_[i]) && look_.columns > 0 ? measure_.cut(cells[i], widths[i]) : cells[i];
    out += coloured(text, columns_[i].show, look_);
    const size_t width = measure_.width(text);
    if (i + 1 < cells.size()) out.append(std::max(widths[i], width) - width + kGap, ' ');
  }
  return out + '\n';
}

std::string Table::text() const {
  const std::vector<size_t> all = widths();
  std::vector<std::string> titles;
  for (const Column& column : columns_) titles.emplace_back(column.title);
  std::string out = line(titles, all);
  if (look_.colour) out = tinted(out.substr(0, out.size() - 1), kBold) + '\n';
  for (const auto& cells : rows_) out += line(cells, all);
  return out;
}

std::string card(const JsonValue& row, std::span<const Column> columns, const Look& look) {
  size_t widest = 0;
  for (const Column& column : columns) {
    widest = std::max(widest, std::string_view(column.title).size());
  }
  std::string out;
  for (const Column& column : columns) {
    const std::string text = cell_text(row, column, look);
    if (text == "-") continue;
    const std::string title = std::string(column.title) + ":";
    out += title + std::string(widest + kGap + 1 - title.size(), ' ');
    out += coloured(text, column.show, look) + '\n';
  }
  return out;
}

}  // namespace hourwheel
