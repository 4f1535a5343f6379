// How entries of the audit log are told, and what a query of them may ask for.
// Thread: pure functions, any thread.
#pragma once

#include <string_view>

#include "api/json_writer.h"
#include "api/url_text.h"
#include "engine/audit.h"
#include "engine/base/result.h"
#include "net/http.h"

namespace hourwheel {

Actor::Address actor_address(const Address& address);

// kBadRequest: a parameter is unknown, or its value is not understood.
Result<AuditFilter> audit_filter_of(const QueryParameters& parameters);

// `lane`: the file it is from; with its position that names the entry.
void write_audit_entry(JsonWriter& json, const AuditEntry& entry, size_t lane, uint64_t position);

// "shard-000", "system"
std::string audit_source(size_t lane, size_t shards);
void write_audit_verdict(JsonWriter& json, const AuditVerdict& verdict, std::string_view source);

}  // namespace hourwheel
