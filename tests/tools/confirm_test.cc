// What cannot be taken back is asked about: what the question says, and that nothing is done
// without a yes.
#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

#include "tests/support/temp_folder.h"
#include "tests/tools/asked_program.h"
#include "tests/tools/virtual_terminal.h"
#include "tools/hourwheel/answer_text.h"
#include "tools/hourwheel/key_commands.h"
#include "tools/hourwheel/secret_commands.h"
#include "tools/hourwheel/task_commands.h"

namespace hourwheel::confirm_test {
namespace {

const Answer kKey{200, R"({"id":"k1","name":"ci","quotas":{"tasks":3,"max_tasks":9}})"};
const Answer kSecret{200, R"({"name":"crm","version":17})"};

struct Seen {
  std::vector<std::string> requests;
  std::vector<std::string> questions;
  std::string printed;
  std::string told;
  int code = 0;
};

// At a terminal where somebody says that, against a server with these answers.
template <class Choice, class Verb>
Seen at_terminal(Choice options, Verb verb, const std::string& said,
                 const std::vector<Answer>& answers) {
  CannedServer server;
  options.server.url = server.url();
  TerminalFacts facts;
  facts.can_ask = true;
  VirtualTerminal terminal(facts);
  terminal.will_say(said);
  Seen seen;
  std::thread answering([&] {
    for (const Answer& one : answers) {
      std::string request = server.answer(one.status, one.body);
      seen.requests.push_back(request.substr(0, request.find(" HTTP")));
    }
  });
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  seen.code = verb(options, terminal);
  seen.printed = testing::internal::GetCapturedStdout();
  seen.told = testing::internal::GetCapturedStderr();
  answering.join();
  seen.questions = terminal.questions();
  return seen;
}

KeyOptions revoked(bool yes) {
  KeyOptions options;
  options.verb = KeyVerb::kRevoke;
  options.id = "k1";
  options.yes = yes;
  return options;
}

SecretOptions deleted(bool yes) {
  SecretOptions options;
  options.verb = SecretVerb::kDelete;
  options.name = "crm";
  options.yes = yes;
  return options;
}

using Texts = std::vector<std::string>;

TEST(Confirm, AKeyIsRevokedWhenSomebodyAgrees) {
  const Seen seen = at_terminal(revoked(false), run_key_command, "y", {kKey, kKey});
  EXPECT_EQ(seen.questions, (Texts{"1 key would be revoked for good: k1 (ci), which made 3 of the "
                                   "tasks. Go on? [y/N]"}));
  EXPECT_EQ(seen.requests, (Texts{"GET /v1/keys/k1", "DELETE /v1/keys/k1"}));
  EXPECT_EQ(seen.printed, "revoked k1\n");
  EXPECT_EQ(seen.code, kOk);
}

TEST(Confirm, WithoutAYesNothingIsRevokedOrDeleted) {
  for (const char* said : {"", "n", "no", "yes please", "k1"}) {
    const Seen key = at_terminal(revoked(false), run_key_command, said, {kKey});
    EXPECT_EQ(key.requests, (Texts{"GET /v1/keys/k1"})) << said;
    EXPECT_EQ(key.told, "nothing was changed\n") << said;
    EXPECT_EQ(key.printed, "") << said;
    EXPECT_EQ(key.code, kFailure) << said;
    const Seen secret = at_terminal(deleted(false), run_secret_command, said, {kSecret});
    EXPECT_EQ(secret.requests, (Texts{"GET /v1/secrets/crm"})) << said;
    EXPECT_EQ(secret.code, kFailure) << said;
  }
}

TEST(Confirm, YesOnTheCommandLineIsNotAskedFor) {
  const Seen key = at_terminal(revoked(true), run_key_command, "n", {kKey});
  EXPECT_EQ(key.requests, (Texts{"DELETE /v1/keys/k1"}));
  EXPECT_EQ(key.questions, Texts{});
  EXPECT_EQ(key.code, kOk);
  const Seen secret = at_terminal(deleted(true), run_secret_command, "n", {kSecret});
  EXPECT_EQ(secret.requests, (Texts{"DELETE /v1/secrets/crm"}));
  EXPECT_EQ(secret.questions, Texts{});
}

TEST(Confirm, ASecretIsNamedAndWhatNeedsIt) {
  const Seen seen = at_terminal(deleted(false), run_secret_command, "yes", {kSecret, kSecret});
  EXPECT_EQ(seen.questions,
            (Texts{"1 secret would be deleted for good: crm. Attempts of tasks that "
                   "name it fail from then on. Go on? [y/N]"}));
  EXPECT_EQ(seen.requests, (Texts{"GET /v1/secrets/crm", "DELETE /v1/secrets/crm"}));
  EXPECT_EQ(seen.printed, "deleted crm\n");
}

TEST(Confirm, WhatIsNotThereIsNotAskedAbout) {
  const Answer none{404, R"({"code":"not-found","detail":"no"})"};
  for (const Seen& seen : {at_terminal(revoked(false), run_key_command, "y", {none}),
                           at_terminal(deleted(false), run_secret_command, "y", {none})}) {
    EXPECT_EQ(seen.questions, Texts{});
    EXPECT_EQ(seen.code, kNotFound);
  }
}

TEST(Confirm, TasksThatMatchAreCountedAndLeftAloneWithoutAYes) {
  TaskOptions options;
  options.verb = TaskVerb::kDelete;
  options.choice.state = "completed";
  const Seen seen = at_terminal(options, run_task_command, "n", {{200, R"({"matched":3})"}});
  EXPECT_EQ(seen.questions, (Texts{"3 tasks would be changed (delete). Go on? [y/N]"}));
  EXPECT_EQ(seen.requests, (Texts{"POST /v1/tasks:bulk"}));
  EXPECT_EQ(seen.told, "nothing was changed\n");
  EXPECT_EQ(seen.code, kFailure);
}

// --- where nobody can be asked ---

TEST(ConfirmNobody, TheCommandLineHasToSayYes) {
  Asked key = ask_all("key revoke k1 </dev/null", {kKey});
  EXPECT_EQ(key.client.code, 2);
  EXPECT_EQ(
      key.client.output,
      "hourwheel: 1 key would be revoked for good: k1 (ci), which made 3 of the tasks. Go on? "
      "Nobody can be asked here: say --yes.\n");
  Asked secret = ask_all("secret delete crm </dev/null", {kSecret});
  EXPECT_EQ(secret.client.code, 2);
  EXPECT_TRUE(has(secret.client.output, "say --yes")) << secret.client.output;
}

TEST(ConfirmNobody, InADataFolderToo) {
  const test::TempFolder folder;
  const std::string data = " --data " + folder.file("data");
  const FinishedProgram made = run_program(
      program("hourwheel") + " key create --name first --role admin" + data + " 2>/dev/null");
  ASSERT_EQ(made.code, 0) << made.output;
  const std::string id = made.output.substr(3, made.output.find('_', 3) - 3);  // hw_ID_SECRET
  const FinishedProgram refused = run_alone("key revoke " + id + data + " </dev/null");
  EXPECT_EQ(refused.code, 2) << refused.output;
  EXPECT_TRUE(has(refused.output, "1 key would be revoked for good: " + id + " (first). Go on?"))
      << refused.output;
  EXPECT_TRUE(has(run_alone("key list" + data).output, id));
  EXPECT_EQ(run_alone("key revoke " + id + data + " --yes </dev/null").output,
            "revoked " + id + "\n");
  EXPECT_FALSE(has(run_alone("key list" + data).output, id));
  EXPECT_EQ(run_alone("key revoke " + id + data + " </dev/null").code, 3) << "it is not there";
}

}  // namespace
}  // namespace hourwheel::confirm_test
