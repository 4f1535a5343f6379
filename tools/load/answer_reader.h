// Finds the ids of created tasks in the server's answers. The only user of simdjson in tools/.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace hourwheel {

class AnswerReader {
 public:
  AnswerReader();
  ~AnswerReader();
  AnswerReader(const AnswerReader&) = delete;
  AnswerReader& operator=(const AnswerReader&) = delete;

  // The id of the task in the body; empty when there is none.
  std::string task_id(std::string_view body);

  // The token of the page after this one; empty on the last.
  std::string next_page(std::string_view body);

  struct BatchAnswer {
    std::vector<std::string> created;  // ids of the operations answered 2xx
    size_t refused = 0;                // operations answered otherwise
  };
  BatchAnswer batch(std::string_view body);

 private:
  std::string text_of(std::string_view body, std::string_view member);

  struct Parser;
  std::unique_ptr<Parser> parser_;
};

}  // namespace hourwheel
