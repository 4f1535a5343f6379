// Requests that could be read in two ways, against the whole server: each is refused or ends its
// connection, and what lies behind it is never served (security: request smuggling).
#include "tests/e2e/fixture.h"
#include "tests/net/hostile_heads.h"

namespace hourwheel::hostile_test {
namespace {

TEST(Hostile, NoRequestIsSmuggledBehindAnother) {
  Node node;
  ASSERT_TRUE(node.start());
  const auto all = hostile_requests();
  EXPECT_GE(all.size(), 28U);
  for (const HostileRequest& hostile : all) {
    SCOPED_TRACE(hostile.name);
    HttpClient client(node.port(), 5'000);
    ASSERT_TRUE(client.send(hostile.bytes));
    auto answer = client.receive();
    if (hostile.answer_status >= 400) {
      ASSERT_TRUE(answer);
      EXPECT_EQ(answer->status, hostile.answer_status);
    }
    EXPECT_EQ(client.receive_all(), "") << "a second answer";
  }
  EXPECT_EQ(200, node.call("GET", "/livez").status);
}

}  // namespace
}  // namespace hourwheel::hostile_test
