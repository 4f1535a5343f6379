#include "tests/e2e/crowd.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/http_client.h"

namespace hourwheel {
namespace {

constexpr size_t kBatch = 1'000;

}  // namespace

void create_crowd(const Node& node, const Crowd& crowd) {
  HttpClient client(node.port(), 30'000);
  for (size_t made = 0; made < crowd.size; made += kBatch) {
    const size_t count = std::min(kBatch, crowd.size - made);
    std::string body = R"({"operations":[)";
    for (size_t i = 0; i < count; ++i) {
      body += i == 0 ? "" : ",";
      body += R"({"op":"create","task":{"id":")" + crowd.id + "-" + std::to_string(made + i) +
              R"(","schedule":)" + crowd.schedule + crowd.more + "}}";
    }
    body += "]}";
    auto answer = client.request("POST", "/v1/tasks:batch", body, kJsonFields);
    ASSERT_TRUE(answer);
    ASSERT_EQ(200, answer->status) << answer->body;
    size_t created = 0;
    constexpr std::string_view kCreated = R"("status":201)";
    for (size_t at = answer->body.find(kCreated); at != std::string::npos;
         at = answer->body.find(kCreated, at + 1)) {
      ++created;
    }
    ASSERT_EQ(count, created) << answer->body.substr(0, 2'000);
  }
}

}  // namespace hourwheel
