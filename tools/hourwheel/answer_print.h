// Prints what a server answered in the way that was asked for.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "api/json_reader.h"
#include "tools/hourwheel/answer_text.h"
#include "tools/hourwheel/output_format.h"
#include "tools/hourwheel/page_walk.h"

namespace hourwheel {

// One object; the exit code.
int print_object(OutputFormat format, const ApiAnswer& answer, std::span<const Column> columns);

// A list of which the pages come one after the other. As JSON it is the object that one page with
// all the rows would have been.
class ListPrinter {
 public:
  ListPrinter(OutputFormat format, const char* rows, std::span<const Column> columns)
      : format_(format), rows_(rows), columns_(columns) {}

  void take(const ListPage& page);

 private:
  void take_json(const ListPage& page);

  OutputFormat format_;
  const char* rows_;
  std::span<const Column> columns_;
  std::string json_;
  std::vector<std::vector<std::string>> lines_;
};

}  // namespace hourwheel
