#include "engine/schedule/written_cron.h"

#include <gtest/gtest.h>

#include "engine/base/random.h"
#include "engine/schedule/cron.h"

namespace hourwheel::written_cron_test {
namespace {

// The values of a field without words, as bits; wraps round at size above min.
uint64_t bits_of(const WrittenField& field, int min, int size) {
  uint64_t bits = 0;
  for (const WrittenEntry& entry : field.entries) {
    int length = (entry.last - entry.first + size) % size;
    for (int i = 0; i <= length; i += std::max(entry.step, 1)) {
      bits |= uint64_t{1} << (min + (entry.first - min + i) % size);
    }
  }
  return bits;
}

std::string random_entry(Random& random, int min, int max) {
  const auto span = static_cast<uint64_t>(max - min);
  auto value = [&] { return std::to_string(min + static_cast<int>(random.below(span + 1))); };
  switch (random.below(6)) {
    case 0:
      return "*";
    case 1:
      return "*/" + std::to_string(1 + random.below(span));
    case 2:
      return value() + "-" + value();
    case 3:
      return value() + "/" + std::to_string(1 + random.below(span));
    case 4:
      return value() + "-" + value() + "/" + std::to_string(1 + random.below(span));
    default:
      return value();
  }
}

std::string field_text(Random& random, int min, int max) {
  std::string out = random_entry(random, min, max);
  while (random.below(3) == 0) out += "," + random_entry(random, min, max);
  return out;
}

TEST(WrittenCronTest, HasTheValuesThatCronHas) {  // WC1
  Random random(20270328);
  for (int i = 0; i < 5000; ++i) {
    std::string text = field_text(random, 0, 59) + " " + field_text(random, 0, 59) + " " +
                       field_text(random, 0, 23) + " " + field_text(random, 1, 31) + " " +
                       field_text(random, 1, 12) + " " + field_text(random, 0, 7);
    auto cron = Cron::parse(text, {});
    ASSERT_TRUE(cron) << text;
    auto written = read_written_cron(text);
    ASSERT_TRUE(written) << text;
    EXPECT_EQ(bits_of(written->second, 0, 60), cron->sets().seconds) << text;
    EXPECT_EQ(bits_of(written->minute, 0, 60), cron->sets().minutes) << text;
    EXPECT_EQ(bits_of(written->hour, 0, 24), cron->sets().hours) << text;
    EXPECT_EQ(bits_of(written->day, 1, 31), cron->sets().days.days) << text;
    EXPECT_EQ(bits_of(written->month, 1, 12), cron->sets().months) << text;
    EXPECT_EQ(bits_of(written->weekday, 0, 7), cron->sets().days.weekdays) << text;
    EXPECT_EQ(!written->day.restricted, cron->sets().days.any_day) << text;
  }
}

TEST(WrittenCronTest, ReadsTheWordsOfTheDialect) {
  auto entry = [](std::string_view text, WrittenField WrittenCron::*field) {
    auto cron = read_written_cron(text);
    EXPECT_TRUE(cron) << text;
    return cron ? (*cron.*field).front() : WrittenEntry{};
  };
  EXPECT_EQ(entry("0 0 L * *", &WrittenCron::day).form, EntryForm::kLastDay);
  EXPECT_EQ(entry("0 0 L-3 * *", &WrittenCron::day).first, 3);
  EXPECT_EQ(entry("0 0 lw * *", &WrittenCron::day).form, EntryForm::kLastWorkday);
  EXPECT_EQ(entry("0 0 15W * *", &WrittenCron::day).form, EntryForm::kNearestWorkday);
  EXPECT_EQ(entry("0 0 * * fri#2", &WrittenCron::weekday).form, EntryForm::kNthWeekday);
  EXPECT_EQ(entry("0 0 * * 7L", &WrittenCron::weekday).first, 0);
  EXPECT_EQ(entry("0 0 * * 5#L", &WrittenCron::weekday).form, EntryForm::kLastWeekday);
  WrittenEntry hash = entry("H(10-20)/5 0 * * *", &WrittenCron::minute);
  EXPECT_EQ(hash.form, EntryForm::kHash);
  EXPECT_EQ(hash.first, 10);
  EXPECT_EQ(hash.last, 20);
  EXPECT_EQ(hash.step, 5);
}

TEST(WrittenCronTest, GivesUpOnWhatItDoesNotKnow) {  // WC1
  for (std::string_view text : {"", "1 2 3 4", "1 2 3 4 5 6 7 8", "0 0 Q * *", "0 0 1- * *",
                                "0 0 5#L * *x", "0 0 * * 5##2", "99999 0 * * *"}) {
    EXPECT_FALSE(read_written_cron(text)) << text;
  }
}

}  // namespace
}  // namespace hourwheel::written_cron_test
