#include "store/system_file.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "store/database.h"
#include "store/folder_check.h"
#include "store/schema.h"
#include "store/tagged.h"
#include "tests/store/builders.h"

namespace hourwheel::system_file_test {
namespace {

using store_test::Folder;

GlobalPause some_pause(uint64_t id) {
  GlobalPause pause;
  pause.id = id;
  pause.labels = {{"area", "north"}, {"team", "red"}};
  pause.reason = "maintenance";
  pause.since = Instant{1'800'000'000'000};
  pause.until = Instant{1'800'000'060'000};
  return pause;
}

ApiKey some_key(const std::string& id) {
  ApiKey key;
  key.id = id;
  key.digest.fill(7);
  key.name = "deploys";
  key.rights.add(Right::kTasksWrite);
  key.rights.add(Right::kKeysAdmin);
  key.networks = {"10.0.0.0/8", "::1"};
  key.created = Instant{1'800'000'000'000};
  key.created_by = "another";
  key.max_tasks = 7;
  key.expires = Instant{1'900'000'000'000};
  key.last_used = Instant{1'800'000'005'000};
  key.rate_limit = RateLimit{100, seconds(10)};
  return key;
}

StoredSecret some_secret(const std::string& name, uint64_t version) {
  StoredSecret secret;
  secret.name = name;
  secret.value = {{version}, std::string("\0\xff sealed", 9)};
  secret.previous = {{version - 1}, "sealed before"};
  secret.previous_until = Instant{1'800'000'000'000};
  secret.hosts = {"a.example", "::1"};
  secret.created = Instant{1'700'000'000'000};
  secret.updated = Instant{1'700'000'005'000};
  secret.created_by = "somebody01";
  return secret;
}

class SystemFileTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto folder = DataFolder::open_or_create(parent_.file("data"), 2);
    ASSERT_TRUE(folder) << folder.error().detail;
    folder_ = std::move(*folder);
  }
  std::unique_ptr<SystemFile> open() {
    auto file = SystemFile::open(*folder_);
    EXPECT_TRUE(file) << file.error().detail;
    return file ? std::move(*file) : nullptr;
  }
  void damage(const std::string& sql) {
    DatabaseOptions options;
    options.path = folder_->system_file();
    options.application_id = kSystemApplicationId;
    options.schema = system_schema();
    auto database = Database::open(options);
    ASSERT_TRUE(database);
    ASSERT_TRUE((*database)->execute(sql));
  }

  Folder parent_;
  std::unique_ptr<DataFolder> folder_;
};

TEST_F(SystemFileTest, KeepsPausesAsTheyWerePut) {
  {
    auto file = open();
    ASSERT_TRUE(file->put(some_pause(1), nullptr));
    ASSERT_TRUE(file->put(some_pause(2), nullptr));
    GlobalPause over = some_pause(1);
    over.ended = Instant{1'800'000'030'000};
    ASSERT_TRUE(file->put(over, nullptr));
  }
  auto stored = open()->pauses();
  ASSERT_TRUE(stored) << stored.error().detail;
  ASSERT_EQ(stored->pauses.size(), 2U);
  EXPECT_EQ(stored->pauses[0].ended, Instant{1'800'000'030'000});
  EXPECT_EQ(stored->pauses[1], some_pause(2));
  EXPECT_EQ(stored->last_id, 2U);
}

// The answer to who begins one under a key is its row: killed between change and answer, the server
// tells it in its next life, and begins no other.
TEST_F(SystemFileTest, APauseBegunUnderAKeyIsKnownByItInTheNextLife) {  // AK2
  PauseRequest request;
  request.pause = some_pause(0);
  request.pause.until.reset();
  request.pause.idempotency.emplace();
  request.pause.idempotency->scope = {0x0123456789abcdef, 0xfedcba9876543210};
  request.pause.idempotency->body.fill(9);
  const PauseRequest same = request;
  const Instant now{1'800'000'000'000};
  {
    auto file = open();
    PauseBook book(*file, *file->pauses(), now);
    ASSERT_TRUE(book.carry_out(request, now));
  }
  auto file = open();
  PauseBook book(*file, *file->pauses(), now);
  EXPECT_EQ(book.pauses().at(0).idempotency, same.pause.idempotency);
  PauseRequest again = same;
  const auto told = book.carry_out(again, now + seconds(9));
  ASSERT_TRUE(told) << told.error().detail;
  EXPECT_TRUE(told->replayed);
  EXPECT_EQ(told->pauses.at(0).id, 1U);
  EXPECT_EQ(book.pauses().size(), 1U);
}

TEST_F(SystemFileTest, KnowsTheLastNumberGivenOutWhenItsPauseIsGone) {
  auto file = open();
  ASSERT_TRUE(file->put(some_pause(5), nullptr));
  ASSERT_TRUE(file->put(some_pause(4), nullptr));
  ASSERT_TRUE(file->remove(5));
  auto stored = file->pauses();
  ASSERT_TRUE(stored);
  EXPECT_EQ(stored->pauses.size(), 1U);
  EXPECT_EQ(stored->last_id, 5U);
}

TEST_F(SystemFileTest, ADamagedPauseIsNamedAndNotGuessed) {
  ASSERT_TRUE(open()->put(some_pause(3), nullptr));
  damage("UPDATE pause SET body = substr(body, 1, length(body) - 1)");
  auto stored = open()->pauses();
  ASSERT_FALSE(stored);
  EXPECT_EQ(stored.error().code, ErrorCode::kCorrupt);
  EXPECT_NE(stored.error().detail.find("pause 3"), std::string::npos) << stored.error().detail;
}

TEST_F(SystemFileTest, IsBesideTheMapThatNeverChanges) {
  ASSERT_TRUE(open()->put(some_pause(1), nullptr));
  folder_.reset();
  auto again = DataFolder::open_or_create(parent_.file("data"), 7);
  ASSERT_TRUE(again) << again.error().detail;
  EXPECT_EQ((*again)->shards(), 2U);
}

TEST_F(SystemFileTest, KeepsKeysAsTheyWerePut) {
  ApiKey plain;
  plain.id = "plain";
  {
    auto file = open();
    ASSERT_TRUE(file->put(some_key("gone"), nullptr));
    ASSERT_TRUE(file->put(some_key("kept"), nullptr));
    ASSERT_TRUE(file->put(plain, nullptr));
    ASSERT_TRUE(file->remove_key("gone", AuditEntry{}));
  }
  auto keys = open()->keys();
  ASSERT_TRUE(keys) << keys.error().detail;
  EXPECT_EQ(*keys, (std::vector<ApiKey>{some_key("kept"), plain}));
}

TEST_F(SystemFileTest, KeepsTheSelectionOfAKey) {
  ApiKey narrowed = some_key("narrowed");
  narrowed.digest.fill(7);
  narrowed.selection = {{"env", "x"}, {"team", ""}};
  ASSERT_TRUE(open()->put(narrowed, nullptr));
  auto keys = open()->keys();
  ASSERT_TRUE(keys) << keys.error().detail;
  EXPECT_EQ(*keys, std::vector<ApiKey>{narrowed});
}

// Versions that know of no selection read a key's digest here, and would let it reach everything.
TEST_F(SystemFileTest, ANarrowedKeyHasNoDigestWhereThatOfAWholeOneStands) {
  ApiKey narrowed = some_key("one");
  narrowed.selection = {{"team", "a"}};
  auto first_tag = [this](const ApiKey& key) -> uint32_t {
    EXPECT_TRUE(open()->put(key, nullptr));
    DatabaseOptions options;
    options.path = folder_->system_file();
    options.application_id = kSystemApplicationId;
    options.schema = system_schema();
    auto database = Database::open(options);
    Statement body(**database, "SELECT body FROM api_key");
    Rows rows = body.rows();
    if (!rows.next()) return 0;
    const std::string fields(rows.bytes(0).substr(4));  // behind the checksum
    FieldReader in(fields);
    std::vector<uint32_t> tags;
    while (in.next()) tags.push_back(in.tag());
    EXPECT_EQ(std::count(tags.begin(), tags.end(), 1U), key.selection.empty() ? 1 : 0);
    return tags.empty() ? 0 : tags.front();
  };
  EXPECT_EQ(first_tag(some_key("one")), 1U);
  EXPECT_EQ(first_tag(narrowed), 13U);
}

TEST_F(SystemFileTest, AKeyThatCannotBeReadIsNamed) {  // C-23
  ASSERT_TRUE(open()->put(some_key("one"), nullptr));
  damage("UPDATE api_key SET id = 'two'");  // a body that strayed from another key
  auto keys = open()->keys();
  ASSERT_FALSE(keys);
  EXPECT_EQ(keys.error().code, ErrorCode::kCorrupt);
  EXPECT_NE(keys.error().detail.find("API key two"), std::string::npos) << keys.error().detail;
}

TEST_F(SystemFileTest, KeepsSecretsAsTheyWerePut) {
  StoredSecret plain;
  plain.name = "plain";
  plain.value = {{4}, "x"};
  {
    auto file = open();
    ASSERT_TRUE(file->put(some_secret("gone", 9), nullptr));
    ASSERT_TRUE(file->put(some_secret("kept", 3), nullptr));
    ASSERT_TRUE(file->put(plain, nullptr));
    ASSERT_TRUE(file->remove_secret("gone", AuditEntry{}));
  }
  auto stored = open()->secrets();
  ASSERT_TRUE(stored) << stored.error().detail;
  EXPECT_EQ(stored->secrets, (std::vector<StoredSecret>{some_secret("kept", 3), plain}));
  EXPECT_EQ(stored->last, Version{9}) << "C-3 a version is never used again";
}

TEST_F(SystemFileTest, ASecretThatCannotBeReadIsNamed) {  // C-23
  ASSERT_TRUE(open()->put(some_secret("one", 2), nullptr));
  damage("UPDATE secret SET name = 'two'");  // a body that strayed from another one
  auto stored = open()->secrets();
  ASSERT_FALSE(stored);
  EXPECT_EQ(stored.error().code, ErrorCode::kCorrupt);
  EXPECT_NE(stored.error().detail.find("secret two"), std::string::npos) << stored.error().detail;
  auto report = check_system_file(folder_->system_file());
  ASSERT_TRUE(report);
  EXPECT_EQ(report->damaged, 1U);
  EXPECT_EQ(report->rows.at(0).table, "secret");
}

AuditEntry told_of(AuditAction action, const std::string& subject) {
  AuditEntry entry;
  entry.at = Instant{1'800'000'000'000};
  entry.action = action;
  entry.subject = subject;
  return entry;
}

TEST_F(SystemFileTest, WhatClientsChangeIsToldInItsAuditLog) {
  {
    auto file = open();
    const AuditEntry paused = told_of(AuditAction::kBeginPause, "1");
    ASSERT_TRUE(file->put(some_pause(1), &paused));
    const AuditEntry made = told_of(AuditAction::kCreateKey, "a");
    ASSERT_TRUE(file->put(some_key("a"), &made));
    ASSERT_TRUE(file->put(some_key("a"), nullptr)) << "its use was noted";
    ASSERT_TRUE(file->remove_key("a", told_of(AuditAction::kRevokeKey, "a")));
  }
  auto file = open();
  auto page = file->list({});
  ASSERT_TRUE(page) << page.error().detail;
  ASSERT_EQ(page->entries.size(), 3U);
  EXPECT_EQ(page->entries[0].action, AuditAction::kRevokeKey);
  EXPECT_EQ(page->entries[1].action, AuditAction::kCreateKey);
  EXPECT_EQ(page->entries[1].subject, "a");
  EXPECT_EQ(page->entries[2].action, AuditAction::kBeginPause);
  auto verdict = file->verify({});
  ASSERT_TRUE(verdict);
  EXPECT_TRUE(verdict->whole);
  EXPECT_FALSE(verdict->broken);
  EXPECT_EQ(verdict->entries, 3U);
}

}  // namespace
}  // namespace hourwheel::system_file_test
