// The text of a cron expression as a whole: macros, the number of fields, what they are together.
#include <algorithm>
#include <string>
#include <utility>

#include "engine/base/check.h"
#include "engine/limits.h"
#include "engine/schedule/cron.h"
#include "engine/schedule/invalid_schedule.h"
#include "engine/schedule/quoted.h"

namespace hourwheel {
namespace {

struct Macro {
  std::string_view name;
  std::string_view fields;
};
constexpr Macro kMacros[] = {
    {"@yearly", "0 0 1 1 *"}, {"@annually", "0 0 1 1 *"}, {"@monthly", "0 0 1 * *"},
    {"@weekly", "0 0 * * 0"}, {"@daily", "0 0 * * *"},    {"@midnight", "0 0 * * *"},
    {"@hourly", "0 * * * *"},
};

constexpr size_t kLeastFields = 5;

Result<CronTexts> split_fields(std::string_view text) {
  constexpr std::string_view kBlanks = " \t";
  std::array<std::string_view, kCronFields> found;
  size_t count = 0;  // counts on beyond what found holds
  size_t at = text.find_first_not_of(kBlanks);
  while (at != std::string_view::npos) {
    size_t end = std::min(text.find_first_of(kBlanks, at), text.size());
    if (count < found.size()) {
      found[count] = text.substr(at, end - at);
    }
    ++count;
    at = text.find_first_not_of(kBlanks, end);
  }
  if (count < kLeastFields || count > kCronFields) {
    return invalid_schedule("cron has 5, 6 or 7 fields, " + quoted(text) + " has " +
                            std::to_string(count));
  }
  CronTexts texts{{"0"}};  // 5 fields: at second 0
  texts.fields.back() = "*";
  size_t first = count == kLeastFields ? 1 : 0;
  std::copy_n(found.begin(), count, texts.fields.begin() + static_cast<ptrdiff_t>(first));
  return texts;
}

uint32_t low_bits(const CronField& field) {
  return static_cast<uint32_t>(field.bits());
}

DayRules day_rules(const CronField& of_month, const CronField& of_week, DomDow dom_dow) {
  DayRules rules;
  rules.days = low_bits(of_month);
  rules.weekdays = low_bits(of_week);
  rules.month_day_words = of_month.month_day_words;
  rules.weekday_words = of_week.weekday_words;
  rules.any_day = of_month.any;
  rules.any_weekday = of_week.any;
  rules.both = dom_dow == DomDow::kAnd;
  return rules;
}

}  // namespace

Result<CronTexts> split_cron(std::string_view text) {
  if (text.size() > kMaxScheduleText) {
    return invalid_schedule("a schedule of " + std::to_string(text.size()) +
                            " bytes is longer than " + std::to_string(kMaxScheduleText));
  }
  if (!text.starts_with('@')) {
    return split_fields(text);
  }
  for (const Macro& macro : kMacros) {
    if (macro.name == text) {
      return split_fields(macro.fields);
    }
  }
  return invalid_schedule(
      quoted(text) +
      " is not one of @yearly @annually @monthly @weekly @daily @midnight @hourly "
      "@every <duration>");
}

Result<Cron> Cron::parse(std::string_view text, const CronReading& reading) {
  auto texts = split_cron(text);
  if (!texts) {
    return failure(std::move(texts.error()));
  }
  std::array<CronField, kCronFields> fields;
  for (size_t i = 0; i < kCronFields; ++i) {
    auto field = parse_cron_field(static_cast<CronFieldName>(i), texts->fields[i], reading.seed);
    if (!field) {
      return failure(std::move(field.error()));
    }
    fields[i] = *field;
  }
  auto field = [&fields](CronFieldName name) -> const CronField& {
    return fields[static_cast<size_t>(name)];
  };
  const CronField* times = fields.data();  // the first three are the time of day
  Cron cron;
  CronSets& sets = cron.sets_;
  sets.seconds = field(CronFieldName::kSecond).bits();
  sets.minutes = field(CronFieldName::kMinute).bits();
  sets.hours = field(CronFieldName::kHour).bits();
  sets.months = low_bits(field(CronFieldName::kMonth));
  sets.days = day_rules(field(CronFieldName::kDayOfMonth), field(CronFieldName::kDayOfWeek),
                        reading.dom_dow);
  sets.years = field(CronFieldName::kYear).values;
  sets.any_year = field(CronFieldName::kYear).any;
  HW_CHECK(sets.seconds != 0 && sets.minutes != 0 && sets.hours != 0 && sets.months != 0,
           "CR1 every field has a value");
  cron.follows_elapsed_time_ = std::any_of(times, times + 3, [&reading](const CronField& time) {
    return reading.elapsed == ElapsedRule::kPattern ? time.spread : time.starred;
  });
  return cron;
}

}  // namespace hourwheel
