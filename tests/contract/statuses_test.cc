// Every status that openapi.yaml documents for a route comes about, and the answer is as
// documented; so is every answer that should have had another status.
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>

#include "tests/contract/contract.h"
#include "tests/contract/provoking.h"
#include "tests/contract/scene.h"

namespace hourwheel::statuses_test {
namespace {

TEST(ContractStatuses, EachComesAboutAsDocumented) {
  const Contract contract = our_contract();
  for (const DocumentedRoute& route : contract.routes()) {
    for (const std::string& status : contract.statuses(route)) {
      Scene scene(contract);
      const auto answer = provoke(scene, route, status);
      if (!answer) {
        ADD_FAILURE() << route.name() << ": no request leads to " << status;
        continue;
      }
      EXPECT_EQ(std::to_string(answer->status), status) << route.name() << " " << answer->body;
      EXPECT_EQ(contract.wrong_in(route, *answer), "") << route.name() << " " << status;
    }
  }
}

TEST(ContractStatuses, NothingElseComesBack) {
  const Contract contract = our_contract();
  for (const DocumentedRoute& route : contract.routes()) {
    for (const HttpResponse& answer : try_everything(contract, route)) {
      EXPECT_EQ(contract.wrong_in(route, answer), "") << route.name() << " " << answer.status;
    }
  }
}

TEST(ContractStatuses, OtherMethodsAreRefusedWithThoseThatAreDocumented) {
  const Contract contract = our_contract();
  std::map<std::string, std::string> methods;
  for (const DocumentedRoute& route : contract.routes()) {
    std::string& of_path = methods[route.path];
    of_path += of_path.empty() ? route.method : ", " + route.method;
  }
  Scene scene(contract);
  for (const auto& [path, documented] : methods) {
    const Sent* sent = scene.send({"OPTIONS", path, "", {}});
    ASSERT_NE(sent, nullptr) << path;
    EXPECT_EQ(sent->response.status, 405) << path;
    std::set<std::string> wanted;
    std::set<std::string> allowed;
    auto split = [](std::string all, std::set<std::string>& into) {
      for (size_t at = 0; (at = all.find(", ")) != std::string::npos; all.erase(0, at + 2)) {
        into.insert(all.substr(0, at));
      }
      into.insert(all);
    };
    split(documented, wanted);
    split(sent->field("allow"), allowed);
    EXPECT_EQ(allowed, wanted) << path;
    EXPECT_EQ(contract.wrong_in("Problem", sent->response.body), "") << path;
  }
}

}  // namespace
}  // namespace hourwheel::statuses_test
