// The real server under a service manager: what it says over its life.
#include <csignal>
#include <string>

#include "tests/e2e/fixture.h"
#include "tests/support/manager_socket.h"

namespace hourwheel {
namespace {

// Signs of life come between.
std::string next_but_alive(const ManagerSocket& manager) {
  std::string heard = manager.await();
  while (heard == "WATCHDOG=1") heard = manager.await();
  return heard;
}

TEST(UnderAManager, ItSaysWhenItServesReadsAgainAndStops) {
  Node node;
  const ManagerSocket manager(node.folder() + ".notify");
  ASSERT_TRUE(manager.bound());
  node.set_environment({"NOTIFY_SOCKET=" + node.folder() + ".notify"});
  ASSERT_TRUE(node.start());
  EXPECT_EQ(manager.await(), "READY=1\nSTATUS=Serving 127.0.0.1:" + std::to_string(node.port()));
  EXPECT_EQ(node.call("GET", "/readyz").status, 200);
  node.server().send_signal(SIGHUP);
  const std::string reloading = manager.await();
  EXPECT_TRUE(reloading.starts_with("RELOADING=1\nMONOTONIC_USEC=")) << reloading;
  EXPECT_GT(std::stoll(reloading.substr(reloading.rfind('=') + 1)), 0);
  EXPECT_EQ(manager.await(), "READY=1");
  const auto exit = node.stop();
  ASSERT_TRUE(exit);
  EXPECT_EQ(exit->code, 0);
  EXPECT_EQ(manager.await(), "STOPPING=1\nSTATUS=Waiting for what is in flight");
  EXPECT_EQ(manager.next(), "nothing");
}

TEST(UnderAManager, ItGivesSignsOfLifeWhereTheyAreWanted) {
  Node node;
  const ManagerSocket manager("@" + node.folder());
  ASSERT_TRUE(manager.bound());
  node.set_environment({"NOTIFY_SOCKET=@" + node.folder(), "WATCHDOG_USEC=100000"});
  ASSERT_TRUE(node.start());
  EXPECT_TRUE(manager.await().starts_with("READY=1\n"));
  EXPECT_EQ(manager.await(), "WATCHDOG=1");
  EXPECT_EQ(manager.await(), "WATCHDOG=1");
  const auto exit = node.stop();
  ASSERT_TRUE(exit);
  EXPECT_EQ(exit->code, 0);
  EXPECT_TRUE(next_but_alive(manager).starts_with("STOPPING=1\n"));
}

}  // namespace
}  // namespace hourwheel
