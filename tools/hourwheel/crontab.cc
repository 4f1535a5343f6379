#include "tools/hourwheel/crontab.h"

#include <algorithm>
#include <utility>

#include "engine/schedule/cron.h"

namespace hourwheel {
namespace {

constexpr std::string_view kBlanks = " \t\r";
constexpr size_t kScheduleFields = 5;

std::string_view trimmed(std::string_view text) {
  const size_t begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1);
}

std::string_view take_word(std::string_view& text) {
  text = trimmed(text);
  const std::string_view word = text.substr(0, text.find_first_of(kBlanks));
  text = trimmed(text.substr(word.size()));
  return word;
}

std::string unquoted(std::string_view text) {
  const bool quoted = text.size() >= 2 && (text.front() == '"' || text.front() == '\'') &&
                      text.back() == text.front();
  return std::string(quoted ? text.substr(1, text.size() - 2) : text);
}

// NAME = value, where the name is one word that is no field of a schedule.
std::optional<CrontabSetting> read_setting(std::string_view line) {
  const size_t sign = line.find('=');
  if (sign == std::string_view::npos) return std::nullopt;
  const std::string name = unquoted(trimmed(line.substr(0, sign)));
  const bool is_name = !name.empty() && (name[0] < '0' || name[0] > '9') &&
                       std::all_of(name.begin(), name.end(), [](char c) {
                         return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                                (c >= '0' && c <= '9') || c == '_';
                       });
  if (!is_name) return std::nullopt;
  return CrontabSetting{0, name, unquoted(trimmed(line.substr(sign + 1)))};
}

// Until the first % the command, behind it what it reads.
void split_command(std::string_view text, CrontabEntry& entry) {
  std::string* part = &entry.command;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size() && text[i + 1] == '%') {
      *part += text[++i];
    } else if (text[i] != '%') {
      *part += text[i];
    } else if (!entry.input) {
      part = &entry.input.emplace();
    } else {
      *part += '\n';
    }
  }
}

// What stands before the command.
std::string take_schedule(std::string_view& rest) {
  if (rest.starts_with('@')) return std::string(take_word(rest));
  std::string schedule;
  for (size_t i = 0; i < kScheduleFields; ++i) {
    const std::string_view word = take_word(rest);
    if (word.empty()) return "";
    schedule.append(i == 0 ? "" : " ").append(word);
  }
  // cronie: not to be logged.
  return schedule.starts_with('-') ? schedule.substr(1) : schedule;
}

CrontabEntry read_entry(std::string_view line, const CrontabForm& form) {
  CrontabEntry entry;
  entry.written = line;
  entry.timezone = form.timezone;
  entry.schedule = take_schedule(line);
  if (entry.schedule.empty()) return entry;
  if (form.user_column) entry.user = take_word(line);
  split_command(line, entry);
  return entry;
}

// A line that was switched off, and the row of titles that many crontabs begin with, describe
// nothing.
bool describes(std::string_view comment) {
  std::string_view rest = comment;
  const std::string schedule = take_schedule(rest);
  if (!rest.empty() && !schedule.empty() && Cron::parse(schedule)) return false;
  const std::vector<std::string_view> words = words_in(comment);
  return !(words.size() > 2 && words[0] == "m" && words[1] == "h");
}

class Reader {
 public:
  explicit Reader(CrontabForm form) : form_(std::move(form)), default_zone_(form_.timezone) {}

  void read(std::string_view line) {
    ++number_;
    line = trimmed(line);
    if (line.starts_with('#')) {
      const std::string_view text =
          trimmed(line.substr(std::min(line.size(), line.find_first_not_of('#'))));
      if (!text.empty() && describes(text)) {
        comment_.append(comment_.empty() ? "" : " ").append(text);
      }
      return;
    }
    if (auto setting = read_setting(line)) {
      setting->line = number_;
      if (setting->name == "CRON_TZ") {
        form_.timezone = setting->value.empty() ? default_zone_ : setting->value;
      }
      found_.settings.push_back(std::move(*setting));
    } else if (!line.empty()) {
      CrontabEntry entry = read_entry(line, form_);
      entry.line = number_;
      entry.comment = std::move(comment_);
      found_.entries.push_back(std::move(entry));
    }
    comment_.clear();
  }

  Crontab take() { return std::move(found_); }

 private:
  CrontabForm form_;
  std::string default_zone_;
  uint64_t number_ = 0;
  std::string comment_;
  Crontab found_;
};

}  // namespace

std::vector<std::string_view> words_in(std::string_view text) {
  std::vector<std::string_view> words;
  for (text = trimmed(text); !text.empty();) words.push_back(take_word(text));
  return words;
}

Crontab read_crontab(std::string_view text, const CrontabForm& form) {
  Reader reader(form);
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    reader.read(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return reader.take();
}

}  // namespace hourwheel
