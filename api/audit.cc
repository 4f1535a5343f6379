// The audit log over all files: by pages and as lines, newest first, and whether its chains hold.
#include <algorithm>
#include <utility>

#include "api/audit_json.h"
#include "api/chunked_body.h"
#include "api/handlers.h"
#include "api/lane_merge.h"
#include "api/page_request.h"
#include "api/page_token.h"

namespace hourwheel {
namespace {

constexpr uint32_t kEntriesPerQuery = 256;
// A filter that matches little needs many looks: after this the page is short, or empty, and its
// token goes on.
constexpr Duration kLongestAuditSearch = milliseconds(12);
constexpr Duration kLongestVerify = seconds(20);

size_t lanes_of(const Calls& calls) {
  return calls.shards().shard_count() + size_t{1};
}

// False: no credit.
template <class Asked>
bool ask_lane(Calls& calls, Call& call, size_t lane, Asked query) {
  const auto part = static_cast<uint32_t>(lane);
  if (lane == calls.shards().shard_count()) return calls.post(call, part, std::move(query));
  return calls.post(call, part, part, Query(std::move(query)));
}

// Keeps the lanes of a merge filled. A round asks every dry lane; when all have answered,
// on_filled.
class AuditAnswer : public Answer {
 public:
  AuditAnswer(size_t lanes, AuditFilter filter) : merge_(lanes), filter_(std::move(filter)) {}

  void on_part(Calls& calls, Call& call, Reply reply) override {
    auto& answer = std::get<Result<QueryAnswer>>(reply.body);
    --outstanding_;
    if (answer) {
      auto& page = std::get<AuditPage>(*answer);
      for (std::string& what : page.damage) {
        damage_.push_back(audit_source(reply.token.shard, merge_.lanes() - 1) + ": " + what);
      }
      merge_.fill(reply.token.shard, std::move(page));
    } else {
      refusal_ = std::move(answer.error());
    }
    if (outstanding_ > 0) return;
    if (refusal_) return on_refused(calls, call, std::move(*refusal_));
    on_filled(calls, call);
  }

  void ask(Calls& calls, Call& call) {
    for (size_t lane = 0; lane < merge_.lanes(); ++lane) {
      if (!merge_.is_dry(lane)) continue;
      if (ask_lane(calls, call, lane, ListAudit{filter_, merge_.before(lane), wanted_})) {
        ++outstanding_;
      } else {
        refusal_ = Error{ErrorCode::kOverloaded, "", "a shard has no room for more requests"};
      }
    }
    // Parts under way are waited for, so that none of them meets the next round.
    if (outstanding_ > 0) return;
    if (refusal_) return on_refused(calls, call, std::move(*refusal_));
    on_filled(calls, call);  // nothing is left to ask
  }

  AuditMerge& merge() { return merge_; }

 protected:
  virtual void on_filled(Calls& calls, Call& call) = 0;
  virtual void on_refused(Calls& calls, Call& call, Error error) = 0;
  void want(uint32_t entries) { wanted_ = std::min(entries, kEntriesPerQuery); }
  [[nodiscard]] const std::vector<std::string>& damage() const { return damage_; }

 private:
  AuditMerge merge_;
  AuditFilter filter_;
  std::vector<std::string> damage_;
  std::optional<Error> refusal_;
  uint32_t wanted_ = kEntriesPerQuery;
  size_t outstanding_ = 0;
};

class AuditPageAnswer : public AuditAnswer {
 public:
  AuditPageAnswer(size_t lanes, AuditFilter filter, PageRequest page, std::string asked,
                  Monotonic now)
      : AuditAnswer(lanes, std::move(filter)),
        page_(std::move(page)),
        asked_(std::move(asked)),
        search_until_(now + kLongestAuditSearch) {
    want(page_.size);
  }

 protected:
  void on_filled(Calls& calls, Call& call) override {
    while (taken_ < page_.size && !merge().any_dry() && !merge().at_end()) {
      if (taken_++ > 0) entries_ += ',';
      JsonWriter json(entries_);
      const AuditMerge::Taken taken = merge().take();
      write_audit_entry(json, taken.entry, taken.lane, taken.position);
    }
    const bool over = taken_ >= page_.size || merge().at_end() || calls.mono() >= search_until_;
    if (over) return finish(calls, call);
    want(page_.size - taken_);
    ask(calls, call);
  }
  void on_refused(Calls& calls, Call& call, Error error) override {
    calls.refuse(call, std::move(error));
  }

 private:
  void finish(Calls& calls, Call& call) {
    HttpResponse response;
    JsonWriter json(response.body);
    json.begin_object();
    json.name("entries");
    json.raw("[" + entries_ + "]");
    if (!damage().empty()) {
      json.name("damaged");
      json.begin_array();
      for (const std::string& what : damage()) json.string(what);
      json.end_array();
    }
    if (!merge().at_end()) {
      const std::string token = write_page_token(asked_, merge().positions());
      json.name("next_page_token");
      json.string(token);
      response.fields.emplace_back("link", next_link(call.path, page_, token));
    }
    json.end_object();
    calls.respond(call, std::move(response));
  }

  PageRequest page_;
  std::string asked_;
  Monotonic search_until_;
  std::string entries_;  // JSON, with commas between
  uint32_t taken_ = 0;
};

// Where a row is damaged the answer is cut, or refused.
class AuditExportAnswer : public AuditAnswer {
 public:
  using AuditAnswer::AuditAnswer;

  void on_writable(Calls& calls, Call& call) override { on_filled(calls, call); }

 protected:
  void on_filled(Calls& calls, Call& call) override {
    if (!damage().empty()) {
      return on_refused(calls, call, {ErrorCode::kCorrupt, "", damage().front()});
    }
    while (!lines_.full() && !merge().any_dry() && !merge().at_end()) {
      JsonWriter json(lines_.text());
      const AuditMerge::Taken taken = merge().take();
      write_audit_entry(json, taken.entry, taken.lane, taken.position);
      lines_.text() += '\n';
    }
    if (merge().at_end()) return lines_.finish(calls, call);
    if (lines_.full()) return lines_.give(calls, call);
    // The search may be long. An empty chunk sends nothing, but has the server wait anew.
    if (call.streaming) calls.stream_chunk(call, {});
    ask(calls, call);
  }
  void on_refused(Calls& calls, Call& call, Error error) override {
    ChunkedBody::refuse(calls, call, std::move(error));
  }

 private:
  ChunkedBody lines_{"application/x-ndjson"};
};

// Whether the chains hold. Each is gone through piece by piece, so that other reads of its shard
// have their turns; what is not done in time is told as not looked at.
class VerdictAnswer : public Answer {
 public:
  VerdictAnswer(size_t lanes, Monotonic until) : verdicts_(lanes), until_(until) {}

  void on_part(Calls& calls, Call& call, Reply reply) override {
    auto& answer = std::get<Result<QueryAnswer>>(reply.body);
    if (!answer) return calls.refuse(call, std::move(answer.error()));
    AuditVerdict& verdict = verdicts_[reply.token.shard];
    verdict = std::move(std::get<AuditVerdict>(*answer));
    if (!verdict.whole && calls.mono() < until_) {
      ask(calls, call, reply.token.shard);
      return;
    }
    if (++done_ == verdicts_.size()) finish(calls, call);
  }

  void start(Calls& calls, Call& call) {
    for (size_t lane = 0; lane < verdicts_.size(); ++lane) {
      if (!ask(calls, call, lane)) return;
    }
  }

 private:
  // False: the call is refused, which ends this answer if it is the call's. Replies to those asked
  // before find the call gone.
  bool ask(Calls& calls, Call& call, size_t lane) {
    if (ask_lane(calls, call, lane, VerifyAudit{verdicts_[lane]})) return true;
    calls.refuse(call, ErrorCode::kOverloaded, "a shard has no room for more requests");
    return false;
  }

  void finish(Calls& calls, Call& call) const {
    const auto any = [this](auto holds) {
      return std::any_of(verdicts_.begin(), verdicts_.end(), holds);
    };
    const bool broken = any([](const AuditVerdict& one) { return one.broken.has_value(); });
    const bool part = any([](const AuditVerdict& one) { return !one.whole; });
    HttpResponse response;
    JsonWriter json(response.body);
    json.begin_object();
    json.name("intact");
    if (part && !broken) {
      json.null();
    } else {
      json.boolean(!broken);
    }
    json.name("chains");
    json.begin_array();
    for (size_t lane = 0; lane < verdicts_.size(); ++lane) {
      write_audit_verdict(json, verdicts_[lane], audit_source(lane, verdicts_.size() - 1));
    }
    json.end_array();
    json.end_object();
    calls.respond(call, std::move(response));
  }

  std::vector<AuditVerdict> verdicts_;
  Monotonic until_;
  size_t done_ = 0;
};

// A filter on a task leaves out the files that cannot know of it.
void leave_out_others(const Calls& calls, const AuditFilter& filter, AuditMerge& merge) {
  if (!filter.task) return;
  const uint32_t owner = calls.shards().shard_of(*filter.task);
  for (size_t lane = 0; lane < merge.lanes(); ++lane) {
    if (lane != owner) merge.leave_out(lane);
  }
}

}  // namespace

void list_audit(Calls& calls, Call& call, const HttpRequest& request) {
  auto page = read_page_request(request.query);
  if (!page) return calls.refuse(call, std::move(page.error()));
  auto filter = audit_filter_of(page->rest);
  if (!filter) return calls.refuse(call, std::move(filter.error()));
  std::string asked = question_of("audit", page->rest);
  const std::string token = page->token;
  const AuditFilter asked_for = *filter;
  auto answer = std::make_unique<AuditPageAnswer>(lanes_of(calls), std::move(*filter),
                                                  std::move(*page), asked, calls.mono());
  AuditMerge& merge = answer->merge();
  if (token.empty()) {
    leave_out_others(calls, asked_for, merge);
  } else {
    auto positions = read_page_token(token, asked, merge.lanes());
    if (!positions) return calls.refuse(call, std::move(positions.error()));
    merge.go_on_from(*positions);
  }
  AuditPageAnswer& started = *answer;
  call.answer = std::move(answer);
  started.ask(calls, call);
}

void export_audit(Calls& calls, Call& call, const HttpRequest& request) {
  auto parameters = parse_query(request.query);
  if (!parameters) return calls.refuse(call, std::move(parameters.error()));
  auto filter = audit_filter_of(*parameters);
  if (!filter) return calls.refuse(call, std::move(filter.error()));
  const AuditFilter asked_for = *filter;
  auto answer = std::make_unique<AuditExportAnswer>(lanes_of(calls), std::move(*filter));
  leave_out_others(calls, asked_for, answer->merge());
  AuditExportAnswer& started = *answer;
  call.answer = std::move(answer);
  started.ask(calls, call);
}

void verify_audit(Calls& calls, Call& call, const HttpRequest& request) {
  if (!request.query.empty()) {
    return calls.refuse(call, ErrorCode::kBadRequest, "the query takes no parameters");
  }
  auto answer = std::make_unique<VerdictAnswer>(lanes_of(calls), calls.mono() + kLongestVerify);
  VerdictAnswer& started = *answer;
  call.answer = std::move(answer);
  started.start(calls, call);
}

}  // namespace hourwheel
