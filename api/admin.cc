// The requests about the server itself.
#include <utility>

#include "api/action_body.h"
#include "api/handlers.h"
#include "api/members.h"
#include "api/metrics_page.h"
#include "api/words.h"

namespace hourwheel {
namespace {

constexpr size_t kMaxPath = 1024;
constexpr const char* kNoRoomAtDesk = "too many changes of the server are under way";
constexpr std::string_view kPlainText = "text/plain; charset=utf-8";

// One file a shard, named by the path and the shard's number.
std::string backup_file(const std::string& path, size_t shard) {
  return path + "." + std::to_string(shard);
}

// First the audit log is to tell of it; then every shard is asked.
class BackupAnswer : public Answer {
 public:
  BackupAnswer(std::string path, size_t shards) : path_(std::move(path)), bytes_(shards) {}

  void on_part(Calls& calls, Call& call, Reply reply) override {
    auto& answer = std::get<Result<QueryAnswer>>(reply.body);
    if (!std::exchange(told_, true)) {
      return answer ? start(calls, call) : calls.refuse(call, std::move(answer.error()));
    }
    if (answer) {
      bytes_[reply.token.shard] = std::get<BackupDone>(*answer).bytes;
    } else {
      refusal_ = std::move(answer.error());
    }
    if (--outstanding_ == 0) finish(calls, call);
  }

 private:
  void start(Calls& calls, Call& call) {
    for (size_t i = 0; i < bytes_.size(); ++i) {
      auto shard = static_cast<uint32_t>(i);
      if (calls.post(call, shard, shard, Backup{backup_file(path_, i)})) {
        ++outstanding_;
      } else {
        refusal_ = Error{ErrorCode::kOverloaded, "", "a shard has no room for more requests"};
      }
    }
    if (outstanding_ == 0) finish(calls, call);
  }

  void finish(Calls& calls, Call& call) {
    if (refusal_) return calls.refuse(call, std::move(*refusal_));
    HttpResponse response;
    JsonWriter json(response.body);
    json.begin_object();
    json.name("files");
    json.begin_array();
    for (size_t i = 0; i < bytes_.size(); ++i) {
      json.begin_object();
      json.name("path");
      json.string(backup_file(path_, i));
      json.name("bytes");
      json.count(bytes_[i]);
      json.end_object();
    }
    json.end_array();
    json.end_object();
    calls.respond(call, std::move(response));
  }

  std::string path_;
  std::vector<uint64_t> bytes_;  // of each shard's file
  std::optional<Error> refusal_;
  size_t outstanding_ = 0;
  bool told_ = false;
};

uint64_t damaged_rows(const ServerFacts& facts) {
  uint64_t sum = 0;
  for (const StoreMetrics* store : facts.store_metrics()) sum += store->damaged_rows.value();
  return sum;
}

// 202: it begins now, and the connection of this answer is waited for.
void respond_draining(Calls& calls, Call& call) {
  HttpResponse response;
  response.status = 202;
  response.body = R"({"draining":true})";
  calls.respond(call, std::move(response));
}

class DrainAnswer : public Answer {
 public:
  void on_part(Calls& calls, Call& call, Reply reply) override {
    auto& answer = std::get<Result<QueryAnswer>>(reply.body);
    if (!answer) return calls.refuse(call, std::move(answer.error()));
    respond_draining(calls, call);
  }
};

void respond_text(Calls& calls, Call& call, int status, std::string text) {
  HttpResponse response;
  response.status = status;
  response.content_type = kPlainText;
  response.body = std::move(text);
  calls.respond(call, std::move(response));
}

}  // namespace

void write_backup(Calls& calls, Call& call, const HttpRequest& request) {
  struct BackupReading {
    FieldErrors& errors;
    std::string path{};
  };
  static constexpr Member<BackupReading> kMembers[] = {
      {"path", [](BackupReading& reading, const JsonValue& value) {
         if (read_text(value, kMaxPath, reading.path, reading.errors) &&
             (!reading.path.starts_with('/') || reading.path.find('\0') != std::string::npos)) {
           reading.errors.add(value, "invalid", "must be an absolute path");
         }
       }}};
  auto body = calls.read_body(call, request);
  if (!body) return;
  FieldErrors errors;
  BackupReading reading{errors};
  std::span<const Member<BackupReading>> members = kMembers;
  read_members(*body, members, Unknown::kRefuse, reading);
  if (errors.empty() && reading.path.empty()) {
    errors.add({ErrorCode::kValidationFailed, "/path", "required", "the path is missing"});
  }
  if (!errors.empty()) return calls.refuse(call, problem_of(std::move(errors)));
  call.answer = std::make_unique<BackupAnswer>(reading.path, calls.shards().shard_count());
  if (!calls.post_backup(call, std::move(reading.path))) {
    calls.refuse(call, ErrorCode::kOverloaded, kNoRoomAtDesk);
  }
}

// The control thread begins it, once the audit log tells of it.
void begin_drain(Calls& calls, Call& call, const HttpRequest& request) {
  std::optional<JsonValue> body;
  if (!read_action_body(calls, call, request, body) || refuse_members(calls, call, body)) return;
  if (!request.query.empty()) {
    return calls.refuse(call, ErrorCode::kBadRequest, "the query takes no parameters");
  }
  if (calls.facts().draining()) return respond_draining(calls, call);
  call.answer = std::make_unique<DrainAnswer>();
  if (!calls.post_drain(call)) {
    calls.refuse(call, ErrorCode::kOverloaded, kNoRoomAtDesk);
  }
}

void show_alive(Calls& calls, Call& call, const HttpRequest& /*request*/) {
  respond_text(calls, call, 200, "ok\n");
}

void show_ready(Calls& calls, Call& call, const HttpRequest& request) {
  const ServerFacts& facts = calls.facts();
  bool open = facts.ready();
  bool serving = !facts.draining();
  const StorageState storage = facts.storage().storage();
  std::string text;
  if (request.query == "verbose" || request.query.starts_with("verbose=")) {
    text.append(open ? "[+]" : "[-]").append("data files open\n");
    text.append(serving ? "[+]" : "[-]").append("not draining\n");
    text.append(storage == StorageState::kOk ? "[+]" : "[-]").append("storage ");
    text.append(word_of(storage)).append("\n");
    const uint64_t damaged = damaged_rows(facts);
    text.append(damaged == 0 ? "[+]no" : "[-]").append(damaged == 0 ? "" : std::to_string(damaged));
    text.append(" damaged rows met\n");
  }
  bool ready = is_ready(facts);
  text.append(ready ? "ok\n" : "not ready\n");
  respond_text(calls, call, ready ? 200 : 503, std::move(text));
}

void show_metrics(Calls& calls, Call& call, const HttpRequest& request) {
  const MetricsFormat format = metrics_format_for(field_of(request, "accept"));
  HttpResponse response;
  response.content_type = content_type_of(format);
  response.fields.emplace_back("vary", "accept");
  response.body = metrics_page(calls.facts(), calls.log(), format);
  calls.respond(call, std::move(response));
}

}  // namespace hourwheel
