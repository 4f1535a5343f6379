#include "api/idempotency.h"

#include <memory>

#include "api/calls.h"
#include "api/crypto.h"
#include "api/text.h"

namespace hourwheel {
namespace {

constexpr size_t kMaxKey = 255;

bool is_shown(char c) {
  return c >= 0x20 && c <= 0x7e;
}

// RFC 8941 section 4.2.5; parameters behind it are passed over.
std::optional<std::string> read_string(std::string_view text) {
  std::string out;
  for (size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '"') {
      const std::string_view rest = trim(text.substr(i + 1));
      return rest.empty() || rest.starts_with(';') ? std::optional(out) : std::nullopt;
    }
    if (text[i] == '\\' && ++i < text.size() && text[i] != '"' && text[i] != '\\') break;
    if (i == text.size() || !is_shown(text[i])) break;
    out += text[i];
  }
  return std::nullopt;
}

std::optional<std::string> read_token(std::string_view text) {
  constexpr std::string_view kApart = " \",;\\";
  for (char c : text) {
    if (!is_shown(c) || kApart.find(c) != std::string_view::npos) return std::nullopt;
  }
  return std::string(text);
}

// The length before each part keeps parts apart whatever they hold.
TaskKey hash_of(std::initializer_list<std::string_view> parts) {
  std::string text;
  for (std::string_view part : parts) {
    text.append(std::to_string(part.size())).append(":").append(part);
  }
  const auto digest = sha256(text);
  TaskKey hash;
  for (size_t i = 0; i < 8; ++i) {
    hash.high = hash.high << 8 | digest[i];
    hash.low = hash.low << 8 | digest[i + 8];
  }
  return hash;
}

}  // namespace

Result<std::optional<RequestKey>> read_request_key(const HttpRequest& request) {
  std::optional<std::string_view> field;
  for (const HttpField& one : request.fields) {
    if (one.name != "idempotency-key") continue;
    if (field) return failure(ErrorCode::kBadRequest, "", "there are two Idempotency-Keys");
    field = trim(one.value);
  }
  if (!field) return std::nullopt;
  auto text = field->starts_with('"') ? read_string(*field) : read_token(*field);
  if (!text || text->empty() || text->size() > kMaxKey) {
    return failure(ErrorCode::kBadRequest, "",
                   "Idempotency-Key is a string in double quotes, or a token, of 1 to 255 "
                   "characters of ASCII");
  }
  return RequestKey{std::move(*text), sha256(request.body)};
}

// A UUID of version 8 (RFC 9562, section 5.8), so that it is none that was generated.
std::string task_id_of(const Call& call, size_t entry) {
  TaskKey hash = hash_of({"task", call.caller.key, call.key->text, std::to_string(entry)});
  hash.high = (hash.high & ~uint64_t{0xf000}) | 0x8000;
  hash.low = (hash.low & ~(uint64_t{3} << 62)) | (uint64_t{2} << 62);
  return generated_id(hash);
}

void give_id(Calls& calls, const Call& call, Command& command, size_t entry) {
  if (!call.key) command.id_origin = IdOrigin::kGenerated;
  command.id = call.key ? task_id_of(call, entry) : calls.new_task_id();
}

IdempotencyKey key_about(const Call& call, std::string_view id, size_t entry) {
  const TaskKey hash = hash_of({"answer", call.caller.key, call.route->method, call.route->path, id,
                                call.key->text, std::to_string(entry)});
  return {{hash.high, hash.low}, call.key->body};
}

void give_key(const Call& call, Command& command, size_t entry) {
  if (!call.key) return;
  const std::string_view id = command.id.empty() ? call.id : command.id;
  command.idempotency = std::make_unique<IdempotencyKey>(key_about(call, id, entry));
}

}  // namespace hourwheel
