// Completion scripts and the manual page: made of the parser's own table, so nothing is missing.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "tests/tools/asked_program.h"
#include "tools/hourwheel/completion.h"
#include "tools/hourwheel/manual_page.h"
#include "tools/hourwheel/options.h"

namespace hourwheel::shell_test {
namespace {

std::string in_roff(const std::string& text) {
  std::string out;
  for (char c : text) out += c == '-' ? "\\-" : std::string(1, c);
  return out;
}

TEST(VerbTable, HasTheVerbsAndTheOptionsOfTheirGroups) {
  const VerbWords top = verb_table();
  size_t options = 0;
  bool found = false;
  for (const VerbWords* verb : flattened(top)) {
    options += verb->options.size();
    if (verb->path != "task list") continue;
    for (const OptionWords& option : verb->options) {
      if (option.names.front() != "--output") continue;
      found = true;
      EXPECT_EQ(option.names.back(), "-o");
      EXPECT_EQ(option.choices.size(), 5U);
    }
  }
  EXPECT_TRUE(found);
  EXPECT_GT(flattened(top).size(), 40U);
  EXPECT_GT(options, 200U);
}

TEST(VerbTable, EveryVerbSaysWhatItDoesAndGroupsAsideHasExamples) {
  const VerbWords top = verb_table();
  for (const VerbWords* verb : flattened(top)) {
    EXPECT_NE(verb->what, "") << verb->path;
    for (const OptionWords& option : verb->options) {
      EXPECT_NE(option.what, "") << verb->path << " " << option.names.front();
    }
  }
}

TEST(Completion, EveryVerbAndOptionIsInEachScript) {
  const VerbWords top = verb_table();
  const std::string bash = completion_script(Shell::kBash, top);
  const std::string zsh = completion_script(Shell::kZsh, top);
  const std::string fish = completion_script(Shell::kFish, top);
  for (const VerbWords* verb : flattened(top)) {
    const std::string path = "'" + verb->path + "'";
    EXPECT_TRUE(has(bash, path) && has(zsh, path) && has(fish, path)) << path;
    for (const OptionWords& option : verb->options) {
      if (!option.has_dashes) continue;
      for (const std::string& name : option.names) {
        EXPECT_TRUE(has(bash, name) && has(zsh, "'" + name + ":")) << name;
        const std::string flag =
            name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
        EXPECT_TRUE(has(fish, flag)) << flag;
      }
    }
  }
}

TEST(Completion, TheParserOfBashTakesItsScript) {
  EXPECT_EQ(run_program(program("hourwheel") + " completion bash | bash -n 2>&1").output, "");
}

// What bash offers for the last of the words.
std::string offered(const std::string& words) {
  return run_program("bash -c 'source <(" + program("hourwheel") +
                     " completion bash); COMP_WORDS=(" + words +
                     "); COMP_CWORD=$((${#COMP_WORDS[@]}-1)); _hourwheel; "
                     "echo \"${COMPREPLY[@]}\"' 2>&1")
      .output;
}

TEST(Completion, BashOffersVerbsOptionsAndValues) {
  EXPECT_EQ(offered("hourwheel ver"), "version\n");
  EXPECT_EQ(offered("hourwheel task appl"), "apply\n");
  EXPECT_EQ(offered("hourwheel task list --lab"), "--label\n");
  EXPECT_EQ(offered("hourwheel task list -o nd"), "ndjson\n");
  EXPECT_EQ(offered("hourwheel completion \"\""), "bash fish zsh\n");
}

TEST(Completion, IdsComeFromTheServer) {
  Asked asked = ask_all("__complete tasks re",
                        {{200, R"({"tasks":[{"id":"report"},{"id":"more"},{"id":"rest"}]})"}});
  EXPECT_EQ(asked.requests[0], "GET /v1/tasks?page_size=100&q=re HTTP/1.1\n");
  EXPECT_EQ(asked.client.output, "report\nrest\n");
  EXPECT_EQ(run_alone("__complete tasks re --server http://127.0.0.1:1").output, "");
  EXPECT_FALSE(has(run_alone("--help").output, "__complete"));
}

TEST(Completion, AnIdThatIsMoreThanAWordIsNotOffered) {
  Asked asked = ask_all(
      "__complete tasks ''",
      {{200,
        R"~({"tasks":[{"id":"$(touch x)"},{"id":"a`b`"},{"id":"a b"},{"id":"A.b_c:d~e-9"}]})~"}});
  EXPECT_EQ(asked.client.output, "A.b_c:d~e-9\n");
}

TEST(Completion, BashRunsNothingOfWhatAServerNames) {
  const std::string made = testing::TempDir() + "made-by-an-id";
  std::filesystem::remove(made);
  const std::string words = run_program("bash -c 'source <(" + program("hourwheel") +
                                        " completion bash); hourwheel() { printf \"%s\\n\" "
                                        "report \"\\$(touch " +
                                        made +
                                        ")\"; }; COMP_WORDS=(hourwheel task get \"\"); "
                                        "COMP_CWORD=3; _hourwheel; echo \"${COMPREPLY[@]}\"' 2>&1")
                                .output;
  EXPECT_EQ(words, "report $(touch " + made + ")\n");
  EXPECT_FALSE(std::filesystem::exists(made));
}

TEST(ManualPage, EveryVerbAndOptionIsInIt) {
  const VerbWords top = verb_table();
  const std::string page = manual_page(top);
  EXPECT_TRUE(page.starts_with(".TH HOURWHEEL 1 "));
  for (const VerbWords* verb : flattened(top)) {
    if (!verb->path.empty()) {
      EXPECT_TRUE(has(page, "\n.SS hourwheel " + in_roff(verb->path) + "\n")) << verb->path;
    }
    for (const OptionWords& option : verb->options) {
      if (verb->path.empty()) continue;
      for (const std::string& name : option.names) {
        EXPECT_TRUE(has(page, in_roff(name) + "\\fR")) << verb->path << " " << name;
      }
    }
  }
}

// Against what the server itself lists, one line a setting: "name = value" or "# name is by
// itself".
TEST(ManualPage, OfTheFileHasEverySettingWithItsDefault) {
  const std::string page = settings_page(verb_table());
  EXPECT_TRUE(page.starts_with(".TH HOURWHEEL.TOML 5 "));
  std::istringstream listed(
      run_program("HOURWHEEL_CONFIG= " + program("hourwheel") + " config print /dev/null").output);
  size_t settings = 0;
  std::string line;
  std::getline(listed, line);
  ASSERT_EQ(line, "[serve]");
  while (std::getline(listed, line)) {
    std::istringstream words(line);
    std::string name;
    words >> name;
    if (name == "#") words >> name;
    SCOPED_TRACE(name);
    const size_t at = page.find("\n.TP\n\\fB" + in_roff(name) + "\\fR = \\fI");
    ASSERT_NE(at, std::string::npos);
    const std::string entry = page.substr(at, page.find("\n.TP\n", at + 1) - at);
    EXPECT_TRUE(has(entry, "\nDefault: ") || has(entry, "(default: ")) << entry;
    ++settings;
  }
  EXPECT_GT(settings, 20U);
  EXPECT_FALSE(has(page, "\\fBhelp\\fR"));
}

TEST(ManualPage, OfTheFileSaysWhatAValueMayBe) {
  const std::string page = settings_page(verb_table());
  for (const char* entry :
       {"\\fBlisten\\fR = \\fItext\\fR\nAddress and port; port 0 picks a free one.\n"
        "Default: 127.0.0.1:8080.\n",
        "\\fBdev\\fR = \\fItrue\\fR or \\fIfalse\\fR\n",
        "\\fBrun\\-log\\-bytes\\fR = \\fIbytes\\fR\n", "\nDefault: 8589934592.\n",
        "\\fBshards\\fR = \\fInumber\\fR in [1 \\- 64]\\fI\\fR\n",
        "\\fBio\\fR = \\fI\"auto\"\\fR or \\fI\"libevent\"\\fR or \\fI\"uring\"\\fR\n",
        "\\fBegress\\-allow\\fR = \\fItext\\fR, several between commas\\fI\\fR\n"}) {
    EXPECT_TRUE(has(page, entry)) << entry;
  }
}

TEST(ManualPage, TheVerbPrintsEither) {
  EXPECT_TRUE(run_alone("man").output.starts_with(".TH HOURWHEEL 1 "));
  EXPECT_TRUE(run_alone("man hourwheel").output.starts_with(".TH HOURWHEEL 1 "));
  EXPECT_TRUE(run_alone("man hourwheel.toml").output.starts_with(".TH HOURWHEEL.TOML 5 "));
}

}  // namespace
}  // namespace hourwheel::shell_test
