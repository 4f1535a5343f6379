#include "tools/hourwheel/log.h"

#include <limits.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <utility>

#include "api/json_reader.h"
#include "api/json_writer.h"
#include "api/words.h"
#include "engine/schedule/time_text.h"
#include "net/system_clock.h"
#include "tools/hourwheel/answer_text.h"

namespace hourwheel {
namespace {

constexpr int kPollMs = 100;
constexpr int kLastPolls = 10;  // of one who does not read, at the end

// Valid UTF-8, cut between two characters.
std::string shown(const std::string& value) {
  if (!is_valid_utf8(value)) return "(not UTF-8)";
  if (value.size() <= kMaxLogValue) return value;
  size_t end = kMaxLogValue;
  while (end > 0 && (static_cast<unsigned char>(value[end]) & 0xc0) == 0x80) --end;
  return value.substr(0, end) + "…";
}

bool needs_quotes(std::string_view text) {
  return text.empty() || std::any_of(text.begin(), text.end(), [](char c) {
           return c == ' ' || c == '"' || c == '=' || c == '\\' ||
                  static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
         });
}

void append_quoted(std::string& out, std::string_view text) {
  JsonWriter json(out);
  json.string(text);
}

// A message is ours, but may quote what the world said.
std::string on_one_line(std::string text) {
  blank_controls(text);
  return text;
}

}  // namespace

std::string log_text(const LogRecord& record, Instant at) {
  std::string out = to_text(at);
  out.append(" ").append(word_of(record.level)).append(" ").append(on_one_line(record.message));
  for (const LogField& field : record.fields) {
    const std::string value = on_one_line(shown(field.value));
    out.append(" ").append(field.name).append("=");
    needs_quotes(value) ? append_quoted(out, value) : static_cast<void>(out.append(value));
  }
  return out;
}

std::string log_json(const LogRecord& record, Instant at) {
  std::string out;
  JsonWriter json(out);
  json.begin_object();
  json.name("ts");
  json.instant(at);
  json.name("level");
  json.string(word_of(record.level));
  json.name("component");
  json.string(record.component);
  json.name("msg");
  json.string(is_valid_utf8(record.message) ? record.message : "(not UTF-8)");
  for (const LogField& field : record.fields) {
    json.name(field.name);
    json.string(shown(field.value));
  }
  json.end_object();
  return out;
}

Log::Log(const Settings& settings)
    : json_(settings.format == LogFormat::kJson ||
            (settings.format == LogFormat::kAuto && isatty(settings.descriptor) == 0)),
      descriptor_(settings.descriptor),
      level_(settings.level),
      writer_([this] { write_lines(); }) {}

Log::~Log() {
  ends_soon_ = true;
  {
    const std::lock_guard lock(mutex_);
    ends_ = true;
  }
  work_.notify_one();
  writer_.join();
}

void Log::write(LogRecord record) {
  if (!takes(record.level)) return;
  const Instant at = SystemClock().now().utc;
  std::string line = json_ ? log_json(record, at) : log_text(record, at);
  {
    const std::lock_guard lock(mutex_);
    if (waiting_.size() >= kMaxLogLines) {  // LG4
      ++untold_;
      dropped_.fetch_add(1, std::memory_order_relaxed);
      return;
    }
    waiting_.push_back(std::move(line));
  }
  work_.notify_one();
}

void Log::flush(Duration patience) {
  std::unique_lock lock(mutex_);
  written_.wait_for(lock, std::chrono::milliseconds(patience.ms),
                    [this] { return waiting_.empty() && !writing_; });
}

void Log::write_lines() {
  // They are the control loop's.
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, nullptr);
  std::unique_lock lock(mutex_);
  while (true) {
    work_.wait(lock, [this] { return ends_ || !waiting_.empty(); });
    if (waiting_.empty()) return;
    const std::vector<std::string> lines = std::exchange(waiting_, {});
    const uint64_t untold = std::exchange(untold_, 0);
    writing_ = true;
    lock.unlock();
    for (const std::string& line : lines) {
      if (!put(line + "\n")) return;
    }
    if (untold > 0) {
      const LogRecord told{LogLevel::kWarning, "log",
                           std::to_string(untold) + " lines were dropped: nobody read them"};
      const Instant at = SystemClock().now().utc;
      if (!put((json_ ? log_json(told, at) : log_text(told, at)) + "\n")) return;
    }
    lock.lock();
    writing_ = false;
    written_.notify_all();
  }
}

// What poll() says there is room for does not block: PIPE_BUF bytes. Whoever closed the other end
// has no use for the rest, and whoever does not read does not hold up an end.
bool Log::put(const std::string& text) const {
  size_t done = 0;
  int idle = 0;
  while (done < text.size()) {
    pollfd room{descriptor_, POLLOUT, 0};
    const int ready = poll(&room, 1, kPollMs);
    const bool late = ready == 0 && ends_soon_.load(std::memory_order_relaxed);
    if (late && ++idle >= kLastPolls) return false;
    if (ready < 0 && errno != EINTR) return true;
    if (ready <= 0) continue;
    const size_t piece = std::min<size_t>(text.size() - done, PIPE_BUF);
    const ssize_t wrote = ::write(descriptor_, text.data() + done, piece);
    if (wrote < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (wrote <= 0) return true;
    done += static_cast<size_t>(wrote);
    idle = 0;
  }
  return true;
}

}  // namespace hourwheel
