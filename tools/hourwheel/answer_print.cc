#include "tools/hourwheel/answer_print.h"

#include <cstdio>

#include "api/json_writer.h"
#include "tools/hourwheel/ask.h"

namespace hourwheel {

int print_object(OutputFormat format, const ApiAnswer& answer, std::span<const Column> columns) {
  if (format == OutputFormat::kJson) {
    std::printf("%s\n", answer.body.c_str());
    return kOk;
  }
  JsonReader reader;
  auto body = reader.parse(answer.body);
  if (!body) return complain("the server's answer is not JSON", kFailure);
  print_table({cells_of(*body, columns)}, columns);
  return kOk;
}

void ListPrinter::take(const ListPage& page) {
  if (format_ == OutputFormat::kJson) return take_json(page);
  for (const JsonValue& row : page.rows) lines_.push_back(cells_of(row, columns_));
  if (page.last) print_table(lines_, columns_);
}

void ListPrinter::take_json(const ListPage& page) {
  if (json_.empty() && page.last && page.whole) {
    std::printf("%s\n", page.answer.body.c_str());
    return;
  }
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
  std::printf("%s}\n", json_.c_str());
}

}  // namespace hourwheel
