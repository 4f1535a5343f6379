// What callers may do, and the keys that say so: a key carries some rights, from some addresses,
// for some time. The secret itself is nowhere: of a text of 256 random bits a plain hash is enough.
// Thread: values.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/time.h"
#include "engine/selection.h"

namespace hourwheel {

// What a caller must be allowed to do. Where no key is asked for everybody may do everything, but
// what is kAdmin or kKeysAdmin only with --dev or on a server that listens on loopback.
// Stored as bits: only append.
enum class Right : uint8_t {
  kOpen = 1,  // needs nothing, ever; no key carries it
  kTasksRead,
  kTasksWrite,
  kTasksTrigger,
  kRunsRead,
  kMetricsRead,
  kAdmin,
  kKeysAdmin,
  kAuditRead,
  kSecretsWrite,
};
inline constexpr Right kLastRight = Right::kSecretsWrite;

class Rights {
 public:
  constexpr Rights() = default;
  explicit constexpr Rights(uint32_t bits) : bits_(bits) {}
  static constexpr Rights all() {
    Rights rights;
    for (auto bit = static_cast<uint8_t>(Right::kTasksRead);
         bit <= static_cast<uint8_t>(kLastRight); ++bit) {
      rights.add(static_cast<Right>(bit));
    }
    return rights;
  }

  constexpr void add(Right right) { bits_ |= uint32_t{1} << static_cast<uint8_t>(right); }
  constexpr void add(Rights more) { bits_ |= more.bits_; }
  [[nodiscard]] constexpr bool has(Right right) const {
    return (bits_ >> static_cast<uint8_t>(right) & 1) != 0;
  }
  [[nodiscard]] constexpr bool within(Rights other) const { return (bits_ & ~other.bits_) == 0; }
  [[nodiscard]] constexpr bool empty() const { return bits_ == 0; }
  [[nodiscard]] constexpr uint32_t bits() const { return bits_; }
  friend constexpr bool operator==(Rights, Rights) = default;

 private:
  uint32_t bits_ = 0;
};

struct RateLimit {
  uint32_t count = 0;  // operations
  Duration per{};
  friend bool operator==(const RateLimit&, const RateLimit&) = default;
};

struct ApiKey {
  std::string id;                    // of the text after "hw_"
  std::array<uint8_t, 32> digest{};  // SHA-256 of the secret
  std::string name;                  // who or what it is for
  Rights rights;
  std::vector<std::string> networks;  // it may come from, as "10.0.0.0/8"; empty: from anywhere
  Instant created;
  std::string created_by;            // the id of a key; empty: on the machine itself, or by nobody
  std::optional<Instant> expires;    // not included
  std::optional<Instant> last_used;  // within kKeyUseNoted
  std::optional<RateLimit> rate_limit{};  // what it may ask for; none: no bound of its own
  // Tasks that it made and that are there, at most; none: no bound (engine/task_quotas.h).
  std::optional<uint32_t> max_tasks{};
  Selection selection{};  // what it reaches; empty: all tasks, and the server
  // Where what it has used is counted: below kMaxApiKeys, no other key's. Given by the key book,
  // not stored.
  uint16_t place = 0;
  friend bool operator==(const ApiKey&, const ApiKey&) = default;

  [[nodiscard]] bool expired(Instant now) const { return expires && *expires <= now; }
};

}  // namespace hourwheel
