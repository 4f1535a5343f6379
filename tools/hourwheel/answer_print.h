// Prints what a server answered in the way that was asked for.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "api/json_reader.h"
#include "tools/hourwheel/output_format.h"
#include "tools/hourwheel/page_walk.h"
#include "tools/hourwheel/seen_rows.h"
#include "tools/hourwheel/table.h"
#include "tools/hourwheel/terminal.h"

namespace hourwheel {

struct View {
  OutputFormat format;
  const Terminal& terminal;
  // When it is drawn again and again: what stood in the frame before.
  SeenRows* seen = nullptr;

  // As lines of JSON only what changed is told. Requires: a row is asked about once a frame.
  [[nodiscard]] bool tells(std::string_view row) const {
    const bool all = format != OutputFormat::kNdjson || seen == nullptr;
    return all || seen->is_new(row);
  }
  [[nodiscard]] bool for_people() const {
    return format == OutputFormat::kTable || format == OutputFormat::kWide;
  }
};

// What no server was asked for, in the form that one would give it.
ApiAnswer answer_made_here(std::string body);

// One object, as a card for people; the exit code. The first column is its name.
int print_object(const View& view, const ApiAnswer& answer, std::span<const Column> columns);

// A list of which the pages come one after the other. As JSON it is the object that one page with
// all the rows would have been. The first column names a row.
class ListPrinter {
 public:
  ListPrinter(const View& view, const char* rows, std::span<const Column> columns);
  void take(const ListPage& page);

 private:
  void take_json(const ListPage& page);

  View view_;
  const char* rows_;
  const char* name_;
  Table table_;
  std::string json_;
};

}  // namespace hourwheel
