// How far a transfer is: what is written to a terminal, when, and where nothing is.
#include "tools/hourwheel/progress.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

#include "tests/support/temp_folder.h"
#include "tests/tools/canned_server.h"
#include "tests/tools/virtual_terminal.h"
#include "tools/hourwheel/transfer_commands.h"

namespace hourwheel::progress_test {
namespace {

TerminalFacts seen() {
  TerminalFacts facts;
  facts.sees_errors = true;
  return facts;
}

TEST(ProgressText, HasABarOnlyWhereTheEndIsKnown) {
  EXPECT_EQ(progress_text({}, {0, 1234}, seconds(2)), "1234 tasks  617/s");
  EXPECT_EQ(progress_text({false, 200}, {80, 7}, seconds(7)),
            "[############------------------]  40 %  7 tasks  1/s");
  EXPECT_EQ(progress_text({false, 3, "MiB"}, {0, 0}, seconds(1)),
            "[------------------------------]   0 %  0 MiB  0/s");
}

TEST(ProgressText, MoreThanTheWholeIsTheWhole) {
  EXPECT_EQ(progress_text({false, 100}, {300, 1}, Duration{}),
            "[##############################] 100 %  1 tasks  1000/s");
}

TEST(Progress, IsWrittenFromTheFirstSecondOnAndNotAtEachStep) {  // P1
  VirtualTerminal terminal(seen());
  testing::internal::CaptureStderr();
  {
    Progress progress(terminal, {});
    progress.show({0, 1});
    terminal.pass(milliseconds(999));
    progress.show({0, 2});
    terminal.pass(milliseconds(1));
    progress.show({0, 3});
    terminal.pass(milliseconds(99));
    progress.show({0, 4});
    terminal.pass(milliseconds(1));
    progress.show({0, 5});
  }
  EXPECT_EQ(testing::internal::GetCapturedStderr(),
            "\r3 tasks  3/s\033[K\r5 tasks  4/s\033[K\r\033[K");
}

TEST(Progress, LeavesNothingWhereNothingWasWritten) {  // P1
  TerminalFacts facts;
  facts.can_ask = facts.can_redraw = true;  // all is a terminal but standard error
  VirtualTerminal elsewhere(facts);
  VirtualTerminal terminal(seen());
  testing::internal::CaptureStderr();
  {
    Progress unseen(elsewhere, {});
    Progress quiet(terminal, {true});
    Progress early(terminal, {});
    early.show({0, 1});
    elsewhere.pass(seconds(5));
    terminal.pass(seconds(5));
    unseen.show({0, 1});
    quiet.show({0, 1});
    early.clear();
  }
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

// --- of the verbs ---

class TransferProgress : public testing::Test {
 protected:
  TransferProgress() {
    options_.server.url = server_.url();
    options_.file = folder_.file("tasks");
  }

  // What the verb writes to standard error, at a terminal where all takes its time.
  template <class Verb>
  std::string shown(Verb verb, TerminalFacts facts, const std::string& answer) {
    VirtualTerminal terminal(facts);
    terminal.pass_at_each_look(milliseconds(1500));
    std::thread server([&] { server_.answer(200, answer); });
    testing::internal::CaptureStderr();
    testing::internal::CaptureStdout();
    EXPECT_EQ(verb(options_, terminal), 0);
    printed_ = testing::internal::GetCapturedStdout();
    std::string text = testing::internal::GetCapturedStderr();
    server.join();
    return text;
  }

  CannedServer server_;
  test::TempFolder folder_;
  TaskOptions options_;
  std::string printed_;
};

constexpr const char* kTwoTasks = "{\"id\":\"a\"}\n{\"id\":\"b\"}\n";

TEST_F(TransferProgress, AnExportCountsItsTasks) {
  EXPECT_EQ(shown(run_export, seen(), kTwoTasks), "\r2 tasks  1/s\033[K\r\033[K");
  EXPECT_EQ(std::filesystem::file_size(options_.file), std::string(kTwoTasks).size());
}

TEST_F(TransferProgress, AnExportIsQuietWhereItIsToldToOrItsLinesAreSeen) {
  options_.quiet = true;
  EXPECT_EQ(shown(run_export, seen(), kTwoTasks), "");
  options_.quiet = false;
  options_.file = "";
  TerminalFacts facts = seen();
  EXPECT_NE(shown(run_export, facts, kTwoTasks), "") << "its lines go into a pipe";
  facts.can_redraw = true;
  EXPECT_EQ(shown(run_export, facts, kTwoTasks), "");
  EXPECT_EQ(printed_, kTwoTasks);
}

TEST_F(TransferProgress, AnImportHasABarAndThenItsTally) {
  std::ofstream(options_.file) << kTwoTasks;
  const std::string taken = R"({"results":[{"line":1,"status":201,"effect":"created"},
      {"line":2,"status":201,"effect":"created"}]})";
  const std::string tally = "2 lines: 2 created, 0 replaced, 0 unchanged, 0 failed\n";
  EXPECT_EQ(shown(run_import, seen(), taken),
            "\r[##############################] 100 %  2 tasks  1/s\033[K\r\033[K" + tally);
  options_.quiet = true;
  EXPECT_EQ(shown(run_import, seen(), taken), tally);
}

}  // namespace
}  // namespace hourwheel::progress_test
