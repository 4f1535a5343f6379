// Lists by pages: Link (RFC 8288) leads to the page that next_page_token names, with all that was
// asked.
#include <gtest/gtest.h>

#include <string>

#include "tests/contract/contract.h"
#include "tests/contract/scene.h"

namespace hourwheel::links_test {
namespace {

std::string between(const std::string& text, const std::string& before, char after) {
  const size_t at = text.find(before);
  if (at == std::string::npos) return "";
  const size_t from = at + before.size();
  return text.substr(from, text.find(after, from) - from);
}

size_t count_of(const std::string& text, const std::string& part) {
  size_t count = 0;
  for (size_t at = 0; (at = text.find(part, at)) != std::string::npos; ++at) ++count;
  return count;
}

struct List {
  const char* route;
  const char* target;
  const char* entry;  // stands once in each
  size_t entries;
};

TEST(ContractLinks, LeadThroughAllPages) {
  const Contract contract = our_contract();
  for (const List& list :
       {List{"GET /tasks", "/tasks?page_size=1", "\"schedule_kind\":", 2},
        List{"GET /v1/tasks", "/v1/tasks?page_size=1&state=active&q=r", "\"schedule_kind\":", 2},
        List{"GET /v1/tasks/{id}/runs", "/v1/tasks/daily%2Dreport/runs?page_size=1",
             "\"trigger\":", 3},
        List{"GET /v1/runs", "/v1/runs?state=dead&page_size=1&label=team%3Abilling",
             "\"trigger\":", 2},
        List{"GET /v1/runs", "/v1/runs?state=succeeded%2Cdead&page_size=1&label=team%3Abilling",
             "\"trigger\":", 3}}) {
    Scene scene(contract);
    scene.bury_another();
    size_t entries = 0;
    size_t pages = 0;
    for (std::string target = list.target; !target.empty() && pages < 10; ++pages) {
      const Sent* sent = scene.send({"GET", target, "", {}});
      ASSERT_NE(sent, nullptr) << target;
      ASSERT_EQ(sent->response.status, 200) << target << " " << sent->response.body;
      for (const DocumentedRoute& route : contract.routes()) {
        if (route.name() != list.route) continue;
        EXPECT_EQ(contract.wrong_in(route, sent->response), "");
      }
      entries += count_of(sent->response.body, list.entry);
      const std::string link = sent->field("link");
      target = between(link, "<", '>');
      EXPECT_EQ(link, target.empty() ? "" : "<" + target + ">; rel=\"next\"");
      const std::string token = between(sent->response.body, "\"next_page_token\":\"", '"');
      const bool bare = sent->response.body.starts_with('[');
      EXPECT_EQ(bare ? "" : between(target + "&", "page_token=", '&'), token) << target;
    }
    EXPECT_EQ(entries, list.entries) << list.target;
    EXPECT_GE(pages, list.entries) << list.target;
  }
}

// One of each of two tasks, in flight and known to the shard only.
TEST(ContractLinks, LeadThroughTheOpenRuns) {
  const Contract contract = our_contract();
  Scene scene(contract);
  const Sent* started = scene.send({"POST", std::string("/v1/tasks/") + kTask + "/run", "", {}});
  ASSERT_NE(started, nullptr);
  const std::string second = between(started->response.body, "\"id\":\"", '"');
  std::string target = "/v1/runs?state=running&page_size=1";
  for (const std::string& run : {second, scene.open_run}) {  // as their tasks were made
    const Sent* sent = scene.send({"GET", target, "", {}});
    ASSERT_NE(sent, nullptr) << target;
    for (const DocumentedRoute& route : contract.routes()) {
      if (route.name() != "GET /v1/runs") continue;
      EXPECT_EQ(contract.wrong_in(route, sent->response), "");
    }
    EXPECT_EQ(between(sent->response.body, "\"id\":\"", '"'), run) << sent->response.body;
    EXPECT_EQ(count_of(sent->response.body, "\"trigger\":"), 1U) << sent->response.body;
    target = between(sent->field("link"), "<", '>');
  }
  if (target.empty()) return;
  const Sent* last = scene.send({"GET", target, "", {}});
  ASSERT_NE(last, nullptr);
  EXPECT_EQ(last->response.body, R"({"runs":[]})");
}

}  // namespace
}  // namespace hourwheel::links_test
