#include "tools/hourwheel/api_stream.h"

#include <utility>

#include "tools/hourwheel/curl_access.h"

namespace hourwheel {
namespace {

constexpr long kStreamOpen = 200;
constexpr long kStreamOverRate = 429;
constexpr long kStreamUnavailable = 503;
constexpr long kSilentSeconds = 60;  // a server that is there says something before

// Of a refusal the body is nobody's.
struct StreamSink {
  CURL* curl = nullptr;
  const ApiStream::Taker* taker = nullptr;
};

long status_of(CURL* curl) {
  long status = 0;
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
  return status;
}

size_t take_piece(char* bytes, size_t size, size_t count, void* into) {
  const StreamSink& sink = *static_cast<StreamSink*>(into);
  const size_t length = size * count;
  if (sink.taker != nullptr && status_of(sink.curl) == kStreamOpen) (*sink.taker)({bytes, length});
  return length;
}

StreamState state_at_end(long status) {
  const bool may_change = status == 0 || status == kStreamOpen || status == kStreamOverRate ||
                          status == kStreamUnavailable;
  return may_change ? StreamState::kBroken : StreamState::kRefused;
}

}  // namespace

struct ApiStream::Transfer {
  Transfer() : multi(curl_multi_init()), sink{curl_easy_init(), nullptr} {}
  ~Transfer() {
    if (multi != nullptr && sink.curl != nullptr) curl_multi_remove_handle(multi, sink.curl);
    curl_easy_cleanup(sink.curl);
    curl_multi_cleanup(multi);
  }
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;

  CURLM* multi = nullptr;
  StreamSink sink;
};

ApiStream::ApiStream(ServerAccess to) : to_(std::move(to)) {}
ApiStream::~ApiStream() = default;

void ApiStream::begin(const std::string& path) {
  transfer_ = std::make_unique<Transfer>();
  CURL* curl = transfer_->sink.curl;
  if (curl == nullptr || transfer_->multi == nullptr) return;  // read() finds it broken
  set_access(curl, to_, path);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, &take_piece);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &transfer_->sink);
  curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
  curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, kSilentSeconds);
  curl_multi_add_handle(transfer_->multi, curl);
}

StreamState ApiStream::read(Duration longest, const Taker& take) {
  CURLM* multi = transfer_->multi;
  if (multi == nullptr || transfer_->sink.curl == nullptr) return StreamState::kBroken;
  bool told = false;
  const Taker note = [&](std::string_view bytes) {
    told = true;
    take(bytes);
  };
  transfer_->sink.taker = &note;
  int running = 0;
  CURLMcode code = curl_multi_perform(multi, &running);
  const bool waits = code == CURLM_OK && running > 0 && !told;
  if (waits) {
    code = curl_multi_poll(multi, nullptr, 0, static_cast<int>(longest.ms), nullptr);
    if (code == CURLM_OK) code = curl_multi_perform(multi, &running);
  }
  transfer_->sink.taker = nullptr;
  const long status = status_of(transfer_->sink.curl);
  if (code != CURLM_OK) return StreamState::kBroken;
  if (running == 0) return state_at_end(status);
  return status == kStreamOpen ? StreamState::kOpen : StreamState::kOpening;
}

}  // namespace hourwheel
