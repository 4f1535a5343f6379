#include "tools/hourwheel/api_client.h"

#include <curl/curl.h>
#include <poll.h>

#include <array>
#include <cstdio>
#include <memory>
#include <random>
#include <utility>

#include "tools/hourwheel/curl_access.h"

namespace hourwheel {
namespace {

constexpr long kTimeoutSeconds = 60;  // of a download, without a byte
constexpr long kStatusOk = 200;
constexpr const char* kNoCurl = "cannot set up an HTTP request";

struct CurlDeleter {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
struct ListDeleter {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using Fields = std::unique_ptr<curl_slist, ListDeleter>;

// Where the bytes of a 200 go; into the answer, unless one is said.
struct Destination {
  std::FILE* file = nullptr;
  const ApiClient::Taker* taker = nullptr;

  [[nodiscard]] bool elsewhere() const { return file != nullptr || taker != nullptr; }
};

struct Sink {
  CURL* curl = nullptr;
  ApiAnswer& answer;
  Destination into;
  bool full = false;  // the file took no more
};

size_t take(char* bytes, size_t size, size_t count, void* into) {
  Sink& sink = *static_cast<Sink*>(into);
  const size_t length = size * count;
  long status = 0;
  curl_easy_getinfo(sink.curl, CURLINFO_RESPONSE_CODE, &status);
  if (status != kStatusOk || !sink.into.elsewhere()) {
    sink.answer.body.append(bytes, length);
    return length;
  }
  if (sink.into.file != nullptr && std::fwrite(bytes, 1, length, sink.into.file) < length) {
    sink.full = true;
    return 0;
  }
  if (sink.into.taker != nullptr) (*sink.into.taker)({bytes, length});
  return length;
}

int tell_meanwhile(void* meanwhile, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  (*static_cast<const std::function<void()>*>(meanwhile))();
  return 0;
}

// Why an https server gave no answer, and what may help.
std::string reason_of(CURLcode code, const ClientTls& tls, const char* told) {
  std::string reason = *told == '\0' ? curl_easy_strerror(code) : told;
  switch (code) {
    case CURLE_PEER_FAILED_VERIFICATION:
      return "its certificate does not verify by " +
             (tls.ca.empty() ? "the system's list; --ca FILE names another" : tls.ca) + " (" +
             reason + ")";
    case CURLE_SSL_CACERT_BADFILE:
      return "no certificates can be read from " + tls.ca;
    case CURLE_SSL_CERTPROBLEM:
      return "--client-certificate and --client-key cannot be used (" + reason + ")";
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_RECV_ERROR:
    case CURLE_GOT_NOTHING:
      return reason + (tls.certificate.empty() ? "; it may want a --client-certificate" : "");
    default:
      return reason;
  }
}

// What came of a request that was sent once.
struct Try {
  Result<ApiAnswer> answer;
  bool lost = false;  // the connection
};

TryOutcome outcome_of(const Try& one) {
  if (!one.answer) return {one.lost, 0, 0};
  return {false, one.answer->status, one.answer->retry_after_s};
}

bool is_lost(CURLcode code) {
  return code == CURLE_COULDNT_CONNECT || code == CURLE_SEND_ERROR || code == CURLE_RECV_ERROR ||
         code == CURLE_GOT_NOTHING || code == CURLE_PARTIAL_FILE;
}

Try without_answer(std::string why, bool lost = false) {
  return {failure(ErrorCode::kIo, "", std::move(why)), lost};
}

// Whoever connects to an address of its own does so from that one.
bool is_from_here(CURL* curl) {
  const char* theirs = nullptr;
  const char* ours = nullptr;
  curl_easy_getinfo(curl, CURLINFO_PRIMARY_IP, &theirs);
  curl_easy_getinfo(curl, CURLINFO_LOCAL_IP, &ours);
  return theirs != nullptr && ours != nullptr && std::string_view(theirs) == ours;
}

Try perform(CURL* curl, const ServerAccess& to, const std::string& path,
            const Destination& into = {}) {
  ApiAnswer answer;
  Sink sink{curl, answer, into};
  const std::string url = to.url + path;
  std::array<char, CURL_ERROR_SIZE> told{};
  set_access(curl, to, path);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, &take);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &sink);
  curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, told.data());
  const CURLcode code = curl_easy_perform(curl);
  curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, nullptr);
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &answer.status);
  if (code != CURLE_OK) {
    const bool has_begun = answer.status == kStatusOk && into.elsewhere();
    if (!has_begun) {
      const std::string why = url.starts_with("https://") ? reason_of(code, to.tls, told.data())
                                                          : curl_easy_strerror(code);
      return without_answer("no answer from " + without_password(url) + ": " + why, is_lost(code));
    }
    answer.broken = sink.full ? "the file cannot be written"
                              : "the answer broke off: " + std::string(curl_easy_strerror(code));
  }
  const char* redirect = nullptr;
  curl_easy_getinfo(curl, CURLINFO_REDIRECT_URL, &redirect);
  if (redirect != nullptr) answer.redirect = redirect;
  curl_off_t wait = 0;
  curl_easy_getinfo(curl, CURLINFO_RETRY_AFTER, &wait);
  answer.retry_after_s = static_cast<long>(wait);
  answer.from_here = is_from_here(curl);
  answer.body.reserve(answer.body.size() + 64);
  return {std::move(answer)};
}

void tell_repeat(const Try& before, int count, Duration wait) {
  const std::string why = before.answer
                              ? "the server answered " + std::to_string(before.answer->status)
                              : before.answer.error().detail;
  std::fprintf(stderr, "hourwheel: %s; repeat %d in %lld ms\n", why.c_str(), count,
               static_cast<long long>(wait.ms));
}

Result<ApiAnswer> send_patiently(const std::function<Try()>& send, const Patience& patience,
                                 const ServerAccess& to) {
  Repeats repeats(patience, std::random_device()());
  while (true) {
    Try one = send();
    const auto wait = repeats.after(outcome_of(one));
    if (!wait) return std::move(one.answer);
    if (to.verbose) tell_repeat(one, repeats.count(), *wait);
    static_cast<void>(poll(nullptr, 0, static_cast<int>(wait->ms)));
  }
}

// 128 bits.
std::string drawn_key() {
  std::random_device device;
  std::string key;
  for (int i = 0; i < 4; ++i) {
    std::array<char, 9> digits{};
    std::snprintf(digits.data(), digits.size(), "%08x", device());
    key += digits.data();
  }
  return key;
}

}  // namespace

struct ApiClient::Curl {
  std::unique_ptr<CURL, CurlDeleter> handle{curl_easy_init()};

  // Ready for another request; the connection stays.
  CURL* clear() {
    if (handle) curl_easy_reset(handle.get());
    return handle.get();
  }
};

ApiClient::ApiClient(ServerAccess to) : to_(std::move(to)), curl_(std::make_unique<Curl>()) {}
ApiClient::~ApiClient() = default;
ApiClient::ApiClient(ApiClient&&) noexcept = default;
ApiClient& ApiClient::operator=(ApiClient&&) noexcept = default;

namespace {

Try send_once(CURL* curl, const ServerAccess& to, const ApiRequest& request,
              const std::string& key) {
  if (curl == nullptr) return without_answer(kNoCurl);
  Fields fields;
  auto add = [&fields](const std::string& field) {
    fields.reset(curl_slist_append(fields.release(), field.c_str()));
  };
  for (const std::string& field : request.fields) add(field);
  if (!key.empty()) add("Idempotency-Key: \"" + key + "\"");
  curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, request.method.c_str());
  curl_easy_setopt(curl, CURLOPT_TIMEOUT, request.timeout_s);
  // R1: what got no byte over a connection that was kept, libcurl would send again by itself.
  if (request.method == "POST" && key.empty()) curl_easy_setopt(curl, CURLOPT_FRESH_CONNECT, 1L);
  if (request.method != "GET" && request.method != "DELETE") {
    add("Content-Type: " + request.type);
    add("Expect:");  // a body of some size would wait for a 100 Continue
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request.body.c_str());
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE,
                     static_cast<curl_off_t>(request.body.size()));
  }
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, fields.get());
  if (request.meanwhile) {
    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, &tell_meanwhile);
    curl_easy_setopt(curl, CURLOPT_XFERINFODATA, &request.meanwhile);
  }
  return perform(curl, to, request.path);
}

}  // namespace

Result<ApiAnswer> ApiClient::call(const ApiRequest& request) {
  const std::string key = takes_request_key(request.method, request.path) ? drawn_key() : "";
  const bool may_repeat = request.method == "GET" || !key.empty();  // R1
  return send_patiently([&] { return send_once(curl_->clear(), to_, request, key); },
                        may_repeat ? request.patience : Patience{0, {}}, to_);
}

Result<ApiAnswer> ApiClient::stream(const ApiRequest& request, const Taker& take) {
  CURL* curl = curl_->clear();
  if (curl == nullptr) return failure(ErrorCode::kIo, "", kNoCurl);
  Fields fields;
  for (const std::string& field : request.fields) {
    fields.reset(curl_slist_append(fields.release(), field.c_str()));
  }
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, fields.get());
  curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
  curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, kTimeoutSeconds);
  return perform(curl, to_, request.path, {nullptr, &take}).answer;
}

// What has begun is not fetched again: its beginning is in the file.
Result<ApiAnswer> ApiClient::fetch(const std::string& path, std::FILE* into, const Taker& seen) {
  auto send = [&] {
    CURL* curl = curl_->clear();
    if (curl == nullptr) return without_answer(kNoCurl);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, kTimeoutSeconds);
    return perform(curl, to_, path, {into, &seen});
  };
  return send_patiently(send, Patience{}, to_);
}

}  // namespace hourwheel
