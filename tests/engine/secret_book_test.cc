#include "engine/secret_book.h"

#include <gtest/gtest.h>

#include <map>
#include <optional>

#include "engine/limits.h"
#include "tests/support/plain_sealer.h"

namespace hourwheel::secret_book_test {
namespace {

constexpr Instant kNow{1'800'000'000'000};

struct FakeFile : SecretFile {
  Status put(const StoredSecret& secret, const AuditEntry* entry) override {
    if (full) return failure(ErrorCode::kStorageFull, "", "the disk is full");
    secrets.insert_or_assign(secret.name, secret);
    if (entry != nullptr) told.push_back(*entry);
    ++writes;
    return {};
  }
  Status remove_secret(const std::string& name, const AuditEntry& entry) override {
    if (full) return failure(ErrorCode::kStorageFull, "", "the disk is full");
    secrets.erase(name);
    told.push_back(entry);
    return {};
  }
  std::map<std::string, StoredSecret> secrets;
  std::vector<AuditEntry> told;
  int writes = 0;
  bool full = false;
};

class SecretBookTest : public ::testing::Test {
 protected:
  Result<SecretChanged> put(const std::string& name, std::string_view value,
                            Duration keep_previous = {},
                            std::optional<std::vector<std::string>> hosts = {}) {
    SecretRequest request;
    request.name = name;
    request.value = SecretText(value);
    request.hosts = std::move(hosts);
    request.keep_previous = keep_previous;
    return ask(std::move(request));
  }
  Result<SecretChanged> remove(const std::string& name) {
    SecretRequest request;
    request.action = SecretAction::kDelete;
    request.name = name;
    return ask(std::move(request));
  }
  Result<SecretChanged> ask(SecretRequest request) {
    request.actor.key = "caller0001";
    return book_.carry_out(request, now_);
  }
  std::string opened(const SealedValue& value, const std::string& name) {
    auto text = sealer_.open({name, value.version}, value.bytes);
    return text ? std::string(text->view()) : text.error().detail;
  }
  const StoredSecret& stored(const std::string& name) { return file_.secrets.at(name); }

  FakeFile file_;
  PlainSealer sealer_;
  SecretBook book_{file_, sealer_, {}};
  Instant now_ = kNow;
};

TEST_F(SecretBookTest, AValueIsSealedBeforeItIsWritten) {
  auto made = put("b", "value", {}, std::vector<std::string>{"a.example"});
  ASSERT_TRUE(made) << made.error().detail;
  EXPECT_TRUE(made->made);
  EXPECT_TRUE(book_.take_changed());
  EXPECT_FALSE(book_.take_changed());
  EXPECT_EQ(stored("b").value.bytes, "k1 b 1 value");
  EXPECT_EQ(stored("b").hosts, std::vector<std::string>{"a.example"});
  EXPECT_EQ(stored("b").created_by, "caller0001");
  ASSERT_TRUE(put("a", "value"));
  ASSERT_EQ(book_.secrets().size(), 2U);
  EXPECT_EQ(book_.secrets()[0].name, "a");
  EXPECT_EQ(book_.secrets()[1], stored("b"));
}

TEST_F(SecretBookTest, AReplacementKeepsTheValueBeforeIfItIsAskedTo) {
  ASSERT_TRUE(put("a", "first"));
  now_ = now_ + seconds(5);
  auto changed = put("a", "second", hours(1));
  ASSERT_TRUE(changed);
  EXPECT_FALSE(changed->made);
  EXPECT_EQ(opened(stored("a").value, "a"), "second");
  EXPECT_EQ(opened(stored("a").previous, "a"), "first");
  EXPECT_EQ(stored("a").previous_until, now_ + hours(1));
  EXPECT_EQ(stored("a").created, kNow);
  EXPECT_EQ(stored("a").updated, now_);
  EXPECT_TRUE(stored("a").overlaps(now_ + hours(1) - milliseconds(1)));
  EXPECT_FALSE(stored("a").overlaps(now_ + hours(1)));
  ASSERT_TRUE(put("a", "third"));
  EXPECT_TRUE(stored("a").previous.bytes.empty());
}

TEST_F(SecretBookTest, ARepeatChangesNothing) {  // SB4
  ASSERT_TRUE(put("a", "first"));
  ASSERT_TRUE(put("a", "second", hours(1)));
  const StoredSecret before = stored("a");
  EXPECT_TRUE(book_.take_changed());
  now_ = now_ + minutes(1);
  auto again = put("a", "second", hours(1));
  ASSERT_TRUE(again);
  EXPECT_EQ(again->secret, before);
  EXPECT_EQ(stored("a"), before);
  EXPECT_FALSE(book_.take_changed());
  EXPECT_EQ(file_.told.size(), 2U) << "AU1";
  // Another selection of hosts is a change, and leaves the value before where it is.
  ASSERT_TRUE(put("a", "second", {}, std::vector<std::string>{"a.example"}));
  EXPECT_EQ(opened(stored("a").previous, "a"), "first");
  EXPECT_EQ(stored("a").value.version.value, 3U);
}

TEST_F(SecretBookTest, HostsStayUnlessOthersAreNamed) {
  const std::vector<std::string> hosts{"a.example", "b.example"};
  ASSERT_TRUE(put("a", "first", {}, hosts));
  ASSERT_TRUE(put("a", "second"));
  EXPECT_EQ(stored("a").hosts, hosts) << "a new value is not sent further";
  EXPECT_EQ(put("a", "second")->secret.value.version.value, 2U);
  ASSERT_TRUE(put("a", "second", {}, std::vector<std::string>{}));
  EXPECT_TRUE(stored("a").hosts.empty());
  EXPECT_EQ(file_.told.at(1).note, "a.example, b.example");
  EXPECT_EQ(file_.told.at(2).note, "");
}

TEST_F(SecretBookTest, VersionsAreNeverUsedAgain) {  // SB3
  ASSERT_TRUE(put("a", "x"));
  ASSERT_TRUE(put("b", "x"));
  ASSERT_TRUE(remove("b"));
  EXPECT_EQ(put("b", "x")->secret.value.version.value, 3U);
  SecretBook next(file_, sealer_, {{stored("a")}, {3}});
  SecretRequest request;
  request.name = "c";
  request.value = SecretText("x");
  EXPECT_EQ(next.carry_out(request, now_)->secret.value.version.value, 4U);
}

TEST_F(SecretBookTest, PreconditionsAreKept) {
  auto demand = [this](const std::string& name, std::optional<Version> if_match,
                       Existence existence, SecretAction action = SecretAction::kPut) {
    SecretRequest request;
    request.action = action;
    request.name = name;
    request.value = SecretText("v");
    request.if_match = if_match;
    request.existence = existence;
    auto done = ask(std::move(request));
    return done ? ErrorCode::kInternal : done.error().code;
  };
  using enum Existence;
  EXPECT_EQ(demand("a", Version{1}, kEither), ErrorCode::kVersionMismatch);
  EXPECT_EQ(demand("a", {}, kMustExist), ErrorCode::kVersionMismatch);
  EXPECT_EQ(demand("a", {}, kMustExist, SecretAction::kDelete), ErrorCode::kVersionMismatch);
  EXPECT_EQ(demand("a", {}, kEither, SecretAction::kDelete), ErrorCode::kNotFound);
  EXPECT_TRUE(file_.secrets.empty());
  EXPECT_EQ(demand("a", {}, kMustNotExist), ErrorCode::kInternal);
  EXPECT_EQ(demand("a", {}, kMustNotExist), ErrorCode::kVersionMismatch);
  EXPECT_EQ(demand("a", Version{2}, kEither), ErrorCode::kVersionMismatch);
  EXPECT_EQ(demand("a", Version{2}, kEither, SecretAction::kDelete), ErrorCode::kVersionMismatch);
  EXPECT_EQ(demand("a", Version{1}, kMustExist), ErrorCode::kInternal);
  EXPECT_EQ(demand("a", Version{1}, kEither, SecretAction::kDelete), ErrorCode::kInternal);
  EXPECT_TRUE(file_.secrets.empty());
}

TEST_F(SecretBookTest, EachChangeIsToldWithoutAValue) {  // SE1
  ASSERT_TRUE(put("a", "the value"));
  ASSERT_TRUE(put("a", "another"));
  ASSERT_TRUE(remove("a"));
  ASSERT_EQ(file_.told.size(), 3U);
  const AuditAction actions[] = {AuditAction::kCreateSecret, AuditAction::kReplaceSecret,
                                 AuditAction::kDeleteSecret};
  for (size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(file_.told[i].action, actions[i]);
    EXPECT_EQ(file_.told[i].subject, "a");
    EXPECT_EQ(file_.told[i].note, "");
    EXPECT_EQ(file_.told[i].actor.key, "caller0001");
  }
  EXPECT_EQ(file_.told[1].version.value, 2U);
}

TEST_F(SecretBookTest, WhatIsNotWrittenIsNotSo) {
  ASSERT_TRUE(put("a", "x"));
  EXPECT_TRUE(book_.take_changed());
  file_.full = true;
  EXPECT_EQ(put("a", "y").error().code, ErrorCode::kStorageFull);
  EXPECT_EQ(put("b", "y").error().code, ErrorCode::kStorageFull);
  EXPECT_EQ(remove("a").error().code, ErrorCode::kStorageFull);
  EXPECT_FALSE(book_.take_changed());
  ASSERT_EQ(book_.secrets().size(), 1U);
  EXPECT_EQ(opened(book_.secrets()[0].value, "a"), "x");
}

TEST_F(SecretBookTest, AtTheLimitAFurtherOneIsRefused) {  // SB2
  for (size_t i = 0; i < kMaxSecrets; ++i) ASSERT_TRUE(put("s" + std::to_string(i), "x"));
  EXPECT_EQ(put("one-more", "x").error().code, ErrorCode::kStateConflict);
  EXPECT_TRUE(put("s1", "y"));
  ASSERT_TRUE(remove("s2"));
  EXPECT_TRUE(put("one-more", "x"));
}

TEST_F(SecretBookTest, WhatAnOlderKeySealedIsSealedAnew) {
  ASSERT_TRUE(put("a", "first"));
  ASSERT_TRUE(put("a", "second", hours(1)));
  ASSERT_TRUE(put("b", "x"));
  const StoredSecrets stored{{this->stored("a"), this->stored("b")}, {3}};
  file_.writes = 0;
  const PlainSealer both({"k2", "k1"});
  SecretBook next(file_, both, stored);
  ASSERT_TRUE(next.renew(now_));
  EXPECT_EQ(this->stored("a").value.bytes, "k2 a 2 second");
  EXPECT_EQ(this->stored("a").previous.bytes, "k2 a 1 first");
  EXPECT_EQ(this->stored("b").value.bytes, "k2 b 3 x");
  EXPECT_EQ(file_.writes, 2);
  EXPECT_EQ(file_.told.size(), 3U) << "AU1 nobody asked for it";
  ASSERT_TRUE(next.renew(now_));
  EXPECT_EQ(file_.writes, 2);
  ASSERT_TRUE(next.renew(now_ + hours(1)));
  EXPECT_TRUE(this->stored("a").previous.bytes.empty()) << "its time is over";
}

TEST_F(SecretBookTest, OneThatDoesNotOpenIsNamedAndNothingIsWritten) {
  ASSERT_TRUE(put("a", "x"));
  ASSERT_TRUE(put("b", "x"));
  StoredSecret swapped = stored("b");
  swapped.value.bytes = stored("a").value.bytes;
  file_.writes = 0;
  const PlainSealer both({"k2", "k1"});
  SecretBook moved(file_, both, {{stored("a"), swapped}, {2}});
  EXPECT_EQ(moved.renew(now_).error().code, ErrorCode::kCorrupt);
  const PlainSealer other({"k2"});
  SecretBook closed(file_, other, {{stored("a"), stored("b")}, {2}});
  const Status refused = closed.renew(now_);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kForbidden);
  EXPECT_EQ(refused.error().detail, "secret a: no key k1");
  EXPECT_EQ(file_.writes, 0);
}

TEST(SecretText, IsWipedAndMovesWithoutACopy) {
  std::string source = "a text that is longer than what a string keeps within itself";
  SecretText text = SecretText::taken_from(source);
  EXPECT_TRUE(source.empty());
  EXPECT_EQ(source.data()[0], '\0');
  const char* place = text.view().data();
  SecretText moved = std::move(text);
  EXPECT_EQ(moved.view().data(), place);
  EXPECT_TRUE(text.empty());  // NOLINT(bugprone-use-after-move): that it holds nothing is the point
  EXPECT_TRUE(same_text(moved, SecretText(moved.view())));
  EXPECT_FALSE(same_text(moved, SecretText("a text")));
}

TEST(SecretName, IsOfFewCharacters) {
  for (const std::string& good :
       {std::string("a"), std::string("0.crm_token-2"), std::string(kMaxSecretName, 'x')}) {
    EXPECT_TRUE(is_secret_name(good)) << good;
  }
  for (const std::string& bad :
       {std::string(), std::string("-a"), std::string(".a"), std::string("_a"), std::string("A"),
        std::string("a b"), std::string("a/b"), std::string("\xc3\xa9"), std::string("a\0", 2),
        std::string(kMaxSecretName + 1, 'x')}) {
    EXPECT_FALSE(is_secret_name(bad)) << bad;
  }
}

}  // namespace
}  // namespace hourwheel::secret_book_test
