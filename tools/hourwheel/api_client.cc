#include "tools/hourwheel/api_client.h"

#include <curl/curl.h>

#include <cstdlib>
#include <fstream>
#include <memory>
#include <utility>

namespace hourwheel {
namespace {

constexpr long kTimeoutSeconds = 60;  // of a request; of a download, without a byte
constexpr long kOk = 200;

struct CurlDeleter {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
struct ListDeleter {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using Fields = std::unique_ptr<curl_slist, ListDeleter>;

// Empty: there is none.
Result<std::string> read_token() {
  if (const char* token = std::getenv("HOURWHEEL_TOKEN")) return std::string(token);
  const char* path = std::getenv("HOURWHEEL_TOKEN_FILE");
  if (path == nullptr) return std::string();
  std::ifstream file(path);
  std::string token;
  if (!std::getline(file, token)) {
    return failure(ErrorCode::kIo, "", std::string("cannot read HOURWHEEL_TOKEN_FILE ") + path);
  }
  return token;
}

// Where the bytes of an answer go.
struct Sink {
  CURL* curl = nullptr;
  ApiAnswer& answer;
  std::FILE* file = nullptr;  // null: all into the answer
  bool full = false;          // the file took no more
};

size_t take(char* bytes, size_t size, size_t count, void* into) {
  Sink& sink = *static_cast<Sink*>(into);
  const size_t length = size * count;
  long status = 0;
  curl_easy_getinfo(sink.curl, CURLINFO_RESPONSE_CODE, &status);
  if (sink.file == nullptr || status != kOk) {
    sink.answer.body.append(bytes, length);
    return length;
  }
  const size_t written = std::fwrite(bytes, 1, length, sink.file);
  sink.full = written < length;
  return written;
}

Result<ApiAnswer> perform(CURL* curl, const std::string& url, std::FILE* file) {
  ApiAnswer answer;
  Sink sink{curl, answer, file};
  auto token = read_token();
  if (!token) return failure(std::move(token.error()));
  if (!token->empty()) {
    curl_easy_setopt(curl, CURLOPT_HTTPAUTH, CURLAUTH_BEARER);
    curl_easy_setopt(curl, CURLOPT_XOAUTH2_BEARER, token->c_str());
  }
  curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, &take);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &sink);
  const CURLcode code = curl_easy_perform(curl);
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &answer.status);
  if (code != CURLE_OK) {
    if (file == nullptr || answer.status != kOk) {
      return failure(ErrorCode::kIo, "", "no answer from " + url + ": " + curl_easy_strerror(code));
    }
    answer.broken = sink.full ? "the file cannot be written"
                              : "the answer broke off: " + std::string(curl_easy_strerror(code));
  }
  curl_off_t wait = 0;
  curl_easy_getinfo(curl, CURLINFO_RETRY_AFTER, &wait);
  answer.retry_after_s = static_cast<long>(wait);
  answer.body.reserve(answer.body.size() + 64);
  return answer;
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

ApiClient::ApiClient() : curl_(std::make_unique<Curl>()) {}
ApiClient::~ApiClient() = default;

Result<ApiAnswer> ApiClient::call(const ApiRequest& request) {
  CURL* curl = curl_->clear();
  if (curl == nullptr) return failure(ErrorCode::kIo, "", "cannot set up an HTTP request");
  Fields fields(curl_slist_append(nullptr, ("Content-Type: " + request.type).c_str()));
  curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, request.method.c_str());
  curl_easy_setopt(curl, CURLOPT_TIMEOUT, kTimeoutSeconds);
  if (request.method != "GET" && request.method != "DELETE") {
    // A body of some size would wait for a 100 Continue.
    fields.reset(curl_slist_append(fields.release(), "Expect:"));
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, fields.get());
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request.body.c_str());
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE,
                     static_cast<curl_off_t>(request.body.size()));
  }
  return perform(curl, request.url, nullptr);
}

Result<ApiAnswer> ApiClient::fetch(const std::string& url, std::FILE* into) {
  CURL* curl = curl_->clear();
  if (curl == nullptr) return failure(ErrorCode::kIo, "", "cannot set up an HTTP request");
  curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
  curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, kTimeoutSeconds);
  return perform(curl, url, into);
}

Result<ApiAnswer> call_api(const std::string& method, const std::string& url,
                           const std::string& body) {
  return ApiClient().call({method, url, body});
}

}  // namespace hourwheel
