// The orderly stop that a client asks for.
#include "tests/e2e/fixture.h"

namespace hourwheel::drain_test {
namespace {

TEST(Drain, AClientMayStopTheServerAndTheAuditLogTells) {  // C-26
  Node node;
  // Whether the last answer leaves before a reactor goes to sleep is a matter of chance.
  for (int round = 0; round < 5; ++round) {
    ASSERT_TRUE(node.start());
    EXPECT_EQ(202, node.call("POST", "/v1/admin/drain").status);
    auto exit = node.server().wait_for_exit(kPatience);
    ASSERT_TRUE(exit && exit->code) << "it neither ends nor exits";
    EXPECT_EQ(0, *exit->code);
  }
  ASSERT_TRUE(node.start());
  EXPECT_NE(std::string::npos, node.call("GET", "/v1/audit").body.find(R"("action":"drain")"));
}

}  // namespace
}  // namespace hourwheel::drain_test
