#include "api/problem.h"

#include <span>
#include <utility>

#include "engine/base/check.h"

namespace hourwheel {
namespace {

// Where the code's page will be is not part of the contract, the code is: hence a name, not an
// address (RFC 9457 allows any URI).
constexpr std::string_view kTypePrefix = "urn:hourwheel:problem:";

constexpr uint32_t kSpaceReturnsAfterS = 10;

// 0: not worth repeating.
uint32_t retry_after_s(ErrorCode code, uint32_t drawn) {
  if (code == ErrorCode::kIdempotencyInProgress || code == ErrorCode::kRateLimited) return drawn;
  if (problem_facts(code).status != 503) return 0;
  const bool space = code == ErrorCode::kStorageLow || code == ErrorCode::kStorageFull;
  return space ? kSpaceReturnsAfterS : drawn;
}

using CodeFacts = std::pair<ErrorCode, ProblemFacts>;

std::span<const CodeFacts> all_facts() {
  using enum ErrorCode;
  static constexpr CodeFacts kFacts[] = {
      {kInvalidJson, {400, "invalid-json", "Invalid JSON"}},
      {kUnknownField, {422, "unknown-field", "Unknown field"}},
      {kValidationFailed, {422, "validation-failed", "Validation failed"}},
      {kInvalidSchedule, {422, "invalid-schedule", "Invalid schedule"}},
      {kNeverFires, {422, "never-fires", "The schedule never fires"}},
      {kPastInstant, {422, "past-instant", "The instant is past"}},
      {kInvalidTimezone, {422, "invalid-timezone", "Invalid time zone"}},
      {kInvalidPageToken, {400, "invalid-page-token", "Invalid page token"}},
      {kAlreadyExists, {409, "already-exists", "The task exists already"}},
      {kNotFound, {404, "not-found", "Not found"}},
      {kVersionMismatch, {412, "version-mismatch", "The version does not match"}},
      {kStateConflict, {409, "state-conflict", "Not possible in this state"}},
      {kForbidden, {403, "forbidden", "Forbidden"}},
      {kMethodNotAllowed, {405, "method-not-allowed", "Method not allowed"}},
      {kUnsupportedMediaType, {415, "unsupported-media-type", "Unsupported media type"}},
      {kPayloadTooLarge, {413, "payload-too-large", "Payload too large"}},
      {kHeadTooLarge, {431, "head-too-large", "Request head too large"}},
      {kBadRequest, {400, "bad-request", "Bad request"}},
      {kOverloaded, {503, "overloaded", "Overloaded"}},
      {kTimedOut, {503, "timed-out", "The answer did not come in time"}},
      {kDraining, {503, "draining", "The server is stopping"}},
      {kStorageLow, {503, "storage-low", "Storage is low"}},
      {kIo, {500, "io-error", "Input or output failed"}},
      {kCorrupt, {500, "corrupt", "Stored bytes are damaged"}},
      {kInternal, {500, "internal", "Internal error"}},
      {kStorageFull, {503, "storage-full", "Storage is full"}},
      {kPreconditionRequired, {428, "precondition-required", "A precondition is required"}},
      {kIdempotencyReused, {422, "idempotency-key-reused", "The Idempotency-Key was used before"}},
      {kIdempotencyInProgress,
       {409, "idempotency-in-progress", "The request is being answered already"}},
      {kUnauthorized, {401, "unauthorized", "An API key is needed"}},
      {kRateLimited, {429, "rate-limited", "Too many requests"}},
      // No 429: time gives nothing back (RFC 6585), only a delete does.
      {kQuotaExceeded, {403, "quota-exceeded", "The quota is used up"}},
  };
  return kFacts;
}

}  // namespace

const ProblemFacts& problem_facts(ErrorCode code) {
  const std::span<const CodeFacts> facts = all_facts();
  auto position = static_cast<size_t>(code);
  HW_CHECK(position < facts.size() && facts[position].first == code,
           "P1: every error code has its facts, in the order of the enum");
  return facts[position].second;
}

size_t problem_count() {
  return all_facts().size();
}

void FieldErrors::add(FieldError error) {
  if (errors_.size() < kMaxErrors) errors_.push_back(std::move(error));
}

void FieldErrors::add(const JsonValue& value, std::string_view code, std::string detail) {
  add({ErrorCode::kValidationFailed, value.pointer(), code, std::move(detail)});
}

void FieldErrors::add(const JsonValue& value, const Error& error) {
  std::string_view code =
      error.code == ErrorCode::kValidationFailed ? "invalid" : problem_facts(error.code).code;
  add({error.code, value.pointer(), code, error.detail});
}

Problem problem_of(Error error) {
  Problem problem{error.code, error.detail, {}};
  if (!error.field.empty()) {
    problem.errors.push_back({error.code, std::move(error.field), problem_facts(error.code).code,
                              std::move(error.detail)});
  }
  return problem;
}

Problem problem_of(FieldErrors errors) {
  HW_CHECK(!errors.empty(), "a refusal needs a reason");
  std::vector<FieldError> all = errors.take();
  Problem problem{all.front().kind, all.front().detail, {}};
  problem.errors = std::move(all);
  return problem;
}

void write_problem(JsonWriter& json, const Problem& problem, const ProblemPlace& place) {
  const ProblemFacts& facts = problem_facts(problem.code);
  json.begin_object();
  json.name("type");
  json.string(std::string(kTypePrefix) + std::string(facts.code));
  json.name("title");
  json.string(facts.title);
  json.name("status");
  json.number(facts.status);
  json.name("code");
  json.string(facts.code);
  json.name("detail");
  json.string(problem.detail);
  if (place.shape == Shape::kSeed) {
    json.name("error");
    json.string(problem.detail);
  }
  if (!place.instance.empty()) {
    json.name("instance");
    json.string(place.instance);
  }
  if (!place.request_id.empty()) {
    json.name("request_id");
    json.string(place.request_id);
  }
  if (!problem.errors.empty()) {
    json.name("errors");
    json.begin_array();
    for (const FieldError& error : problem.errors) {
      json.begin_object();
      json.name("pointer");
      json.string("#" + error.pointer);
      json.name("code");
      json.string(error.code);
      json.name("detail");
      json.string(error.detail);
      json.end_object();
    }
    json.end_array();
  }
  json.end_object();
}

HttpResponse problem_response(const Problem& problem, const ProblemPlace& place) {
  HttpResponse response;
  response.status = problem_facts(problem.code).status;
  response.content_type = "application/problem+json";
  if (const uint32_t seconds = retry_after_s(problem.code, place.retry_after_s); seconds > 0) {
    response.fields.emplace_back("retry-after", std::to_string(seconds));
  }
  JsonWriter json(response.body);
  write_problem(json, problem, place);
  return response;
}

}  // namespace hourwheel
