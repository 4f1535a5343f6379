#include "api/target_json.h"

#include <algorithm>

#include "api/auth_json.h"
#include "api/code_ranges.h"
#include "api/completion_json.h"
#include "api/members.h"
#include "api/text.h"
#include "api/tls_json.h"
#include "engine/url.h"
#include "engine/variables.h"

namespace hourwheel {
namespace {

struct TargetReading {
  Target& target;
  FieldErrors& errors;
  Shape shape = Shape::kV1;
  std::optional<JsonValue> kind{};
  std::optional<JsonValue> url{};
  std::optional<JsonValue> headers{};
  std::optional<JsonValue> tls{};
  std::optional<JsonValue> completion{};
  // What only an HTTP target has: refused beside another kind.
  std::vector<JsonValue> of_http{};
};

// RFC 9110 token.
bool is_token(std::string_view text) {
  static constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           kMarks.find(c) != std::string_view::npos;
  });
}

// Fields that frame or identify the request, which only the dispatcher writes.
bool is_reserved(std::string_view name) {
  constexpr std::string_view kNames[] = {
      "host", "content-length", "transfer-encoding", "connection", "keep-alive",
      "te",   "trailer",        "upgrade",           "expect",     "idempotency-key"};
  constexpr std::string_view kPrefixes[] = {"proxy-", "webhook-", "hourwheel-"};
  std::string text = lower_case(name);
  return std::find(std::begin(kNames), std::end(kNames), text) != std::end(kNames) ||
         std::any_of(std::begin(kPrefixes), std::end(kPrefixes),
                     [&](std::string_view prefix) { return text.starts_with(prefix); });
}

void read_header(TargetReading& reading, const JsonValue& value) {
  std::string name(value.name());
  auto refuse = [&](std::string_view code, std::string detail) {
    reading.errors.add(value, code, std::move(detail));
  };
  if (!is_token(name)) return refuse("invalid", "the name is not that of a header field");
  if (is_reserved(name)) return refuse("reserved", "this header field is set by the server");
  if (!value.is(JsonKind::kString)) return refuse("wrong-type", "a string is expected");
  if (!is_field_value(value.text())) {
    return refuse("invalid", "a header value has no control characters and no space at its ends");
  }
  auto& headers = reading.target.headers;
  std::string folded = lower_case(name);
  if (std::any_of(headers.begin(), headers.end(),
                  [&](const NamedText& other) { return lower_case(other.first) == folded; })) {
    return refuse("duplicate", "a header field of this name is there already");
  }
  headers.emplace_back(std::move(name), value.text());
}

void read_headers(TargetReading& reading, const JsonValue& value) {
  reading.of_http.push_back(value);
  reading.headers = value;
  if (!value.is(JsonKind::kObject)) {
    return reading.errors.add(value, "wrong-type", "an object of strings is expected");
  }
  if (value.size() > kMaxTargetHeaders) {
    return reading.errors.add(value, "too-many",
                              "at most " + std::to_string(kMaxTargetHeaders) + " header fields");
  }
  size_t bytes = 0;
  for (auto field = value.first(); field; field = field->next()) {
    bytes += field->name().size() + field->text().size();
    read_header(reading, *field);
  }
  if (bytes > kMaxTargetHeaderBytes) {
    reading.errors.add(value, "too-long",
                       "at most " + std::to_string(kMaxTargetHeaderBytes) + " bytes of headers");
  }
}

void read_kind(TargetReading& reading, const JsonValue& value) {
  constexpr Word<TargetKind> kKinds[] = {{"http", TargetKind::kHttp}, {"log", TargetKind::kLog}};
  reading.kind = value;
  read_word(value, kKinds, reading.target.kind, reading.errors);
}

void read_url(TargetReading& reading, const JsonValue& value) {
  reading.of_http.push_back(value);
  reading.url = value;
  if (!read_text(value, kMaxUrl, reading.target.url, reading.errors)) return;
  if (auto url = parse_url(reading.target.url); !url) reading.errors.add(value, url.error());
}

void read_method(TargetReading& reading, const JsonValue& value) {
  constexpr Word<std::string_view> kMethods[] = {
      {"GET", "GET"}, {"POST", "POST"}, {"PUT", "PUT"}, {"PATCH", "PATCH"}, {"DELETE", "DELETE"}};
  reading.of_http.push_back(value);
  std::string_view method = reading.target.method;
  if (read_word(value, kMethods, method, reading.errors)) {
    reading.target.method = std::string(method);
  }
}

void read_sign(TargetReading& reading, const JsonValue& value) {
  reading.of_http.push_back(value);
  read_truth(value, reading.target.sign, reading.errors);
}

void read_tls_member(TargetReading& reading, const JsonValue& value) {
  reading.of_http.push_back(value);
  reading.tls = value;
  read_tls(value, reading.shape, reading.target.tls, reading.errors);
}

// Settings that would say nothing, or say more than the caller may.
void check_tls(const TargetReading& reading, const TaskReading& around) {
  const Target& target = reading.target;
  if (!reading.tls || target.tls == TargetTls{}) return;
  const auto url = parse_url(target.url);
  if (url && url->scheme != UrlScheme::kHttps) {
    const bool shows = !target.tls.client_certificate.empty();
    reading.errors.add({ErrorCode::kValidationFailed,
                        reading.tls->pointer() + (shows ? "/client_certificate" : ""), "invalid",
                        shows ? "only an https target is shown a client certificate"
                              : "only an https url has TLS settings"});
  }
  const bool kept = around.keeps != nullptr && around.keeps->target == target;
  if (target.tls.insecure_skip_verify && !around.administers && !kept) {
    reading.errors.add({ErrorCode::kForbidden, reading.tls->pointer() + "/insecure_skip_verify",
                        "forbidden", "to leave a target unverified needs the scope cluster:admin"});
  }
}

void read_completion_member(TargetReading& reading, const JsonValue& value) {
  reading.of_http.push_back(value);
  reading.completion = value;
  read_completion(value, reading.shape, reading.target.completion, reading.errors);
}

// A link leads nowhere while nobody knows where the server is reached.
void check_completion(const TargetReading& reading, const TaskReading& around) {
  const auto& completion = reading.target.completion;
  if (!completion || around.reachable) return;
  if (around.keeps != nullptr && around.keeps->target.completion == completion) return;
  reading.errors.add(*reading.completion, "unavailable",
                     "no target can report later: the server was not told where it is reached "
                     "(--public-url)");
}

// Where a request is told of by CloudEvents, its ce-… fields are the dispatcher's.
void check_event_fields(const TargetReading& reading) {
  if (reading.target.format != RequestFormat::kCloudEvents || !reading.headers) return;
  for (auto field = reading.headers->first(); field; field = field->next()) {
    if (!lower_case(field->name()).starts_with("ce-")) continue;
    reading.errors.add(*field, "reserved", "this header field is set by the format cloudevents");
  }
}

void check_target_variables(const TargetReading& reading) {
  if (!reading.target.variables) return;
  if (reading.url) add_variable_error(*reading.url, reading.target.url, reading.errors);
  if (!reading.headers) return;
  for (auto field = reading.headers->first(); field; field = field->next()) {
    add_variable_error(*field, field->text(), reading.errors);
  }
}

void read_format(TargetReading& reading, const JsonValue& value) {
  constexpr Word<RequestFormat> kFormats[] = {{"raw", RequestFormat::kRaw},
                                              {"cloudevents", RequestFormat::kCloudEvents}};
  reading.of_http.push_back(value);
  read_word(value, kFormats, reading.target.format, reading.errors);
}

constexpr Member<TargetReading> kTargetMembers[] = {
    {"kind", read_kind},
    {"url", read_url},
    {"method", read_method},
    {"headers", read_headers},
    {"connect_timeout",
     [](TargetReading& reading, const JsonValue& value) {
       reading.of_http.push_back(value);
       read_duration(value, {milliseconds(1), kMaxAttemptTimeout}, reading.target.connect_timeout,
                     reading.errors);
     }},
    {"tls_timeout",
     [](TargetReading& reading, const JsonValue& value) {
       reading.of_http.push_back(value);
       read_duration(value, {milliseconds(1), kMaxAttemptTimeout}, reading.target.tls_timeout,
                     reading.errors);
     }},
    {"tls", read_tls_member},
    {"timeout",
     [](TargetReading& reading, const JsonValue& value) {
       reading.of_http.push_back(value);
       read_duration(value, {milliseconds(1), kMaxAttemptTimeout}, reading.target.timeout,
                     reading.errors);
     }},
    {"success_codes",
     [](TargetReading& reading, const JsonValue& value) {
       reading.of_http.push_back(value);
       read_success_codes(value, reading.target.success_codes, reading.errors);
     }},
    {"completion", read_completion_member},
    {"sign", read_sign},
    {"auth",
     [](TargetReading& reading, const JsonValue& value) {
       reading.of_http.push_back(value);
       read_auth(value, reading.shape, reading.target.auth, reading.errors);
     }},
    {"signing_secret",
     [](TargetReading& reading, const JsonValue& value) {
       reading.of_http.push_back(value);
       read_secret_name(value, reading.target.signing_secret, reading.errors);
     }},
    {"format", read_format},
    {"variables",
     [](TargetReading& reading, const JsonValue& value) {
       reading.of_http.push_back(value);
       read_truth(value, reading.target.variables, reading.errors);
     }},
    {"success_body",
     [](TargetReading& reading, const JsonValue& value) {
       reading.of_http.push_back(value);
       read_text(value, kMaxSuccessBody, reading.target.success_body, reading.errors);
     }},
    {"store_response",
     [](TargetReading& reading, const JsonValue& value) {
       reading.of_http.push_back(value);
       read_truth(value, reading.target.store_response, reading.errors);
     }},
};

// What a request of its own can say that no policy of the task says for it.
constexpr Member<TargetReading> kRequestMembers[] = {
    {"url", read_url}, {"method", read_method}, {"headers", read_headers}};

}  // namespace

bool may_be_set(std::string_view name) {
  return is_token(name) && !is_reserved(name);
}

bool is_field_value(std::string_view text) {
  auto is_space = [](char c) { return c == ' ' || c == '\t'; };
  if (!text.empty() && (is_space(text.front()) || is_space(text.back()))) return false;
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f) || c == '\t';
  });
}

void read_target(const JsonValue& value, const TaskReading& reading, Target& target,
                 FieldErrors& errors) {
  TargetReading target_reading{target, errors, reading.shape};
  std::span<const Member<TargetReading>> members = kTargetMembers;
  if (!read_members(value, members, unknown_of(reading.shape), target_reading)) return;
  if (!target_reading.kind) {
    return errors.add({ErrorCode::kValidationFailed, value.pointer() + "/kind", "required",
                       "the target's kind is missing: \"http\" or \"log\""});
  }
  if (target.kind == TargetKind::kHttp && !target_reading.url) {
    return errors.add({ErrorCode::kValidationFailed, value.pointer() + "/url", "required",
                       "an http target needs a url"});
  }
  if (target.kind == TargetKind::kLog && !target_reading.of_http.empty()) {
    errors.add(target_reading.of_http.front(), "unknown-field",
               "a log target has no other fields than its kind");
  }
  check_tls(target_reading, reading);
  check_completion(target_reading, reading);
  check_proofs(value, target, errors);
  check_event_fields(target_reading);
  check_target_variables(target_reading);
}

void add_variable_error(const JsonValue& value, std::string_view text, FieldErrors& errors) {
  if (auto good = check_variables(text); !good) errors.add(value, good.error());
}

bool read_callback(const JsonValue& value, Unknown unknown, Callback& callback,
                   FieldErrors& errors) {
  Target target;
  TargetReading reading{target, errors};
  std::span<const Member<TargetReading>> members = kRequestMembers;
  if (!read_members(value, members, unknown, reading)) return false;
  if (!reading.url) {
    errors.add({ErrorCode::kValidationFailed, value.pointer() + "/url", "required",
                "a callback needs a url"});
    return false;
  }
  callback = {std::move(target.method), std::move(target.url), std::move(target.headers)};
  return true;
}

}  // namespace hourwheel
