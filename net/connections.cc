#include "net/connections.h"

#include <sys/socket.h>

#include <algorithm>

#include "engine/base/check.h"

namespace hourwheel {
namespace {

constexpr std::array<uint8_t, 12> kMappedV4{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

}  // namespace

bool PeerAddress::loopback() const {
  if (std::equal(kMappedV4.begin(), kMappedV4.end(), bytes.begin())) return bytes[12] == 127;
  return bytes[15] == 1 &&
         std::all_of(bytes.begin(), bytes.end() - 1, [](uint8_t byte) { return byte == 0; });
}

std::optional<uint32_t> Connections::admit(int fd, const PeerAddress& peer) {
  auto known = by_peer_.find(peer);
  uint32_t from_peer = known == by_peer_.end() ? 0 : known->second;
  if (full() || (from_peer >= limits_.max_per_peer && !peer.loopback())) {
    ++refused_;
    return std::nullopt;
  }
  if (free_.empty()) {
    free_.push_back(static_cast<uint32_t>(entries_.size()));
    entries_.emplace_back();
  }
  uint32_t connection = free_.back();
  free_.pop_back();
  entries_[connection] = {fd, peer};
  by_peer_[peer] = from_peer + 1;
  ++open_;
  return connection;
}

void Connections::release(uint32_t connection) {
  HW_CHECK(connection < entries_.size() && entries_[connection].fd >= 0,
           "N1 a connection is released once");
  Entry& entry = entries_[connection];
  entry.fd = -1;
  auto peer = by_peer_.find(entry.peer);
  if (--peer->second == 0) by_peer_.erase(peer);
  free_.push_back(connection);
  --open_;
}

void Connections::stop_reading() const {
  for (const Entry& entry : entries_) {
    if (entry.fd >= 0) shutdown(entry.fd, SHUT_RD);
  }
}

void Connections::cut() const {
  for (const Entry& entry : entries_) {
    if (entry.fd >= 0) shutdown(entry.fd, SHUT_RDWR);
  }
}

}  // namespace hourwheel
