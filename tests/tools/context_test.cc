// Contexts: the file, the verbs, and which server and key a command takes.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "tests/support/temp_folder.h"
#include "tests/tools/asked_program.h"
#include "tools/hourwheel/options_context.h"

namespace hourwheel::context_test {
namespace {

class ContextTest : public testing::Test {
 protected:
  ContextTest() { std::filesystem::create_directories(folder_.file("hourwheel")); }

  std::string file() const { return folder_.file("hourwheel/config.toml"); }
  void write(const std::string& path, const std::string& text, mode_t mode = 0600) const {
    std::ofstream(path) << text;
    chmod(path.c_str(), mode);
  }
  FinishedProgram run(const std::string& arguments, const std::string& variables = "") const {
    return run_program("unset HOURWHEEL_URL HOURWHEEL_TOKEN; " + variables + " XDG_CONFIG_HOME=" +
                       folder_.path() + " " + program("hourwheel") + " " + arguments + " 2>&1");
  }

  test::TempFolder folder_;
};

TEST_F(ContextTest, TheFirstOneIsTheCurrentOne) {
  EXPECT_EQ(run("context set a --server http://a").code, 0);
  EXPECT_EQ(run("context set b --server http://b --key-file /k").code, 0);
  EXPECT_EQ(run("context list -o name").output, "a\nb\n");
  EXPECT_TRUE(has(run("context list").output, "a     *        http://a  -\n"));
  EXPECT_EQ(run("context use b").output, "current context: b\n");
  EXPECT_EQ(run("context remove b").output, "current context: none\n");
  EXPECT_EQ(run("context list -o name").output, "a\n");
  struct stat found {};
  ASSERT_EQ(stat(file().c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 0777U, 0600U);
}

TEST_F(ContextTest, ProgramsGetTheContextThatWasSet) {
  const std::string tail =
      R"("current":"*","key_file":null,"ca":null,"client_certificate":null,"client_key":null})";
  EXPECT_EQ(run("context set a --server http://a -o json").output,
            R"({"name":"a","server":"http://a",)" + tail + "\n");
  EXPECT_EQ(run("context set a --server http://b -o ndjson").output,
            R"({"name":"a","server":"http://b",)" + tail + "\n");
  EXPECT_EQ(run("context use a -o name").output, "a\n");
}

TEST_F(ContextTest, WhatIsNotThereIsSaidSo) {
  EXPECT_EQ(run("context use nobody").code, 3);
  EXPECT_EQ(run("context show nobody").code, 3);
  EXPECT_EQ(run("context set new").code, 2);
  EXPECT_EQ(run("context set a.b --server http://a").code, 2);
  EXPECT_EQ(run("task list --context nobody").code, 2);
}

TEST_F(ContextTest, AFlagGoesBeforeTheEnvironmentAndThatBeforeTheContext) {
  write(file(),
        "current = \"a\"\n[contexts.a]\nserver = \"http://a\"\n[contexts.b]\n"
        "server = \"http://127.0.0.1:2/\"\n");
  EXPECT_TRUE(has(run("context show").output, "http://a\nBECAUSE OF:  context a"));
  EXPECT_TRUE(has(run("context show", "HOURWHEEL_URL=http://e").output,
                  "http://e\nBECAUSE OF:  HOURWHEEL_URL"));
  EXPECT_TRUE(has(run("task list --context b", "HOURWHEEL_URL=http://127.0.0.1:3").output,
                  "http://127.0.0.1:2/v1/tasks"));
  EXPECT_TRUE(has(run("task list --server http://127.0.0.1:1", "HOURWHEEL_URL=http://e").output,
                  "http://127.0.0.1:1/v1/tasks"));
  EXPECT_EQ(run("task list --server http://127.0.0.1:1 --context b").code, 2);
}

TEST_F(ContextTest, AKeyGoesOnlyToTheServerOfItsContext) {
  CannedServer server;
  write(folder_.file("key"), "hw_secret\r\n");
  write(file(), "current = \"a\"\n[contexts.a]\nserver = \"" + server.url() + "\"\nkey_file = \"" +
                    folder_.path() + "/key\"\n");
  for (const char* arguments : {"task list", "task list --context a"}) {
    Pipe client = begin_program("XDG_CONFIG_HOME=" + folder_.path() + " " + program("hourwheel") +
                                " " + arguments);
    server.answer(200, R"({"tasks":[]})");
    EXPECT_TRUE(has(server.head(), "Authorization: Bearer hw_secret\r\n")) << server.head();
    finish_program(std::move(client));
  }
  Pipe client = begin_program("XDG_CONFIG_HOME=" + folder_.path() + " " + program("hourwheel") +
                              " task list --server " + server.url());
  server.answer(200, R"({"tasks":[]})");
  EXPECT_FALSE(has(server.head(), "Authorization")) << server.head();
  finish_program(std::move(client));
}

TEST_F(ContextTest, KeysThatOthersCanReadAreRefused) {
  write(folder_.file("key"), "hw_secret\n", 0640);
  write(file(), "[contexts.a]\nserver = \"http://127.0.0.1:1\"\nkey_file = \"" + folder_.path() +
                    "/key\"\n");
  EXPECT_TRUE(has(run("task list --context a").output, "others can read it: chmod 600"));
  write(file(), "[contexts.a]\nserver = \"http://127.0.0.1:1\"\nkey = \"hw_secret\"\n", 0644);
  EXPECT_EQ(run("task list --context a").code, 2);
  write(file(), "[contexts.a]\nserver = \"http://127.0.0.1:1\"\nkey = \"hw_secret\"\n", 0600);
  EXPECT_EQ(run("task list --context a").code, 6);
  EXPECT_FALSE(has(run("context show a").output, "hw_secret"));
}

TEST_F(ContextTest, WhatWouldNotBeReadBackIsNotStored) {
  for (const char* wrong :
       {"--server 'http://a#b'", "--server 'http://a\"b'", "--server 'http://a\\b'",
        "--server \"$(printf 'http://a\\nb')\"", "--server http://a --key-file '/k#1'"}) {
    EXPECT_EQ(run(std::string("context set a ") + wrong).code, 2) << wrong;
  }
  EXPECT_EQ(run("context list").code, 0);
}

TEST_F(ContextTest, AKeyFileIsNamedForEveryFolder) {
  const std::string set = "context set a --server http://a --key-file my.key";
  EXPECT_EQ(run(set, "cd " + folder_.path() + ";").code, 0);
  EXPECT_TRUE(has(run("context list").output, folder_.file("my.key")))
      << run("context list").output;
}

TEST_F(ContextTest, TheFilesOfTlsAreKept) {
  EXPECT_EQ(run("context set a --server https://a --ca ca.pem --client-certificate c.pem "
                "--client-key c.key",
                "cd " + folder_.path() + ";")
                .code,
            0);
  const std::string shown = run("context show a -o json").output;
  for (const char* member : {"\"ca\"", "\"client_certificate\"", "\"client_key\""}) {
    EXPECT_TRUE(has(shown, member)) << shown;
  }
  EXPECT_EQ(run("context set a --ca /other.pem").code, 0);
  EXPECT_TRUE(has(run("context show a -o json").output, "/other.pem"));
  EXPECT_TRUE(has(run("context show a -o json").output, folder_.file("c.key")));
  EXPECT_EQ(run("context set a --client-key c.key").code, 2) << "without its certificate";
  EXPECT_EQ(run("context set a --ca ''").code, 2);
}

// The flag, then the environment, then the context; that of a context for its server only.
TEST_F(ContextTest, WhatIsTrustedComesFromTheSamePlacesAsTheServer) {
  // None of the files is there: the one that was meant is named. The server is only connected to.
  auto trusted = [this](std::string arguments, const std::string& variables = "") {
    const CannedServer server;
    const std::string url = "https" + server.url().substr(std::string("http").size());
    write(file(),
          "current = \"a\"\n[contexts.a]\nserver = \"" + url + "\"\nca = \"/of-context\"\n");
    if (arguments.ends_with("--server ")) arguments += url;
    const std::string output = run("task list " + arguments, variables).output;
    const std::string before = "be read from ";
    const size_t at = output.find(before);
    if (at == std::string::npos) return output;
    return output.substr(at + before.size(), output.find('\n', at) - at - before.size());
  };
  const std::string variable = "HOURWHEEL_CA=/of-environment";
  EXPECT_EQ(trusted(""), "/of-context");
  EXPECT_EQ(trusted("", variable), "/of-environment");
  EXPECT_EQ(trusted("--context a", variable), "/of-context");
  EXPECT_EQ(trusted("--ca /of-flag", variable), "/of-flag");
  EXPECT_EQ(trusted("--server ", variable), "/of-environment");
  EXPECT_EQ(trusted("--ca /of-flag --server "), "/of-flag");
}

TEST_F(ContextTest, AFileThatIsThereAndStaysClosedIsAnError) {
  std::filesystem::create_symlink(file(), file());
  FinishedProgram finished = run("task list");
  EXPECT_EQ(finished.code, 2);
  EXPECT_TRUE(has(finished.output, "cannot read " + file())) << finished.output;
}

TEST(ContextFile, WhatNobodyKnowsIsRefused) {
  for (const char* text : {"colour = \"red\"\n", "[contexts.a]\nsever = \"http://a\"\n",
                           "[contexts.a]\nserver = \"http://a#b\"\n"}) {
    std::istringstream in(text);
    EXPECT_FALSE(parse_contexts(in)) << text;
  }
}

}  // namespace
}  // namespace hourwheel::context_test
