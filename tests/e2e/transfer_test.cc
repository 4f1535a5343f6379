// Tasks out of a server and in again: by requests and from the command line; and what is done to
// all of them at once.
#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/e2e/fixture.h"

namespace hourwheel::transfer_test {
namespace {

constexpr int kOfEachKind = 25;

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream bytes;
  bytes << file.rdbuf();
  return bytes.str();
}

size_t lines_in(const std::string& text) {
  return static_cast<size_t>(std::count(text.begin(), text.end(), '\n'));
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

// Everything that a task can have, spread over tasks of every kind of schedule.
std::vector<std::string> all_kinds() {
  const std::string schedules[] = {
      R"("2090-01-01T00:00:00Z")",
      R"({"at":"2090-06-01T08:00:00","timezone":"Europe/Berlin"})",
      R"({"delay":"P3000D"})",
      R"("1500h")",
      R"({"every":"P900D","max_runs":5,"jitter":"PT5M"})",
      R"({"every":"P900D","anchor":"2089-01-01T00:00:00Z"})",
      R"({"every":"P900D","mode":"fixed_delay","start_at":"2090-01-01T00:00:00Z"})",
      R"({"cron":"0 9 29 2 *","timezone":"America/New_York","dst_gap":"skip","dom_dow":"and"})",
      R"("0 H H 1 1 ? 2090")",
      R"({"rrule":"FREQ=YEARLY;COUNT=40","timezone":"Asia/Tokyo","start_at":"2090-01-01T00:00:00Z"})",
      R"({"rrule":"FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29","exdate":["2092-02-29T00:00:00"]})",
      R"({"cron":"@every 1000h","exclude":["2090-12-25"]})",
  };
  const std::string members[] = {
      "",
      R"(,"payload":{"n":123456789012345678901234567890, "s" :"\u00e9\n"},"labels":{"team":"a","z":"1:2"})",
      ",\"payload\":[1,\n  2]",
      R"(,"payload_base64":"AAEC/w==","content_type":"image/x-odd","paused":{"reason":"why \"so\""})",
      R"(,"target":{"kind":"http","url":"http://example.org/a?b=c","method":"PUT","headers":{"X-A":"b"},"timeout":"PT9S","sign":false,"success_codes":"200-299,304"})",
      R"(,"retry":{"max_attempts":9,"backoff":["PT1S","PT2S"],"jitter":"none","retry_on":[404,"410-419"]},"delivery":"at_most_once")",
      R"(,"callbacks":{"on_success":{"url":"http://example.org/s"},"on_dead":{"url":"http://example.org/d","method":"PUT"}},"on_complete":"delete")",
      R"(,"description":"line\nand \"quotes\" \u65e5","pause_after_dead":3,"max_lateness":"PT2S","misfire_after":"PT9S","retention":{"count":40},"paused":{"reason":"r","until":"2090-01-01T00:00:00Z"})",
  };
  std::vector<std::string> tasks;
  for (const std::string& schedule : schedules) {
    for (int i = 0; i < kOfEachKind; ++i) {
      std::string id = "t" + std::to_string(tasks.size());
      tasks.push_back(R"({"id":")" + id + R"(","schedule":)" + schedule +
                      members[tasks.size() % std::size(members)] + "}");
    }
  }
  return tasks;
}

class TransferTest : public testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(node_.start()); }

  std::string url() { return "http://127.0.0.1:" + std::to_string(node_.port()); }
  Ended task(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"task", "--server", url()});
    return run_to_the_end(arguments);
  }
  std::string file(const std::string& name) { return node_.folder() + "." + name; }
  std::string exported() {
    HttpAnswer answer = node_.call("GET", "/v1/tasks:export");
    EXPECT_EQ(200, answer.status);
    EXPECT_TRUE(answer.complete);
    return answer.body;
  }
  std::string all(const std::string& action) {
    HttpAnswer answer = node_.call("POST", "/v1/tasks:bulk",
                                   R"({"filter":{},"action":")" + action + R"(","reason":"r"})");
    EXPECT_EQ(200, answer.status) << answer.body;
    return answer.body;
  }
  // Makes a file of so many lines, each a task that is due in some decades.
  std::string many(const std::string& name, int lines) {
    std::ofstream out(file(name), std::ios::binary);
    for (int i = 0; i < lines; ++i) {
      out << R"({"id":"m)" << i << R"(","schedule":"2090-01-01T00:00:00Z"})" << '\n';
    }
    return file(name);
  }
  void TearDown() override {
    for (const char* name : {"a", "b", "c"}) std::filesystem::remove(file(name));
  }

  Node node_;
};

TEST_F(TransferTest, OutAndInAgainIsByteForByteTheSame) {
  std::vector<std::string> tasks = all_kinds();
  for (const std::string& body : tasks) {
    HttpAnswer made = node_.call("POST", "/v1/tasks", body);
    ASSERT_EQ(201, made.status) << body << made.body;
  }
  ASSERT_EQ(
      201, node_.call("POST", "/tasks", "{\"id\":\"\u65e5 1/2?\",\"schedule\":\"@daily\"}").status);
  const size_t count = tasks.size() + 1;

  Ended out = task({"export", "-f", file("a")});
  EXPECT_EQ(0, out.code) << out.output;
  const std::string first = read_file(file("a"));
  EXPECT_EQ(count, lines_in(first));
  EXPECT_EQ(exported(), first);
  EXPECT_FALSE(std::filesystem::exists(file("a") + ".part"));

  const std::string deleted = R"({"filter":{},"action":"delete"})";
  EXPECT_EQ(R"({"matched":)" + std::to_string(count) + R"(,"changed":)" + std::to_string(count) +
                R"(,"in_flight":0,"failed":0,"done":true})",
            node_.call("POST", "/v1/tasks:bulk", deleted).body);
  EXPECT_EQ("", exported());

  Ended in = task({"import", file("a")});
  EXPECT_EQ(0, in.code) << in.output;
  EXPECT_EQ(std::to_string(count) + " lines: " + std::to_string(count) +
                " created, 0 replaced, 0 unchanged, 0 failed\n",
            in.output);
  EXPECT_EQ(first, exported());

  // Once more, over the wire and onto what is there.
  HttpAnswer again = http_request(node_.port(), "POST", "/v1/tasks:import", first,
                                  "Content-Type: application/x-ndjson\r\n")
                         .value_or(HttpAnswer{});
  EXPECT_EQ(200, again.status);
  EXPECT_EQ(count, elements(member(again.body, "results")).size());
  EXPECT_FALSE(has(again.body, "problem")) << again.body;
  EXPECT_FALSE(has(again.body, R"("effect":"created")"));
  EXPECT_EQ(first, exported());
}

TEST_F(TransferTest, ManyLinesGoInPieces) {
  constexpr int kLines = 3'500;
  Ended in = task({"import", many("a", kLines)});
  EXPECT_EQ(0, in.code) << in.output;
  EXPECT_EQ("3500 lines: 3500 created, 0 replaced, 0 unchanged, 0 failed\n", in.output);
  EXPECT_EQ("3500 lines: 0 created, 0 replaced, 3500 unchanged, 0 failed\n",
            task({"import", file("a"), "--mode", "upsert"}).output);
  EXPECT_EQ(static_cast<size_t>(kLines), lines_in(exported()));
  EXPECT_TRUE(has(all("pause"), R"("matched":3500,"changed":3500,"in_flight":0)"));
  const std::string paused = file("b");
  ASSERT_EQ(0, task({"export", "--state", "paused", "-f", paused}).code);
  EXPECT_EQ(static_cast<size_t>(kLines), lines_in(read_file(paused)));
  ASSERT_EQ(0, task({"export", "--state", "active", "-f", paused}).code);
  EXPECT_EQ("", read_file(paused));
  EXPECT_TRUE(has(node_.call("POST", "/v1/tasks:bulk", R"({"filter":{},"action":"run"})").body,
                  R"("matched":3500,"changed":0,"failed":3500,"problems":[{"status":409,)"));
  EXPECT_TRUE(
      has(node_.call("POST", "/v1/tasks:bulk", R"({"filter":{"state":"paused"},"action":"resume"})")
              .body,
          R"("matched":3500,"changed":3500,"failed":0,"done":true)"));
}

TEST_F(TransferTest, ARequestThatIsTooLargeIsToldHowToGoOn) {
  const std::string fields =
      " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-ndjson\r\n"
      "Content-Length: 500000000\r\n\r\n";
  for (const char* request : {"POST /v1/tasks:import?mode=upsert", "PUT /v1/tasks:import"}) {
    HttpClient client(node_.port());
    auto answer = client.exchange(request + fields);  // and nothing of the body
    ASSERT_TRUE(answer) << request;
    EXPECT_EQ(413, answer->status);
    EXPECT_TRUE(has(answer->body, "1000 lines and 1 MiB (1048576 bytes)")) << answer->body;
    EXPECT_TRUE(has(answer->body, "`hourwheel task import FILE`")) << answer->body;
  }
}

TEST_F(TransferTest, LinesThatFailAreNamedAndTheOthersStand) {
  std::ofstream(file("a"), std::ios::binary)
      << R"({"id":"a","schedule":"@daily"})"
      << "\n\n"
      << R"({"id":"b","schedule":"@daily","retry":{"max_attempts":0}})"
      << "\n"
      << R"({"id":"c","schedule":"2020-01-01T00:00:00Z"})"
      << "\n"
      << "not json\n"
      << R"({"id":"e","schedule":"@daily","payload":")" << std::string(1 << 20, 'x') << "\"}\n"
      << R"({"id":"d","schedule":"@daily"})";
  Ended dry = task({"import", file("a"), "--dry-run"});
  EXPECT_EQ(1, dry.code);
  EXPECT_TRUE(has(dry.output, "6 lines: 2 good, 4 failed; a dry run stores nothing\n"))
      << dry.output;
  EXPECT_EQ("", exported());
  Ended in = task({"import", file("a")});
  EXPECT_EQ(1, in.code);
  for (const char* part : {"line 3: validation-failed: #/retry/max_attempts: ",
                           "line 4: past-instant: ", "line 5: invalid-json: ", "line 6: too long",
                           "6 lines: 2 created, 0 replaced, 0 unchanged, 4 failed\n"}) {
    EXPECT_TRUE(has(in.output, part)) << part << "\n" << in.output;
  }
  EXPECT_EQ(2U, lines_in(exported()));
}

TEST_F(TransferTest, WithoutAServerTheExitCodeIs6) {
  const std::string gone = url();
  many("a", 1);
  node_.kill();
  EXPECT_EQ(6, run_to_the_end({"task", "--server", gone, "import", file("a")}).code);
  EXPECT_EQ(6, run_to_the_end({"task", "--server", gone, "export", "-f", file("b")}).code);
  EXPECT_FALSE(std::filesystem::exists(file("b")));
  EXPECT_EQ(1, run_to_the_end({"task", "--server", gone, "import", file("c")}).code) << "no file";
}

}  // namespace
}  // namespace hourwheel::transfer_test
