#include "tools/hourwheel/answer_text.h"

#include <algorithm>
#include <cstdio>
#include <optional>
#include <string_view>

namespace hourwheel {
namespace {

constexpr size_t kWidest = 48;

// "last_run.state" is a member of a member.
std::optional<JsonValue> find_path(const JsonValue& row, std::string_view path) {
  const size_t dot = path.find('.');
  auto value = row.find(path.substr(0, dot));
  if (dot == std::string_view::npos || !value || !value->is(JsonKind::kObject)) return value;
  return find_path(*value, path.substr(dot + 1));
}

std::string member_text(const JsonValue& object, const char* name) {
  auto value = object.find(name);
  if (!value || value->is(JsonKind::kNull)) return "";
  return std::string(value->is(JsonKind::kObject) ? value->raw() : value->text());
}

// What a stored text could do to a terminal, or to a table, is left out.
void blank_controls(std::string& text) {
  for (char& c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f) c = ' ';
  }
}

// Not in the middle of a UTF-8 sequence.
void shorten(std::string& text) {
  if (text.size() <= kWidest) return;
  size_t end = kWidest - 3;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  text.resize(end);
  text += "...";
}

int exit_code_of(long status) {
  if (status == 404) return kNotFound;
  if (status == 401 || status == 403) return kRefused;
  return status == 409 || status == 412 ? kConflict : kFailure;
}

}  // namespace

std::string cell_text(const JsonValue& row, const Column& column) {
  auto value = find_path(row, column.member);
  if (!value || value->is(JsonKind::kNull)) return "-";
  std::string text(value->is(JsonKind::kObject) ? value->raw() : value->text());
  if (value->is(JsonKind::kObject) && value->find("code") && value->find("message")) {
    text = member_text(*value, "code");
    const std::string message = member_text(*value, "message");
    if (!message.empty()) text += ": " + message;
  }
  blank_controls(text);
  if (column.cut == Cut::kLong) shorten(text);
  return text;
}

std::vector<std::string> cells_of(const JsonValue& row, std::span<const Column> columns) {
  std::vector<std::string> cells;
  for (const Column& column : columns) cells.push_back(cell_text(row, column));
  return cells;
}

void print_table(const std::vector<std::vector<std::string>>& rows,
                 std::span<const Column> columns) {
  std::vector<std::vector<std::string>> cells(1);
  for (const Column& column : columns) cells[0].emplace_back(column.title);
  cells.insert(cells.end(), rows.begin(), rows.end());
  std::vector<size_t> widths(columns.size());
  for (const auto& line : cells) {
    for (size_t i = 0; i < widths.size(); ++i) widths[i] = std::max(widths[i], line[i].size());
  }
  for (const auto& line : cells) {
    for (size_t i = 0; i + 1 < widths.size(); ++i) {
      std::printf("%-*s  ", static_cast<int>(widths[i]), line[i].c_str());
    }
    std::printf("%s\n", line.back().c_str());
  }
}

std::vector<JsonValue> members_of(const JsonValue& page, const char* list) {
  std::vector<JsonValue> rows;
  auto array = page.find(list);
  if (!array || !array->is(JsonKind::kArray)) return rows;
  for (auto value = array->first(); value; value = value->next()) rows.push_back(*value);
  return rows;
}

int print_problem(const ApiAnswer& answer) {
  JsonReader reader;
  auto problem = reader.parse(answer.body);
  if (!problem || !problem->is(JsonKind::kObject)) {
    std::fprintf(stderr, "hourwheel: the server answered %ld\n", answer.status);
    return exit_code_of(answer.status);
  }
  std::fprintf(stderr, "hourwheel: %s: %s\n", cell_text(*problem, {"", "code"}).c_str(),
               cell_text(*problem, {"", "detail"}).c_str());
  for (const JsonValue& error : members_of(*problem, "errors")) {
    std::fprintf(stderr, "  %s: %s\n", cell_text(error, {"", "pointer"}).c_str(),
                 cell_text(error, {"", "detail"}).c_str());
  }
  return exit_code_of(answer.status);
}

}  // namespace hourwheel
