// Every example of openapi.yaml is as its schema says, and what it asks for is answered as
// documented.
#include <gtest/gtest.h>

#include "tests/contract/contract.h"
#include "tests/contract/scene.h"
#include "tools/openapi/json_text.h"

namespace hourwheel::examples_test {
namespace {

// Every schema within that has a default.
void find_defaults(const Tree& place, std::vector<const Tree*>& found) {
  const bool schema = place.find("type") != nullptr || place.find("enum") != nullptr ||
                      place.find("oneOf") != nullptr;
  if (schema && place.find("default") != nullptr) found.push_back(&place);
  for (const Tree& entry : place.entries) find_defaults(entry, found);
  for (const auto& [name, value] : place.members) find_defaults(value, found);
}

TEST(ContractExamples, DefaultsFollowTheirSchemas) {
  const Contract contract = our_contract();
  std::vector<const Tree*> found;
  find_defaults(contract.document(), found);
  for (const Tree* schema : found) {
    EXPECT_EQ(contract.wrong_in(*schema, json_text(*schema->find("default"))), "");
  }
  EXPECT_GT(found.size(), 20U);
}

TEST(ContractExamples, FollowTheirSchemas) {
  const Contract contract = our_contract();
  size_t seen = 0;
  for (const DocumentedRoute& route : contract.routes()) {
    for (const auto& examples :
         {contract.request_examples(route), contract.answer_examples(route)}) {
      for (const Example& example : examples) {
        EXPECT_EQ(contract.wrong_in(example), "");
        ++seen;
      }
    }
  }
  EXPECT_GT(seen, 0U);
}

TEST(ContractExamples, OfRequestsAreAnsweredAsDocumented) {
  const Contract contract = our_contract();
  for (const DocumentedRoute& route : contract.routes()) {
    const auto examples = contract.request_examples(route);
    const bool takes_body = route.about->find("requestBody") != nullptr;
    EXPECT_EQ(examples.empty(), !takes_body) << route.name() << " has a body and no example of it";
    for (const Example& example : examples) {
      Scene scene(contract);
      const Sent* sent = scene.send(scene.ask_of(route, example));
      ASSERT_NE(sent, nullptr) << example.place;
      EXPECT_LT(sent->response.status, 300) << example.place << ": " << sent->response.body;
      EXPECT_EQ(contract.wrong_in(route, sent->response), "") << example.place;
    }
  }
}

}  // namespace
}  // namespace hourwheel::examples_test
