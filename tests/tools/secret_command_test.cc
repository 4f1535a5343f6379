// `secret`: what it asks a server, what it prints, and that no value shows.
#include <gtest/gtest.h>

#include "tests/tools/asked_program.h"

namespace hourwheel::secret_command_test {
namespace {

constexpr const char* kSecret =
    R"({"name":"crm","version":17,"hosts":["a.example"],"created_at":"2030-01-01T00:00:00.000Z",)"
    R"("updated_at":"2030-01-01T00:00:00.000Z"})";

TEST(SecretCommand, AValueComesFromStandardInputWithoutItsLastLineEnd) {
  Asked asked =
      ask_all("secret set crm --from-file - --host a.example --host b.example --keep-previous 24h",
              {{201, kSecret}}, "printf 'two\\nlines\\r\\n' |");
  EXPECT_EQ(asked.requests[0],
            "PUT /v1/secrets/crm HTTP/1.1\n"
            R"({"value_base64":"dHdvCmxpbmVz","hosts":["a.example","b.example"],)"
            R"("keep_previous":"P1D"})");
  EXPECT_EQ(asked.client.output, "created crm\n");
  EXPECT_EQ(asked.client.code, 0);
}

TEST(SecretCommand, HostsStayUnlessOthersAreNamed) {
  const std::string set = "secret set crm --from-file -";
  Asked kept = ask_all(set, {{200, kSecret}}, "echo x |");
  EXPECT_FALSE(has(kept.requests[0], "hosts")) << kept.requests[0];
  EXPECT_EQ(kept.client.output, "replaced crm\n");
  Asked any = ask_all(set + " --any-host", {{200, kSecret}}, "echo x |");
  EXPECT_TRUE(has(any.requests[0], R"("hosts":[])")) << any.requests[0];
  EXPECT_EQ(run_alone(set + " --any-host --host a.example </dev/null").code, 2);
}

TEST(SecretCommand, WhoCannotBeAskedIsToldHow) {
  const FinishedProgram alone = run_alone("secret set crm </dev/null");
  EXPECT_EQ(alone.code, 2);
  EXPECT_TRUE(has(alone.output, "--from-file")) << alone.output;
  EXPECT_EQ(run_alone("secret set crm --from-file /dev/null").code, 2) << "it is empty";
  EXPECT_EQ(run_alone("secret set crm the-value </dev/null").code, 2) << "no value in arguments";
}

TEST(SecretCommand, TheListIsATable) {
  const std::string page = "{\"secrets\":[" + std::string(kSecret) + "]}";
  Asked asked = ask_all("secret list", {{200, page}});
  EXPECT_TRUE(asked.requests[0].starts_with("GET /v1/secrets HTTP/1.1"));
  for (const char* part : {"NAME", "crm", "17", "a.example"}) {
    EXPECT_TRUE(has(asked.client.output, part)) << part << " in " << asked.client.output;
  }
  EXPECT_EQ(ask_all("secret list -o json", {{200, page}}).client.output, page + "\n");
  EXPECT_EQ(ask_all("secret list -o ndjson", {{200, page}}).client.output,
            std::string(kSecret) + '\n');
  EXPECT_EQ(ask_all("secret list -o name", {{200, page}}).client.output, "crm\n");
}

TEST(SecretCommand, WhatIsKeptOrDeletedIsPrintedForPrograms) {
  const std::string line = std::string(kSecret) + '\n';
  for (const char* verb : {"secret set crm --from-file - ", "secret delete crm --yes "}) {
    const std::string said = verb;
    EXPECT_EQ(ask_all(said + "-o json", {{200, kSecret}}, "echo x |").client.output, line) << said;
    EXPECT_EQ(ask_all(said + "-o ndjson", {{200, kSecret}}, "echo x |").client.output, line);
    EXPECT_EQ(ask_all(said + "-o name", {{200, kSecret}}, "echo x |").client.output, "crm\n");
  }
}

TEST(SecretCommand, DeletingNamesIt) {
  Asked asked = ask_all("secret delete crm --yes", {{200, kSecret}});
  EXPECT_TRUE(asked.requests[0].starts_with("DELETE /v1/secrets/crm HTTP/1.1"));
  EXPECT_EQ(asked.client.output, "deleted crm\n");
  EXPECT_EQ(
      ask_all("secret delete crm", {{404, R"({"code":"not-found","detail":"no"})"}}).client.code,
      3);
}

}  // namespace
}  // namespace hourwheel::secret_command_test
