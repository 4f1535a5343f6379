// What a shard decides for keys that are narrowed to a selection of labels (SL1 to SL3).
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tests/engine/fake_doors.h"

namespace hourwheel::shard_selection_test {
namespace {

constexpr Instant kStart = ShardUnderTest::kStart;
constexpr Instant kLater = kStart + hours(50);
// The due index tells of such tasks, and their definitions are not read yet.
constexpr Instant kSoon = kStart + seconds(8);

std::unique_ptr<TaskSpec> labelled(const std::string& id, std::vector<NamedText> labels,
                                   Instant at = kLater) {
  auto spec = once_at(id, at);
  spec->labels = std::move(labels);
  return spec;
}

Command with_spec(CommandKind kind, std::unique_ptr<TaskSpec> spec) {
  Command made = command(kind, spec->id);
  made.spec = std::move(spec);
  return made;
}

Command replace_with(std::unique_ptr<TaskSpec> spec, Existence existence = Existence::kEither) {
  Command made = with_spec(CommandKind::kReplace, std::move(spec));
  made.existence = existence;
  return made;
}

Command narrowed(Command made) {
  made.selection = std::make_unique<Selection>(Selection{{"team", "a"}});
  return made;
}

class ShardSelectionTest : public ::testing::Test {
 protected:
  ShardSelectionTest() {
    settled(with_spec(CommandKind::kCreate, labelled("mine", {{"env", "x"}, {"team", "a"}})));
    settled(with_spec(CommandKind::kCreate, labelled("theirs", {{"env", "x"}, {"team", "b"}})));
  }

  // What it came to, once that is durable.
  const CommandOutcome& settled(Command made) {
    under_.ask(std::move(made));
    under_.live_until(under_.now);
    return under_.answer(under_.client.replies.size() - 1);
  }
  // Why it is refused.
  Error refusal(Command made) {
    const CommandOutcome& outcome = settled(std::move(made));
    return outcome ? Error{ErrorCode::kInternal, "", "it was not refused"} : outcome.error();
  }
  [[nodiscard]] const StoredTask* stored(const std::string& id) const {
    for (const auto& [number, task] : under_.store.stored) {
      if (task.spec.id == id) return &task;
    }
    return nullptr;
  }

  ShardUnderTest under_;
};

TEST_F(ShardSelectionTest, ATaskOutsideIsAsIfItWereNotThere) {
  for (CommandKind kind :
       {CommandKind::kDelete, CommandKind::kPause, CommandKind::kResume, CommandKind::kRun,
        CommandKind::kRedrive, CommandKind::kCancel, CommandKind::kBackfill,
        CommandKind::kStopBackfill, CommandKind::kDiscard}) {
    auto ask = [kind](const std::string& id) {
      Command made = narrowed(command(kind, id));
      if (kind == CommandKind::kBackfill) made.range = BackfillRange{kStart - hours(1), kStart, 1};
      return made;
    };
    const Error outside = refusal(ask("theirs"));
    const Error absent = refusal(ask("nobody"));
    EXPECT_EQ(outside.code, ErrorCode::kNotFound) << static_cast<int>(kind);
    EXPECT_EQ(outside.detail, absent.detail) << static_cast<int>(kind);
    EXPECT_EQ(outside.field, absent.field) << static_cast<int>(kind);
  }
  ASSERT_NE(stored("theirs"), nullptr);
  EXPECT_FALSE(stored("theirs")->state.pause);
  EXPECT_TRUE(under_.targets.sent.empty());
}

TEST_F(ShardSelectionTest, AnIfMatchTellsNothingOfATaskOutside) {
  auto ask = [](const std::string& id, uint64_t version) {
    Command made = narrowed(command(CommandKind::kDelete, id));
    made.if_match = Version{version};
    return made;
  };
  const uint64_t version = stored("theirs")->state.version.value;
  const Error absent = refusal(ask("nobody", version));
  for (uint64_t asked : {version, version + 1}) {
    const Error outside = refusal(ask("theirs", asked));
    EXPECT_EQ(outside.code, ErrorCode::kVersionMismatch);
    EXPECT_EQ(outside.detail, absent.detail);
  }
}

TEST_F(ShardSelectionTest, TheIdOfATaskOutsideIsTaken) {
  auto spec = [] { return labelled("theirs", {{"team", "a"}}); };
  EXPECT_EQ(refusal(narrowed(with_spec(CommandKind::kCreate, spec()))).code,
            ErrorCode::kAlreadyExists);
  EXPECT_EQ(refusal(narrowed(replace_with(spec()))).code, ErrorCode::kAlreadyExists);
  EXPECT_EQ(refusal(narrowed(replace_with(spec(), Existence::kMustNotExist))).code,
            ErrorCode::kAlreadyExists);
  EXPECT_EQ(refusal(narrowed(replace_with(spec(), Existence::kMustExist))).code,
            ErrorCode::kNotFound);
  EXPECT_EQ(stored("theirs")->spec.labels, (std::vector<NamedText>{{"env", "x"}, {"team", "b"}}));
}

TEST_F(ShardSelectionTest, NoTaskIsMadeOutsideOrTakenOut) {  // SL2
  const std::vector<std::vector<NamedText>> others{
      {}, {{"team", "b"}}, {{"teams", "a"}}, {{"a", "team"}}};
  for (const std::vector<NamedText>& labels : others) {
    // Whether there is one, and whose it is, makes no difference.
    for (const char* id : {"new", "mine", "theirs"}) {
      for (CommandKind kind : {CommandKind::kCreate, CommandKind::kReplace}) {
        const Error why = refusal(narrowed(with_spec(kind, labelled(id, labels))));
        EXPECT_EQ(why.code, ErrorCode::kForbidden) << id;
        EXPECT_EQ(why.field, "/labels") << id;
      }
    }
  }
  EXPECT_EQ(stored("new"), nullptr);
  EXPECT_EQ(stored("mine")->spec.labels, (std::vector<NamedText>{{"env", "x"}, {"team", "a"}}));
}

TEST_F(ShardSelectionTest, WithinItEverythingGoesOn) {
  EXPECT_TRUE(settled(narrowed(with_spec(CommandKind::kCreate, labelled("new", {{"team", "a"}})))));
  EXPECT_TRUE(settled(narrowed(replace_with(labelled("mine", {{"team", "a"}})))));
  EXPECT_TRUE(settled(narrowed(command(CommandKind::kRun, "mine"))));
  EXPECT_TRUE(settled(narrowed(command(CommandKind::kPause, "mine"))));
  EXPECT_TRUE(settled(narrowed(command(CommandKind::kResume, "mine"))));
  EXPECT_TRUE(settled(narrowed(command(CommandKind::kDelete, "mine"))));
  EXPECT_EQ(stored("mine"), nullptr);
}

TEST_F(ShardSelectionTest, ATaskThatOthersTakeOutIsOutsideFromThenOn) {
  settled(replace_with(labelled("mine", {{"team", "b"}})));
  EXPECT_EQ(refusal(narrowed(command(CommandKind::kDelete, "mine"))).code, ErrorCode::kNotFound);
}

// A shard of the next life, which has read nothing but the due index.
class NextLife {
 public:
  explicit NextLife(const std::string& team) {
    ShardUnderTest former;
    former.ask(with_spec(CommandKind::kCreate, labelled("a", {{"team", team}}, kSoon)));
    former.live_until(former.now);
    under.store.stored = former.store.stored;
    under.rest();
  }
  const CommandOutcome& settled(Command made) {
    under.ask(std::move(made));
    under.live_until(under.now);
    return under.answer(under.client.replies.size() - 1);
  }
  // The same, where no definition can be read.
  const CommandOutcome& settled_damaged(Command made) {
    under.ask(std::move(made));
    under.rest();
    while (!under.store.fetches.empty()) {
      under.fail_fetch(ErrorCode::kCorrupt);
      under.rest();
    }
    return under.answer(under.client.replies.size() - 1);
  }
  static ErrorCode code_of(const CommandOutcome& outcome) {
    return outcome ? ErrorCode::kInternal : outcome.error().code;
  }

  ShardUnderTest under{RecoveredShard{100, {}}};
};

TEST(ShardSelectionNextLife, ADeleteReadsTheLabels) {
  NextLife mine("a");
  EXPECT_TRUE(mine.settled(narrowed(command(CommandKind::kDelete, "a"))));
  NextLife theirs("b");
  EXPECT_EQ(NextLife::code_of(theirs.settled(narrowed(command(CommandKind::kDelete, "a")))),
            ErrorCode::kNotFound);
  EXPECT_EQ(theirs.under.store.stored.size(), 1U);
}

TEST(ShardSelectionNextLife, ATaskThatCannotBeReadIsOutside) {  // SL3
  // The first of them finds the damage, the others know of it.
  for (size_t first = 0; first < 3; ++first) {
    NextLife life("a");
    for (size_t i = 0; i < 3; ++i) {
      const size_t turn = (first + i) % 3;
      Command made = turn == 0   ? command(CommandKind::kRun, "a")
                     : turn == 1 ? command(CommandKind::kDelete, "a")
                                 : with_spec(CommandKind::kCreate, labelled("a", {{"team", "a"}}));
      const ErrorCode wanted = turn == 2 ? ErrorCode::kAlreadyExists : ErrorCode::kNotFound;
      EXPECT_EQ(NextLife::code_of(life.settled_damaged(narrowed(std::move(made)))), wanted)
          << first << " " << turn;
    }
    EXPECT_EQ(NextLife::code_of(life.settled_damaged(command(CommandKind::kRun, "a"))),
              ErrorCode::kCorrupt)
        << "others are told";
    EXPECT_TRUE(life.settled_damaged(command(CommandKind::kDelete, "a")));
  }
}

}  // namespace
}  // namespace hourwheel::shard_selection_test
