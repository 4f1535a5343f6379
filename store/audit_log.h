// The audit log of one file (engine/audit.h): rows of entries, each row chained to the one before.
//
//   AL1  The ids of rows ascend without a gap from audit_gone + 1 to audit_last.
//   AL2  A row's digest is SHA-256(id, instant, digest of the row before, entries); what it says of
//        the row before is that one's digest. So whoever alters a row must write all that follow
//        anew, and cannot make a head that somebody noted elsewhere come out again.
// What is older than kAuditKept goes from the oldest on.
// Cost: an insert and a digest for each batch; an entry takes 60 to 120 bytes.
// Thread: the file's own.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "engine/message.h"
#include "store/aged_rows.h"
#include "store/digest.h"

namespace hourwheel {

// A row, as the next one is chained to it.
struct AuditLink {
  uint64_t id = 0;
  AuditDigest digest{};
  Instant at;
};

class AuditLog {
 public:
  explicit AuditLog(Database& database);

  Status load();

  // Within a transaction of the caller's. Requires: at least one.
  Status append(std::span<const AuditEntry> entries);
  // It is durable, or nothing of it is left.
  void committed();
  void rolled_back() { appended_.reset(); }

  // A search under way, newest first.
  struct Search {
    uint64_t row = 0;     // looked at next; zero: at the end
    uint32_t upper = 0;   // of its entries those below this; zero: all
    int looks_left = -1;  // negative: it has not begun
    AuditPage page;
  };
  // One quantum; true: `search.page` is the answer. One that finds little is short.
  Result<bool> find(Search& search, const ListAudit& query);

  // A look at a piece of the chain.
  struct Check {
    uint64_t row = 0;    // looked at next; zero: it has not begun
    uint64_t last = 0;   // where the log ends
    uint64_t until = 0;  // where this piece ends
    AuditVerdict verdict;
  };
  // One quantum; true: `check.verdict` is the answer.
  Result<bool> verify(Check& check, const VerifyAudit& query);

  // The last row stays: what follows hangs on to it.
  Result<bool> drop_some(Instant now) { return aged_.drop_some(now, last_.id); }

  // Of a digest by this log's own means, for what entries say of definitions.
  Digester& digester() { return digester_; }

 private:
  AuditDigest digest_of(uint64_t id, Instant at, std::string_view previous,
                        std::string_view entries);
  Result<uint64_t> figure(std::string_view name);
  Result<std::vector<AuditEntry>> read(const Rows& rows);
  static void take(uint64_t row, std::vector<AuditEntry> entries, const ListAudit& query,
                   Search& search);
  void begin(Search& search, const ListAudit& query);
  Status begin(Check& check, const VerifyAudit& query);
  std::optional<std::string> follow(const Rows& rows, Check& check);

  AgedRows aged_;
  Digester digester_;
  AuditLink last_;
  std::optional<AuditLink> appended_;
  std::string entries_;  // scratch

  Statement insert_;
  Statement note_last_;
  Statement rows_down_;
  Statement rows_up_;
  Statement figure_;
};

}  // namespace hourwheel
