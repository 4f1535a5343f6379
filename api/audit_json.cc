#include "api/audit_json.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <string>

#include "api/network.h"
#include "api/runs.h"
#include "api/word_list.h"
#include "engine/base/check.h"
#include "engine/schedule/time_text.h"

namespace hourwheel {
namespace {

std::string_view word_of(AuditAction action) {
  switch (action) {
    case AuditAction::kCreate:
      return "create";
    case AuditAction::kReplace:
      return "replace";
    case AuditAction::kDelete:
      return "delete";
    case AuditAction::kPause:
      return "pause";
    case AuditAction::kResume:
      return "resume";
    case AuditAction::kRun:
      return "run";
    case AuditAction::kRedrive:
      return "redrive";
    case AuditAction::kCancel:
      return "cancel";
    case AuditAction::kBackfill:
      return "backfill";
    case AuditAction::kStopBackfill:
      return "stop_backfill";
    case AuditAction::kBeginPause:
      return "begin_pause";
    case AuditAction::kEndPause:
      return "end_pause";
    case AuditAction::kCreateKey:
      return "create_key";
    case AuditAction::kRevokeKey:
      return "revoke_key";
    case AuditAction::kCreateSecret:
      return "create_secret";
    case AuditAction::kReplaceSecret:
      return "replace_secret";
    case AuditAction::kDeleteSecret:
      return "delete_secret";
    case AuditAction::kDrain:
      return "drain";
    case AuditAction::kDiscard:
      return "discard";
    case AuditAction::kBackup:
      return "backup";
  }
  HW_CHECK(false, "every action has its word");
}

// What the entry's subject is.
std::string_view subject_name(AuditAction action) {
  if (action == AuditAction::kBeginPause || action == AuditAction::kEndPause) return "pause_id";
  if (action == AuditAction::kCreateKey || action == AuditAction::kRevokeKey) return "key_id";
  if (action == AuditAction::kCreateSecret || action == AuditAction::kReplaceSecret ||
      action == AuditAction::kDeleteSecret) {
    return "secret_name";
  }
  return "task_id";
}

std::string hex(const AuditDigest& digest) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (uint8_t byte : digest) {
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

void write_digest(JsonWriter& json, std::string_view name,
                  const std::optional<AuditDigest>& digest) {
  if (!digest) return;
  json.name(name);
  json.string("sha256:" + hex(*digest));
}

void write_text(JsonWriter& json, std::string_view name, std::string_view text) {
  if (text.empty()) return;
  json.name(name);
  json.string(text);
}

void write_actor(JsonWriter& json, const Actor& actor) {
  json.name("actor");
  json.begin_object();
  json.name("kind");
  json.string(actor.address ? "client" : "command_line");
  write_text(json, "key_id", actor.key);
  if (actor.address) {
    const Address address{AddressFamily::kV6, 0, *actor.address};
    write_text(json, "address", ip_text(unmapped(address)));
  }
  json.end_object();
}

}  // namespace

Actor::Address actor_address(const Address& address) {
  if (address.family == AddressFamily::kV6) return address.bytes;
  Actor::Address mapped{};
  mapped[10] = mapped[11] = 0xff;
  std::copy_n(address.bytes.begin(), 4, mapped.begin() + 12);
  return mapped;
}

Result<AuditFilter> audit_filter_of(const QueryParameters& parameters) {
  AuditFilter filter;
  for (const auto& [name, value] : parameters) {
    if (name == "task_id") {
      filter.task = task_key(value);
    } else if (name == "key_id" && !value.empty()) {
      filter.key = value;
    } else if (name == "key_id") {
      return refuse_parameter("key_id is empty");
    } else if (name == "after" || name == "before") {
      auto instant = parse_instant(value);
      if (!instant) return refuse_parameter(name + ": " + instant.error().detail);
      (name == "after" ? filter.after : filter.before) = *instant;
    } else {
      return refuse_parameter("the query takes no parameter \"" + name + "\"");
    }
  }
  return filter;
}

void write_audit_entry(JsonWriter& json, const AuditEntry& entry, size_t lane, uint64_t position) {
  json.begin_object();
  json.name("id");
  json.string("aud-" + std::to_string(lane) + "-" + std::to_string(position));
  json.name("at");
  json.instant(entry.at);
  json.name("action");
  json.string(word_of(entry.action));
  write_actor(json, entry.actor);
  write_text(json, subject_name(entry.action), entry.subject);
  if (entry.version.value != 0) {
    json.name("version");
    json.count(entry.version.value);
  }
  if (entry.run) write_text(json, "run_id", run_id(entry.task, *entry.run));
  write_text(json, "note", entry.note);
  write_digest(json, "definition_before", entry.before);
  write_digest(json, "definition_after", entry.after);
  json.end_object();
}

std::string audit_source(size_t lane, size_t shards) {
  if (lane == shards) return "system";
  std::array<char, 16> text{};
  const int size = std::snprintf(text.data(), text.size(), "shard-%03zu", lane);
  return {text.data(), static_cast<size_t>(size)};
}

void write_audit_verdict(JsonWriter& json, const AuditVerdict& verdict, std::string_view source) {
  json.begin_object();
  json.name("source");
  json.string(source);
  json.name("rows");
  json.count(verdict.rows);
  json.name("entries");
  json.count(verdict.entries);
  json.name("first_row");
  json.count(verdict.first_row);
  json.name("last_row");
  json.count(verdict.last_row);
  json.name("complete");
  json.boolean(verdict.whole);
  json.name("head");
  json.string("sha256:" + hex(verdict.head));
  json.name("broken");
  if (verdict.broken) {
    json.string(*verdict.broken);
  } else {
    json.null();
  }
  json.end_object();
}

}  // namespace hourwheel
