// The open connections of one reactor: who they are from, how many, and their descriptors, so that
// limits hold and a shutdown finds them all.
//
// Invariants
//   N1  At most max_total are open, and at most max_per_peer from one address (loopback excepted:
//       there a proxy stands for many clients).
// Cost: O(1) each; memory is bounded by N1. Thread: the reactor's.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "engine/limits.h"

namespace hourwheel {

// An IPv6 address, or an IPv4 one mapped into IPv6.
struct PeerAddress {
  std::array<uint8_t, 16> bytes{};
  friend bool operator==(const PeerAddress&, const PeerAddress&) = default;
  [[nodiscard]] bool loopback() const;
};

// A reactor's share of the server's limits.
struct ConnectionLimits {
  uint32_t max_total = kMaxConnections;
  uint32_t max_per_peer = kMaxConnectionsPerPeer;
};

class Connections {
 public:
  explicit Connections(ConnectionLimits limits) : limits_(limits) {}

  // A number for the connection until release; nullopt at a limit.
  [[nodiscard]] std::optional<uint32_t> admit(int fd, const PeerAddress& peer);
  void release(uint32_t connection);

  // Nothing more is read: an idle connection closes at once, one with a request after its answer.
  void stop_reading() const;
  // Both directions: whatever is unsent is lost.
  void cut() const;

  [[nodiscard]] uint32_t open() const { return open_; }
  [[nodiscard]] bool full() const { return open_ >= limits_.max_total; }
  // Connections turned away at a limit since the start.
  [[nodiscard]] uint64_t refused() const { return refused_; }

 private:
  struct Entry {
    int fd = -1;  // -1: free
    PeerAddress peer;
  };
  struct PeerHash {
    size_t operator()(const PeerAddress& peer) const {
      return std::hash<std::string_view>{}(
          {reinterpret_cast<const char*>(peer.bytes.data()), peer.bytes.size()});
    }
  };

  const ConnectionLimits limits_;
  std::vector<Entry> entries_;
  std::vector<uint32_t> free_;
  std::unordered_map<PeerAddress, uint32_t, PeerHash> by_peer_;
  uint32_t open_ = 0;
  uint64_t refused_ = 0;
};

}  // namespace hourwheel
