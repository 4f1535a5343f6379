#include "tools/hourwheel/create_load.h"

#include <curl/curl.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "api/json_reader.h"
#include "engine/base/check.h"
#include "tools/hourwheel/answer_text.h"
#include "tools/hourwheel/curl_access.h"

namespace hourwheel {
namespace {

constexpr long kRequestSeconds = 30;
constexpr int kLookMs = 100;

struct LoadFree {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
struct LoadsFree {
  void operator()(CURLM* handles) const { curl_multi_cleanup(handles); }
};
struct FieldsFree {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

// One connection, and the request that is out on it.
struct LoadClient {
  std::unique_ptr<CURL, LoadFree> curl{curl_easy_init()};
  std::string body;
  std::string answer;
  bool out = false;
};

size_t keep_answer(char* bytes, size_t size, size_t count, void* answer) {
  static_cast<std::string*>(answer)->append(bytes, size * count);
  return size * count;
}

bool is_taken(int64_t status) {
  return status >= 200 && status < 300;
}

class CreateLoad {
 public:
  CreateLoad(const LoadPlan& plan, const LoadSite& site)
      : plan_(plan),
        site_(site),
        many_(curl_multi_init()),
        clients_(std::min<uint64_t>(plan.connections, plan.requests)) {
    HW_CHECK(many_ != nullptr, "libcurl takes many requests");
    fields_.reset(curl_slist_append(nullptr, "Content-Type: application/json"));
    // A body of some size would wait for a 100 Continue.
    fields_.reset(curl_slist_append(fields_.release(), "Expect:"));
    curl_multi_setopt(many_.get(), CURLMOPT_PIPELINING, CURLPIPE_NOTHING);
    curl_multi_setopt(many_.get(), CURLMOPT_MAXCONNECTS, static_cast<long>(plan.connections));
    for (LoadClient& client : clients_) prepare(client);
  }
  ~CreateLoad() {
    for (LoadClient& client : clients_) {
      if (client.out) curl_multi_remove_handle(many_.get(), client.curl.get());
    }
  }
  CreateLoad(const CreateLoad&) = delete;
  CreateLoad& operator=(const CreateLoad&) = delete;

  LoadTally run() {
    begun_ = site_.clock.steady();
    look_for_signal();
    for (LoadClient& client : clients_) send_next(client);
    while (out_ > 0 && !gives_up()) {
      int running = 0;
      curl_multi_perform(many_.get(), &running);
      take_answers();
      if (out_ > 0) wait();
      look_for_signal();
    }
    tally_.lost += out_;
    tally_.took = site_.clock.steady() - begun_;
    return std::move(tally_);
  }

 private:
  void prepare(LoadClient& client) {
    CURL* curl = client.curl.get();
    HW_CHECK(curl != nullptr, "libcurl takes a request");
    set_access(curl, site_.to, plan_.kind == LoadKind::kBatch ? "/v1/tasks:batch" : "/v1/tasks");
    curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, kRequestSeconds);
    curl_easy_setopt(curl, CURLOPT_POST, 1L);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, fields_.get());
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, &keep_answer);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &client.answer);
    curl_easy_setopt(curl, CURLOPT_PRIVATE, &client);
  }

  [[nodiscard]] bool may_send() const {  // CL1, CL2
    return !interrupted_ && number_ < plan_.requests && lost_in_a_row_ < plan_.connections &&
           site_.clock.steady() - begun_ < plan_.length;
  }

  void send_next(LoadClient& client) {
    if (!may_send()) return;
    client.body = plan_.body(number_++);
    client.answer.clear();
    client.out = true;
    ++out_;
    CURL* curl = client.curl.get();
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, client.body.c_str());
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE,
                     static_cast<curl_off_t>(client.body.size()));
    HW_CHECK(curl_multi_add_handle(many_.get(), curl) == CURLM_OK, "a request is out only once");
  }

  void wait() {
    curl_waitfd signal{};
    signal.fd = site_.interrupt.fd();
    signal.events = CURL_WAIT_POLLIN;
    curl_multi_poll(many_.get(), &signal, 1, kLookMs, nullptr);
  }

  void look_for_signal() {
    if (site_.interrupt.came() && !interrupted_) interrupted_ = site_.clock.steady();
  }
  [[nodiscard]] bool gives_up() const {  // CL1
    return interrupted_ && site_.clock.steady() - *interrupted_ > kLastWait;
  }

  void take_answers() {
    int left = 0;
    while (const CURLMsg* told = curl_multi_info_read(many_.get(), &left)) {
      if (told->msg != CURLMSG_DONE) continue;
      CURL* curl = told->easy_handle;
      const CURLcode code = told->data.result;
      char* which = nullptr;
      curl_easy_getinfo(curl, CURLINFO_PRIVATE, &which);
      curl_multi_remove_handle(many_.get(), curl);
      LoadClient& client = *static_cast<LoadClient*>(static_cast<void*>(which));
      client.out = false;
      --out_;
      if (code == CURLE_OK) {
        count(client);
      } else {
        ++tally_.lost;
        ++lost_in_a_row_;
        tally_.lost_why = curl_easy_strerror(code);
      }
      send_next(client);
    }
  }

  void count(LoadClient& client) {
    CURL* curl = client.curl.get();
    lost_in_a_row_ = 0;
    long status = 0;
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    if (!is_taken(status)) {
      ++tally_.refused[status];
      return;
    }
    ++tally_.requests;
    long made_connections = 0;
    curl_off_t took_us = 0;
    curl_easy_getinfo(curl, CURLINFO_NUM_CONNECTS, &made_connections);
    curl_easy_getinfo(curl, CURLINFO_TOTAL_TIME_T, &took_us);
    if (made_connections == 0) tally_.latency.add(took_us);
    if (plan_.kind == LoadKind::kSingle) {
      ++tally_.tasks;
    } else {
      count_operations(client.answer);
    }
  }

  void count_operations(std::string& answer) {
    answer.reserve(answer.size() + kJsonPadding);
    const auto body = reader_.parse(answer);
    if (!body) return;
    for (const JsonValue& result : members_of(*body, "results")) {
      const auto status = result.find("status");
      const int64_t code = status ? status->whole().value_or(0) : 0;
      if (is_taken(code)) {
        ++tally_.tasks;
      } else {
        ++tally_.refused[code];
      }
    }
  }

  const LoadPlan& plan_;
  const LoadSite& site_;
  std::unique_ptr<curl_slist, FieldsFree> fields_;
  std::unique_ptr<CURLM, LoadsFree> many_;
  std::vector<LoadClient> clients_;
  JsonReader reader_;
  LoadTally tally_;
  Monotonic begun_;
  std::optional<Monotonic> interrupted_;
  uint64_t number_ = 0;  // of the request that is next
  uint64_t out_ = 0;
  uint64_t lost_in_a_row_ = 0;
};

}  // namespace

LoadTally create_under_load(const LoadPlan& plan, const LoadSite& site) {
  return CreateLoad(plan, site).run();
}

}  // namespace hourwheel
