// The real server on a volume that fills up and empties again (C-21).
#include "tests/e2e/fixture.h"
#include "tests/e2e/small_volume.h"

namespace hourwheel::storage_test {
namespace {

class StorageTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!volume_.mounted()) return;
    ASSERT_TRUE(node_.start());
  }
  bool says(std::string_view text) { return node_.server().wait_for_output(text, kPatience); }
  void fill_until_full() {
    // What it gives up to go on is taken as well.
    for (int i = 0; i < 100; ++i) {
      volume_.fill_up_to(0);
      if (node_.server().wait_for_output("storage is full", milliseconds(200))) return;
    }
    FAIL() << "the disk is full and nobody noticed: " << node_.server().output();
  }
  HttpAnswer put(const std::string& id) {
    return node_.call("POST", "/v1/tasks",
                      R"({"id":")" + id + R"(","schedule":"2040-01-01T00:00:00Z"})");
  }
  // Each shard looks at the volume once in a second of its own.
  HttpAnswer put_until(int status, const std::string& prefix) {
    const Instant deadline = in(kPatience);
    for (int i = 0;; ++i) {
      HttpAnswer answer = put(prefix + std::to_string(i));
      if (answer.status == status || in({}) > deadline) return answer;
    }
  }
  HttpAnswer refused_soon(const std::string& id) { return put_until(503, id); }
  bool is_taken_soon(const std::string& id) { return put_until(201, id).status == 201; }
  // One that fires often.
  HttpAnswer put_ticking(const std::string& id) {
    return node_.call("POST", "/v1/tasks",
                      R"({"id":")" + id +
                          R"(","schedule":{"every":"PT0.2S"},"target":{"kind":"http","url":")" +
                          target_.url() + "/" + id + R"("}})");
  }
  int status_of(const std::string& id) { return node_.call("GET", "/v1/tasks/" + id).status; }

  SmallVolume volume_{48};
  RecordingTarget target_;
  Node node_{{}, volume_.path() + "/data"};
};

TEST_F(StorageTest, LowRefusesChangesButDeletesAndPausesWhileRunsGoOn) {  // C-21
  if (!volume_.mounted()) return;
  ASSERT_EQ(put_ticking("tick").status, 201);
  ASSERT_EQ(put("there").status, 201);
  volume_.fill_up_to(6);
  ASSERT_TRUE(says("storage is low"));

  const HttpAnswer refused = refused_soon("refused");
  EXPECT_EQ(member(refused.body, "code"), "storage-low");
  EXPECT_EQ(refused.field("retry-after"), "10");
  EXPECT_EQ(node_.call("GET", "/readyz").status, 200);
  EXPECT_EQ(node_.metric("hourwheel_storage_state"), 1);
  EXPECT_EQ(node_.call("DELETE", "/v1/tasks/there").status, 200);

  const size_t before = target_.count();
  EXPECT_TRUE(target_.await(before + 5, kPatience)) << "what is due fires";
  EXPECT_EQ(node_.call("POST", "/v1/tasks/tick/pause", R"({"reason":"no room"})").status, 200);
  volume_.empty();
  ASSERT_TRUE(says("storage is ok again"));
  EXPECT_TRUE(is_taken_soon("taken"));
}

TEST_F(StorageTest, FullAcknowledgesNothingLosesNothingAndGoesOnByItself) {  // C-21, C-1
  if (!volume_.mounted()) return;
  ASSERT_EQ(put_ticking("tick").status, 201);
  ASSERT_EQ(put("there").status, 201);
  ASSERT_TRUE(target_.await(3, kPatience));
  fill_until_full();

  const HttpAnswer refused = put("refused");
  EXPECT_EQ(refused.status, 503);
  // A shard that was not looked at since still knows it as low.
  EXPECT_TRUE(member(refused.body, "code").starts_with("storage-")) << refused.body;
  const HttpAnswer undecided = node_.call("DELETE", "/v1/tasks/there");
  const bool found_space = undecided.status == 200;  // in its file's log, begun anew
  EXPECT_TRUE(found_space || member(undecided.body, "code") == "storage-full") << undecided.body;
  EXPECT_EQ(node_.call("GET", "/readyz").status, 503);
  EXPECT_EQ(node_.metric("hourwheel_storage_state"), 2);
  EXPECT_EQ(status_of("tick"), 200) << "reads go on";

  volume_.empty();
  ASSERT_TRUE(says("storage is ok again"));
  EXPECT_EQ(node_.call("GET", "/readyz").status, 200);
  ASSERT_TRUE(is_taken_soon("soon"));
  EXPECT_EQ(put("taken").status, 201);
  const size_t before = target_.count();
  EXPECT_TRUE(target_.await(before + 5, kPatience)) << "what is due fires again";

  node_.kill();
  ASSERT_TRUE(node_.start());
  EXPECT_EQ(status_of("tick"), 200);
  EXPECT_EQ(status_of("taken"), 200);
  EXPECT_EQ(status_of("there"), 404) << "the delete was kept";
  EXPECT_EQ(status_of("refused"), 404);
}

TEST_F(StorageTest, AStartOnAFullDiskComesUpAndRefuses) {  // C-21
  if (!volume_.mounted()) return;
  ASSERT_EQ(put("there").status, 201);
  node_.kill();
  volume_.fill_up_to(0);
  ASSERT_TRUE(node_.start()) << "the ballast is enough for a start";
  EXPECT_EQ(status_of("there"), 200);
  EXPECT_EQ(put("refused").status, 503) << "storage was low when the shards began";
  volume_.empty();
  ASSERT_TRUE(says("storage is ok again"));
  EXPECT_TRUE(is_taken_soon("taken"));
}

}  // namespace
}  // namespace hourwheel::storage_test
