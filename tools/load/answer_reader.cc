#include "tools/load/answer_reader.h"

#include <simdjson.h>

namespace hourwheel {

struct AnswerReader::Parser {
  simdjson::dom::parser dom;
};

AnswerReader::AnswerReader() : parser_(std::make_unique<Parser>()) {}
AnswerReader::~AnswerReader() = default;

std::string AnswerReader::task_id(std::string_view body) {
  return text_of(body, "id");
}

std::string AnswerReader::next_page(std::string_view body) {
  return text_of(body, "next_page_token");
}

// The string that is a member of the body; empty when there is none.
std::string AnswerReader::text_of(std::string_view body, std::string_view member) {
  std::string_view text;
  auto document = parser_->dom.parse(body.data(), body.size());
  if (document[member].get(text) != simdjson::SUCCESS) {
    return {};
  }
  return std::string(text);
}

AnswerReader::BatchAnswer AnswerReader::batch(std::string_view body) {
  BatchAnswer answer;
  simdjson::dom::array results;
  auto document = parser_->dom.parse(body.data(), body.size());
  if (document["results"].get(results) != simdjson::SUCCESS) {
    return answer;
  }
  for (simdjson::dom::element result : results) {
    int64_t status = 0;
    std::string_view id;
    bool created = result["status"].get(status) == simdjson::SUCCESS && status >= 200 &&
                   status < 300 && result["id"].get(id) == simdjson::SUCCESS;
    if (created) {
      answer.created.emplace_back(id);
    } else {
      ++answer.refused;
    }
  }
  return answer;
}

}  // namespace hourwheel
