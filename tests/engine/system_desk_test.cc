#include "engine/system_desk.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "tests/support/plain_sealer.h"

namespace hourwheel::system_desk_test {
namespace {

constexpr Instant kNow{1'800'000'000'000};

struct FakeFile : PauseFile, KeyFile, SecretFile, AuditFile {
  Status put(const GlobalPause& pause, const AuditEntry* entry) override {
    if (full_after && (*full_after)-- == 0) full = true;
    if (full) return failure(ErrorCode::kStorageLow, "", "the disk is full");
    std::erase_if(pauses, [&pause](const GlobalPause& other) { return other.id == pause.id; });
    pauses.push_back(pause);
    note(entry);
    return {};
  }
  Status remove(uint64_t id) override {
    std::erase_if(pauses, [id](const GlobalPause& pause) { return pause.id == id; });
    return {};
  }
  Status put(const ApiKey& key, const AuditEntry* entry) override {
    if (full) return failure(ErrorCode::kStorageLow, "", "the disk is full");
    keys.insert_or_assign(key.id, key);
    note(entry);
    return {};
  }
  Status remove_key(const std::string& id, const AuditEntry& entry) override {
    if (full) return failure(ErrorCode::kStorageLow, "", "the disk is full");
    keys.erase(id);
    note(&entry);
    return {};
  }
  Status put(const StoredSecret& secret, const AuditEntry* entry) override {
    secrets.insert_or_assign(secret.name, secret);
    note(entry);
    return {};
  }
  Status remove_secret(const std::string& name, const AuditEntry& entry) override {
    secrets.erase(name);
    note(&entry);
    return {};
  }
  Status keep(const AuditEntry& entry) override {
    if (full) return failure(ErrorCode::kStorageLow, "", "the disk is full");
    note(&entry);
    return {};
  }
  Result<AuditPage> list(const ListAudit& /*query*/) override { return AuditPage{told, {}, 0, {}}; }
  Result<AuditVerdict> verify(const VerifyAudit& /*query*/) override { return AuditVerdict{}; }
  void note(const AuditEntry* entry) {
    if (entry != nullptr) told.push_back(*entry);
  }
  std::vector<AuditEntry> told;
  std::vector<GlobalPause> pauses;
  std::map<std::string, ApiKey> keys;
  std::map<std::string, StoredSecret> secrets;
  bool full = false;
  std::optional<int> full_after;  // pauses more
};

struct FakeClient : ReplyDoor {
  void reply(Reply reply) override { replies.push_back(std::move(reply)); }
  const Result<QueryAnswer>& answer(size_t index) const {
    return std::get<Result<QueryAnswer>>(replies.at(index).body);
  }
  std::vector<Reply> replies;
};

class SystemDeskTest : public ::testing::Test {
 protected:
  PauseRequest begin(std::optional<Instant> until = {}) {
    PauseRequest request{{0, ++slot_, 1, 0}, PauseAction::kBegin, {}};
    request.pause.reason = "test";
    request.pause.until = until;
    return request;
  }
  PauseRequest end(uint64_t id) {
    PauseRequest request{{0, ++slot_, 1, 0}, PauseAction::kEnd, {}};
    request.pause.id = id;
    return request;
  }
  KeyRequest of_key(KeyAction action, const std::string& id) {
    KeyRequest request{{0, ++slot_, 1, 0}, action, {}};
    request.key.id = id;
    return request;
  }
  void confirm_all(uint64_t version) {
    desk_.confirmed(0, version, client_);
    desk_.confirmed(1, version, client_);
  }

  FakeFile file_;
  FakeClient client_;
  PlainSealer sealer_;
  SystemDesk desk_{SystemDesk::Books{PauseBook(file_, {}, kNow), KeyBook(file_, {}),
                                     SecretBook(file_, sealer_, {})},
                   file_, 2};
  uint32_t slot_ = 0;
};

TEST_F(SystemDeskTest, AnswersWhenEveryPlaceHasConfirmed) {
  desk_.ask(begin());
  auto table = desk_.turn(kNow, client_);
  ASSERT_TRUE(table);
  EXPECT_EQ(file_.pauses.size(), 1U) << "Q1 it is durable before anybody is told";
  desk_.confirmed(0, table->pauses.version, client_);
  EXPECT_TRUE(client_.replies.empty()) << "Q2 the second place may still start something";
  desk_.confirmed(1, table->pauses.version - 1, client_);
  EXPECT_TRUE(client_.replies.empty());
  desk_.confirmed(1, table->pauses.version, client_);
  ASSERT_EQ(client_.replies.size(), 1U);
  EXPECT_EQ(std::get<PausesChanged>(*client_.answer(0)).pauses.at(0).id, 1U);
}

TEST_F(SystemDeskTest, ARepeatOfAKeyedPauseWaitsForTheSameConfirmations) {  // Q2, PB3
  auto keyed = [this] {
    PauseRequest request = begin();
    request.pause.idempotency.emplace();
    request.pause.idempotency->scope = {1, 2};
    return request;
  };
  desk_.ask(keyed());
  auto table = desk_.turn(kNow, client_);
  ASSERT_TRUE(table);
  desk_.ask(keyed());  // its first answer is not there yet
  EXPECT_FALSE(desk_.turn(kNow, client_)) << "Q3";
  desk_.confirmed(0, table->pauses.version, client_);
  EXPECT_TRUE(client_.replies.empty());
  desk_.confirmed(1, table->pauses.version, client_);
  ASSERT_EQ(client_.replies.size(), 1U);
  EXPECT_FALSE(desk_.turn(kNow, client_)) << "nothing is changed";
  ASSERT_EQ(client_.replies.size(), 2U);
  EXPECT_TRUE(std::get<PausesChanged>(*client_.answer(1)).replayed);
  EXPECT_EQ(file_.pauses.size(), 1U);
}

class KeyBookQuotas : public SystemDeskTest {  // KB4
 protected:
  KeyRequest add(const std::string& id, std::optional<uint32_t> max_tasks) {
    KeyRequest request = of_key(KeyAction::kAdd, id);
    request.key.max_tasks = max_tasks;
    return request;
  }
  TaskQuotas quotas_;
};

TEST_F(KeyBookQuotas, CountsKeysWithAQuotaFromTheirMakingToTheirEnd) {
  KeyBook book(file_, {}, &quotas_);
  KeyRequest with = add("with", 5);
  KeyRequest without = add("without", std::nullopt);
  ASSERT_TRUE(book.carry_out(with, kNow));
  ASSERT_TRUE(book.carry_out(without, kNow));
  EXPECT_EQ(file_.keys.at("with").max_tasks, 5U);
  EXPECT_EQ(quotas_.taken("with"), 0U);
  EXPECT_EQ(quotas_.taken("without"), std::nullopt);
  KeyRequest revoke = of_key(KeyAction::kRevoke, "with");
  ASSERT_TRUE(book.carry_out(revoke, kNow));
  EXPECT_EQ(quotas_.taken("with"), std::nullopt);
}

TEST_F(KeyBookQuotas, CountsTheStoredOnesFromTheStart) {
  ApiKey stored;
  stored.id = "with";
  stored.max_tasks = 5;
  const KeyBook book(file_, {stored}, &quotas_);
  EXPECT_EQ(quotas_.taken("with"), 0U);
}

TEST_F(KeyBookQuotas, DoesNotCountAKeyThatWasNotStored) {
  KeyBook book(file_, {}, &quotas_);
  file_.full = true;
  KeyRequest with = add("with", 5);
  EXPECT_FALSE(book.carry_out(with, kNow));
  EXPECT_EQ(quotas_.taken("with"), std::nullopt);
  file_.full = false;
  KeyRequest again = add("with", 5);
  EXPECT_TRUE(book.carry_out(again, kNow));
  EXPECT_EQ(quotas_.taken("with"), 0U);
}

TEST_F(SystemDeskTest, WhatIsAskedMeanwhileGoesWithTheNextTable) {
  desk_.ask(begin());
  auto first = desk_.turn(kNow, client_);
  desk_.ask(end(1));
  EXPECT_FALSE(desk_.turn(kNow, client_)) << "Q3";
  confirm_all(first->pauses.version);
  auto second = desk_.turn(kNow + seconds(1), client_);
  ASSERT_TRUE(second);
  EXPECT_EQ(second->pauses.pauses.at(0).ended, kNow + seconds(1));
  confirm_all(second->pauses.version);
  EXPECT_EQ(client_.replies.size(), 2U);
  EXPECT_TRUE(desk_.idle());
}

TEST_F(SystemDeskTest, ASecretIsToldSealedAndOnlyWithTheTableThatChangesIt) {
  EXPECT_TRUE(desk_.table().secrets) << "what places begin with has all";
  SecretRequest request;
  request.token = {0, ++slot_, 1, 0};
  request.name = "a";
  request.value = SecretText("value");
  desk_.ask(std::move(request));
  auto table = desk_.turn(kNow, client_);
  ASSERT_TRUE(table && table->secrets);
  ASSERT_EQ(table->secrets->size(), 1U);
  EXPECT_EQ(table->secrets->front(), file_.secrets.at("a")) << "Q1";
  desk_.confirmed(0, table->pauses.version, client_);
  EXPECT_TRUE(client_.replies.empty()) << "Q2 the other place may still send the value before";
  desk_.confirmed(1, table->pauses.version, client_);
  ASSERT_EQ(client_.replies.size(), 1U);
  EXPECT_TRUE(std::get<SecretChanged>(*client_.answer(0)).made);
  desk_.ask(begin());
  table = desk_.turn(kNow, client_);
  ASSERT_TRUE(table);
  EXPECT_FALSE(table->secrets);
}

TEST_F(SystemDeskTest, RefusesToEndWhatIsNotInForce) {
  desk_.ask(end(12));
  EXPECT_FALSE(desk_.turn(kNow, client_));
  ASSERT_EQ(client_.replies.size(), 1U);
  EXPECT_EQ(client_.answer(0).error().code, ErrorCode::kNotFound);
}

TEST_F(SystemDeskTest, EndingAllWhenThereIsNoneIsAnsweredAtOnce) {
  desk_.ask(PauseRequest{{0, 1, 1, 0}, PauseAction::kEndAll, {}});
  EXPECT_FALSE(desk_.turn(kNow, client_));
  ASSERT_EQ(client_.replies.size(), 1U);
  EXPECT_TRUE(client_.answer(0));
}

TEST_F(SystemDeskTest, HoldsABoundedNumberOfPauses) {
  for (int64_t i = 0; i <= kMaxPausesInForce; ++i) desk_.ask(begin());
  auto table = desk_.turn(kNow, client_);
  ASSERT_TRUE(table);
  EXPECT_EQ(table->pauses.pauses.size(), static_cast<size_t>(kMaxPausesInForce));
  ASSERT_EQ(client_.replies.size(), 1U) << "PB2 the one too many is refused at once";
  EXPECT_EQ(client_.answer(0).error().code, ErrorCode::kStateConflict);
}

TEST_F(SystemDeskTest, AFullDiskChangesNothing) {
  file_.full = true;
  desk_.ask(begin());
  EXPECT_FALSE(desk_.turn(kNow, client_));
  EXPECT_EQ(client_.answer(0).error().code, ErrorCode::kStorageLow);
  EXPECT_TRUE(desk_.table().pauses.pauses.empty());
}

TEST_F(SystemDeskTest, AnEndedPauseIsKeptForThirtyDays) {
  desk_.ask(begin(kNow + seconds(10)));
  confirm_all(desk_.turn(kNow, client_)->pauses.version);
  const Instant end = kNow + seconds(10);
  PauseBook before(file_, {file_.pauses, 1}, end + kPauseKept - milliseconds(1));
  EXPECT_EQ(before.pauses().size(), 1U);
  PauseBook after(file_, {file_.pauses, 1}, end + kPauseKept);
  EXPECT_TRUE(after.pauses().empty());
  PauseRequest next = begin();
  EXPECT_EQ(after.carry_out(next, end + kPauseKept)->pauses.at(0).id, 2U) << "ids are never reused";
}

// What was ended before the disk was full has ended, although the request failed.
TEST_F(SystemDeskTest, WhatFailsHalfWayIsTold) {
  desk_.ask(begin());
  desk_.ask(begin());
  confirm_all(desk_.turn(kNow, client_)->pauses.version);
  file_.full_after = 1;
  desk_.ask(PauseRequest{{0, 9, 1, 0}, PauseAction::kEndAll, {}});
  auto table = desk_.turn(kNow, client_);
  EXPECT_EQ(client_.answer(2).error().code, ErrorCode::kStorageLow);
  ASSERT_TRUE(table);
  EXPECT_TRUE(table->pauses.pauses.at(0).ended);
  EXPECT_FALSE(table->pauses.pauses.at(1).ended);
}

TEST_F(SystemDeskTest, AKeyIsGoneWhenEveryPlaceHasConfirmed) {
  desk_.ask(of_key(KeyAction::kAdd, "b"));
  desk_.ask(of_key(KeyAction::kAdd, "a"));
  auto table = desk_.turn(kNow, client_);
  ASSERT_TRUE(table);
  ASSERT_EQ(table->keys.size(), 2U);
  EXPECT_EQ(table->keys.at(0).id, "a") << "by id";
  confirm_all(table->pauses.version);
  ASSERT_EQ(client_.replies.size(), 2U);
  EXPECT_EQ(std::get<KeysChanged>(*client_.answer(0)).keys.at(0).id, "b");

  desk_.ask(of_key(KeyAction::kRevoke, "a"));
  table = desk_.turn(kNow, client_);
  EXPECT_EQ(file_.keys.count("a"), 0U) << "Q1";
  ASSERT_TRUE(table);
  desk_.confirmed(0, table->pauses.version, client_);
  EXPECT_EQ(client_.replies.size(), 2U) << "Q2 the second reactor may still take it";
  desk_.confirmed(1, table->pauses.version, client_);
  EXPECT_EQ(client_.replies.size(), 3U);
}

TEST_F(SystemDeskTest, RefusesKeysThatAreThereOrAreNot) {
  desk_.ask(of_key(KeyAction::kAdd, "a"));
  confirm_all(desk_.turn(kNow, client_)->pauses.version);
  desk_.ask(of_key(KeyAction::kAdd, "a"));
  desk_.ask(of_key(KeyAction::kRevoke, "b"));
  EXPECT_FALSE(desk_.turn(kNow, client_));
  EXPECT_EQ(client_.answer(1).error().code, ErrorCode::kAlreadyExists);
  EXPECT_EQ(client_.answer(2).error().code, ErrorCode::kNotFound);
}

TEST_F(SystemDeskTest, HoldsABoundedNumberOfKeys) {
  for (size_t i = 0; i <= kMaxApiKeys; ++i) {
    desk_.ask(of_key(KeyAction::kAdd, std::to_string(i)));
  }
  EXPECT_EQ(desk_.turn(kNow, client_)->keys.size(), kMaxApiKeys);
  EXPECT_EQ(client_.answer(0).error().code, ErrorCode::kStateConflict) << "KB2";
}

TEST_F(SystemDeskTest, EachKeyHasAPlaceOfItsOwn) {  // KB3
  for (const char* id : {"a", "b", "c"}) desk_.ask(of_key(KeyAction::kAdd, id));
  confirm_all(desk_.turn(kNow, client_)->pauses.version);
  desk_.ask(of_key(KeyAction::kRevoke, "b"));
  desk_.ask(of_key(KeyAction::kAdd, "d"));
  desk_.ask(of_key(KeyAction::kAdd, "e"));
  std::set<uint16_t> places;
  const auto table = desk_.turn(kNow, client_);
  for (const ApiKey& key : table->keys) {
    EXPECT_LT(key.place, 4) << "that of a revoked one is used again";
    EXPECT_TRUE(places.insert(key.place).second) << key.id;
  }
  EXPECT_EQ(places.size(), 4U);
}

TEST_F(SystemDeskTest, AKeyThatCannotBeRemovedStays) {
  desk_.ask(of_key(KeyAction::kAdd, "a"));
  confirm_all(desk_.turn(kNow, client_)->pauses.version);
  file_.full = true;
  desk_.ask(of_key(KeyAction::kRevoke, "a"));
  EXPECT_FALSE(desk_.turn(kNow, client_));
  EXPECT_EQ(client_.answer(1).error().code, ErrorCode::kStorageLow);
  EXPECT_EQ(desk_.table().keys.size(), 1U);
}

TEST_F(SystemDeskTest, TheLatestUseOfAKeyIsKept) {
  desk_.ask(of_key(KeyAction::kAdd, "a"));
  confirm_all(desk_.turn(kNow, client_)->pauses.version);
  auto used = [&](Instant at) {
    KeyRequest request = of_key(KeyAction::kNoteUse, "a");
    request.key.last_used = at;
    desk_.ask(std::move(request));
    return desk_.turn(kNow, client_);
  };
  auto table = used(kNow + seconds(5));
  ASSERT_TRUE(table);
  EXPECT_EQ(table->keys.at(0).last_used, kNow + seconds(5));
  confirm_all(table->pauses.version);
  EXPECT_FALSE(used(kNow)) << "another reactor's, of before";
  EXPECT_EQ(desk_.table().keys.at(0).last_used, kNow + seconds(5));
}

TEST_F(SystemDeskTest, EachChangeIsToldToTheFileWithItself) {  // AU1
  PauseRequest paused = begin();
  paused.actor.key = "somebody";
  desk_.ask(std::move(paused));
  KeyRequest made{{0, ++slot_, 1, 0}, KeyAction::kAdd, {}};
  made.key.id = "a";
  desk_.ask(std::move(made));
  KeyRequest used{{0, ++slot_, 1, 0}, KeyAction::kNoteUse, {}};
  used.key.id = "a";
  used.key.last_used = kNow;
  desk_.ask(std::move(used));
  KeyRequest revoked{{0, ++slot_, 1, 0}, KeyAction::kRevoke, {}};
  revoked.key.id = "a";
  desk_.ask(std::move(revoked));
  desk_.ask(end(77));  // is refused
  ASSERT_TRUE(desk_.turn(kNow, client_));
  ASSERT_EQ(file_.told.size(), 3U);
  EXPECT_EQ(file_.told[0].action, AuditAction::kBeginPause);
  EXPECT_EQ(file_.told[0].actor.key, "somebody");
  EXPECT_EQ(file_.told[0].subject, "1");
  EXPECT_EQ(file_.told[0].at, kNow);
  EXPECT_EQ(file_.told[1].action, AuditAction::kCreateKey);
  EXPECT_EQ(file_.told[2].action, AuditAction::kRevokeKey);
}

TEST_F(SystemDeskTest, ADrainIsToldBeforeItIsAnsweredAndBeginsOnce) {  // C-26
  DrainRequest request{{0, ++slot_, 1, 0}, {}};
  request.actor.key = "somebody";
  desk_.ask(std::move(request));
  EXPECT_FALSE(desk_.take_drain());
  EXPECT_FALSE(desk_.turn(kNow, client_)) << "nobody has to confirm it";
  ASSERT_EQ(file_.told.size(), 1U);
  EXPECT_EQ(file_.told[0].action, AuditAction::kDrain);
  EXPECT_EQ(file_.told[0].actor.key, "somebody");
  EXPECT_EQ(file_.told[0].at, kNow);
  ASSERT_EQ(client_.replies.size(), 1U);
  EXPECT_TRUE(std::holds_alternative<DrainBegun>(*client_.answer(0)));
  EXPECT_TRUE(desk_.take_drain());
  EXPECT_FALSE(desk_.take_drain());
}

TEST_F(SystemDeskTest, ADrainThatCannotBeToldDoesNotBegin) {  // AU1
  file_.full = true;
  desk_.ask(DrainRequest{{0, ++slot_, 1, 0}, {}});
  EXPECT_FALSE(desk_.turn(kNow, client_));
  ASSERT_EQ(client_.replies.size(), 1U);
  ASSERT_FALSE(client_.answer(0));
  EXPECT_EQ(client_.answer(0).error().code, ErrorCode::kStorageLow);
  EXPECT_FALSE(desk_.take_drain());
}

TEST_F(SystemDeskTest, ABackupIsToldOrRefused) {  // AU1
  BackupRequest request{{0, ++slot_, 1, 0}, "/b/today", {}};
  request.actor.key = "somebody";
  desk_.ask(std::move(request));
  EXPECT_FALSE(desk_.turn(kNow, client_)) << "nobody has to confirm it";
  ASSERT_EQ(file_.told.size(), 1U);
  EXPECT_EQ(file_.told[0].action, AuditAction::kBackup);
  EXPECT_EQ(file_.told[0].actor.key, "somebody");
  EXPECT_EQ(file_.told[0].note, "/b/today");
  EXPECT_EQ(file_.told[0].at, kNow);
  ASSERT_EQ(client_.replies.size(), 1U);
  EXPECT_TRUE(std::holds_alternative<BackupTold>(*client_.answer(0)));
  file_.full = true;
  desk_.ask(BackupRequest{{0, ++slot_, 1, 0}, "/b/today", {}});
  EXPECT_FALSE(desk_.turn(kNow, client_));
  ASSERT_EQ(client_.replies.size(), 2U);
  ASSERT_FALSE(client_.answer(1));
  EXPECT_EQ(client_.answer(1).error().code, ErrorCode::kStorageLow);
}

TEST_F(SystemDeskTest, AReadOfTheAuditLogWaitsForNobody) {
  desk_.ask(begin());
  desk_.ask(AuditRequest{{0, ++slot_, 1, 0}, ListAudit{}});
  ASSERT_TRUE(desk_.turn(kNow, client_));
  ASSERT_EQ(client_.replies.size(), 1U) << "the pause is not confirmed yet";
  EXPECT_EQ(std::get<AuditPage>(*client_.answer(0)).entries.size(), 1U);
}

}  // namespace
}  // namespace hourwheel::system_desk_test
