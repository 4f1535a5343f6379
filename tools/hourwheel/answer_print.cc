#include "tools/hourwheel/answer_print.h"

#include <cstdio>
#include <utility>

#include "api/json_writer.h"
#include "tools/hourwheel/answer_text.h"
#include "tools/hourwheel/ask.h"

namespace hourwheel {
namespace {

void print_line(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fputc('\n', stdout);
}

}  // namespace

ApiAnswer answer_made_here(std::string body) {
  ApiAnswer answer;
  answer.body = std::move(body);
  answer.body.reserve(answer.body.size() + kJsonPadding);  // the parser reads behind it
  return answer;
}

int print_object(const View& view, const ApiAnswer& answer, std::span<const Column> columns) {
  if (view.format == OutputFormat::kJson || view.format == OutputFormat::kNdjson) {
    if (view.tells(answer.body.c_str())) print_line(answer.body.c_str());
    return kOk;
  }
  JsonReader reader;
  auto body = reader.parse(answer.body);
  if (!body) return complain("the server's answer is not JSON", kFailure);
  if (view.format == OutputFormat::kName) {
    print_line(text_at(*body, columns.front().member));
  } else {
    std::fputs(card(*body, columns, look_of(view.format, view.terminal)).c_str(), stdout);
  }
  return kOk;
}

ListPrinter::ListPrinter(const View& view, const char* rows, std::span<const Column> columns)
    : view_(view),
      rows_(rows),
      name_(columns.front().member),
      table_(columns, look_of(view.format, view.terminal)) {}

void ListPrinter::take(const ListPage& page) {
  switch (view_.format) {
    case OutputFormat::kJson:
      return take_json(page);
    case OutputFormat::kNdjson:
      for (const JsonValue& row : page.rows) {
        if (view_.tells(row.raw())) print_line(row.raw());
      }
      return;
    case OutputFormat::kName:
      for (const JsonValue& row : page.rows) print_line(text_at(row, name_));
      return;
    case OutputFormat::kTable:
    case OutputFormat::kWide:
      for (const JsonValue& row : page.rows) table_.add(row);
      if (page.last) std::fputs(table_.text().c_str(), stdout);
      return;
  }
}

void ListPrinter::take_json(const ListPage& page) {
  if (json_.empty() && page.last && page.whole) return print_line(page.answer.body.c_str());
  json_ += json_.empty() ? "{\"" + std::string(rows_) + "\":[" : "";
  for (const JsonValue& row : page.rows) {
    if (json_.back() != '[') json_ += ',';
    json_ += row.raw();
  }
  if (!page.last) return;
  json_ += ']';
  if (!page.next_token.empty()) {
    json_ += ",\"next_page_token\":";
    append_json_string(json_, page.next_token);
  }
  print_line(json_ + "}");
}

}  // namespace hourwheel
