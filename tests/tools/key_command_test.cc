// `key`: what it prints, for people and for programs, of a server and of a data folder.
#include <gtest/gtest.h>

#include <string>

#include "tests/support/temp_folder.h"
#include "tests/tools/asked_program.h"
#include "tools/hourwheel/json_text.h"

namespace hourwheel::key_command_test {
namespace {

constexpr const char* kKey =
    R"({"id":"k1","name":"ci","scopes":["tasks:read"],"selection":{"team":"a","env":"x"},)"
    R"("quotas":{"max_tasks":9,"tasks":3}})";
constexpr const char* kNewKey =
    R"({"id":"k1","name":"ci","scopes":["tasks:read"],"key":"hw_k1_secret"})";

TEST(KeyCommand, TheListIsATableOrWhatTheServerSaid) {
  const std::string page = "{\"keys\":[" + std::string(kKey) + "]}";
  Asked table = ask_all("key list", {{200, page}});
  for (const char* part : {"ID  NAME", "k1  ci", "MAX TASKS", "SELECTION", "team:a, env:x"}) {
    EXPECT_TRUE(has(table.client.output, part)) << table.client.output;
  }
  EXPECT_EQ(ask_all("key list -o json", {{200, page}}).client.output, page + "\n");
  EXPECT_EQ(ask_all("key list -o ndjson", {{200, page}}).client.output, std::string(kKey) + '\n');
  EXPECT_EQ(ask_all("key list -o name", {{200, page}}).client.output, "k1\n");
}

TEST(KeyCommand, ANewKeyIsPrintedWhateverTheFormat) {
  Asked shown = ask_all("key create --name ci", {{201, kNewKey}});
  EXPECT_TRUE(shown.client.output.starts_with("hw_k1_secret\n")) << shown.client.output;
  EXPECT_TRUE(has(shown.client.output, "Its id is k1.\n")) << shown.client.output;
  for (const char* format : {"json", "ndjson"}) {
    EXPECT_EQ(
        ask_all(std::string("key create --name ci -o ") + format, {{201, kNewKey}}).client.output,
        std::string(kNewKey) + '\n');
  }
  const FinishedProgram lost =
      run_alone("key create --name ci -o name --server http://127.0.0.1:1");
  EXPECT_EQ(lost.code, 2);
  EXPECT_EQ(lost.output, "hourwheel: -o name would lose the key, which is shown once\n");
}

TEST(KeyCommand, ALabelNarrowsTheNewKey) {
  const Asked made = ask_all("key create --name ci --label team=a --label env:x", {{201, kNewKey}});
  ASSERT_EQ(made.requests.size(), 1U);
  EXPECT_TRUE(has(made.requests[0], R"("selection":{"team":"a","env":"x"})")) << made.requests[0];
  const Asked whole = ask_all("key create --name ci", {{201, kNewKey}});
  EXPECT_FALSE(has(whole.requests.at(0), "selection")) << whole.requests[0];
  EXPECT_EQ(run_alone("key create --name ci --label team --server http://127.0.0.1:1").code, 2);
}

TEST(KeyCommand, ARevokedKeyIsPrintedForPrograms) {
  EXPECT_EQ(ask_all("key revoke k1 --yes", {{200, kKey}}).client.output, "revoked k1\n");
  EXPECT_EQ(ask_all("key revoke k1 --yes -o json", {{200, kKey}}).client.output,
            std::string(kKey) + '\n');
  EXPECT_EQ(ask_all("key revoke k1 --yes -o name", {{200, kKey}}).client.output, "k1\n");
}

TEST(KeyCommand, ADataFolderAnswersAsAServerDoes) {
  const test::TempFolder folder;
  const std::string data = " --data " + folder.file("data");
  const FinishedProgram made = run_alone("key create --name ci --role viewer -o json" + data);
  ASSERT_EQ(made.code, 0) << made.output;
  auto key = JsonText::read(made.output);
  ASSERT_TRUE(key.has_value()) << made.output;
  ASSERT_TRUE(key->top().find("id") && key->top().find("key")) << made.output;
  const std::string id(key->top().find("id")->text());
  EXPECT_TRUE(key->top().find("key")->text().starts_with("hw_" + id + "_")) << made.output;
  EXPECT_EQ(run_alone("key list -o name" + data).output, id + "\n");
  EXPECT_TRUE(
      run_alone("key list -o json" + data).output.starts_with("{\"keys\":[{\"id\":\"" + id));
  EXPECT_TRUE(has(run_alone("key list" + data).output, id + "  ci"));
  const FinishedProgram gone = run_alone("key revoke -o json --yes " + id + data);
  EXPECT_TRUE(gone.output.starts_with("{\"id\":\"" + id + "\",\"name\":\"ci\"")) << gone.output;
  EXPECT_EQ(run_alone("key list -o json" + data).output, "{\"keys\":[]}\n");
}

}  // namespace
}  // namespace hourwheel::key_command_test
