#include "api/preconditions.h"

#include <algorithm>
#include <charconv>
#include <string>

#include "api/calls.h"
#include "api/text.h"

namespace hourwheel {
namespace {

// No task has it: what a tag that is not ours stands for.
constexpr Version kNoVersion{UINT64_MAX};

// The version a tag names. Weak tags never match where the strong comparison is asked for.
std::optional<Version> version_in(std::string_view tag) {
  if (tag.size() < 2 || !tag.starts_with('"') || !tag.ends_with('"')) return std::nullopt;
  tag = tag.substr(1, tag.size() - 2);
  Version version;
  auto [end, error] = std::from_chars(tag.data(), tag.data() + tag.size(), version.value);
  if (error != std::errc{} || end != tag.data() + tag.size()) return std::nullopt;
  return version;
}

// By the weak comparison. None of our tags has a comma in it.
template <class Matches>
bool any_tag(std::string_view tags, Matches matches) {
  while (!tags.empty()) {
    size_t end = std::min(tags.find(','), tags.size());
    std::string_view tag = trim(tags.substr(0, end));
    tags.remove_prefix(std::min(end + 1, tags.size()));
    if (tag.starts_with("W/")) tag.remove_prefix(2);
    if (tag == "*" || matches(tag)) return true;
  }
  return false;
}

}  // namespace

Result<Preconditions> read_preconditions(const HttpRequest& request) {
  Preconditions found;
  std::string_view match = trim(field_of(request, "if-match"));
  if (match == "*") {
    found.if_match_any = true;
  } else if (match.find(',') != std::string_view::npos) {
    return failure(ErrorCode::kBadRequest, "", "If-Match takes one entity tag");
  } else if (!match.empty()) {
    found.if_match = version_in(match).value_or(kNoVersion);
  }
  std::string_view none_match = trim(field_of(request, "if-none-match"));
  if (none_match == "*") {
    found.if_none_match_any = true;
  } else if (!none_match.empty()) {
    return failure(ErrorCode::kBadRequest, "", "If-None-Match takes only * with this method");
  }
  return found;
}

Status check_if_match(const Preconditions& conditions, Version version) {
  if (!conditions.if_match || *conditions.if_match == version) return {};
  return failure(
      ErrorCode::kVersionMismatch, "",
      "the task is at version " + std::to_string(version.value) + ", not at the one asked for");
}

Error refusal_under(const Preconditions& conditions, Error error) {
  const bool demanded = conditions.if_match || conditions.if_match_any;
  if (demanded && error.code == ErrorCode::kNotFound) error.code = ErrorCode::kVersionMismatch;
  return error;
}

bool client_has(std::string_view tags, Version version) {
  return any_tag(tags, [version](std::string_view tag) { return version_in(tag) == version; });
}

bool client_has(std::string_view tags, std::string_view etag) {
  return any_tag(tags, [etag](std::string_view tag) { return tag == etag; });
}

}  // namespace hourwheel
