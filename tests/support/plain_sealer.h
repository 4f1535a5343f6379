// Seals by writing down for what, and with which of its keys, so that tests can read it.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "engine/ports.h"

namespace hourwheel {

class PlainSealer final : public Sealer {
 public:
  explicit PlainSealer(std::vector<std::string> keys = {"k1"}) : keys_(std::move(keys)) {}

  [[nodiscard]] Result<std::string> seal(const SecretPlace& place,
                                         const SecretText& value) const override {
    return head(keys_.front(), place) + std::string(value.view());
  }
  [[nodiscard]] Result<SecretText> open(const SecretPlace& place,
                                        std::string_view sealed) const override {
    const std::string_view key = sealed.substr(0, sealed.find(' '));
    if (std::find(keys_.begin(), keys_.end(), key) == keys_.end()) {
      return failure(ErrorCode::kForbidden, "", "no key " + std::string(key));
    }
    const std::string expected = head(key, place);
    if (!sealed.starts_with(expected)) return failure(ErrorCode::kCorrupt, "", "another place");
    return SecretText(sealed.substr(expected.size()));
  }
  [[nodiscard]] bool is_newest(std::string_view sealed) const override {
    return sealed.starts_with(keys_.front() + " ");
  }

 private:
  static std::string head(std::string_view key, const SecretPlace& place) {
    return std::string(key) + " " + std::string(place.name) + " " +
           std::to_string(place.version.value) + " ";
  }
  std::vector<std::string> keys_;
};

}  // namespace hourwheel
