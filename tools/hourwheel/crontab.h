// Reads a crontab as cron does (crontab(5) of Vixie cron, cronie and the BSDs) and says what each
// line is. Nothing is judged here but the shape of a line; crontab_task says what it becomes.
//
// Thread: pure functions, any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hourwheel {

struct CrontabForm {
  bool user_column = false;  // as in /etc/crontab: the user stands before the command
  std::string timezone;      // of lines without a CRON_TZ above them; empty: UTC
};

// A line that starts a command.
struct CrontabEntry {
  uint64_t line = 0;  // from 1
  std::string written;
  std::string comment;   // of the lines right above
  std::string schedule;  // "30 2 * * *" or "@daily"; empty: the line has no such thing
  std::string timezone;
  std::string user;
  std::string command;               // \% is %
  std::optional<std::string> input;  // what stands behind the first %, the others as line feeds
};

// A line like MAILTO=root.
struct CrontabSetting {
  uint64_t line = 0;
  std::string name;
  std::string value;
};

struct Crontab {
  std::vector<CrontabEntry> entries;
  std::vector<CrontabSetting> settings;
};

Crontab read_crontab(std::string_view text, const CrontabForm& form);

// Words that stand between blanks.
std::vector<std::string_view> words_in(std::string_view text);

}  // namespace hourwheel
