// The file of master keys that stored secrets are sealed with (F1 to F3 of
// tools/hourwheel/secret_file.h). That of the data folder, master.key, is made with one random key
// when there is none and no secret is stored; another one, named by the operator, must exist.
// Thread: that of start-up.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "engine/base/result.h"
#include "net/secret_box.h"

namespace hourwheel {

struct MasterKeyFile {
  std::string path;
  std::unique_ptr<SecretBox> box;
  bool made = false;  // just now

  static Result<MasterKeyFile> open(const std::string& path);
  // The one of a data folder, whose lock is held. A new key opens nothing: where secrets are stored
  // already none is made.
  enum class Stored : uint8_t { kNothing, kSecrets };
  static Result<MasterKeyFile> open_or_make(const std::string& folder, Stored stored);
};

}  // namespace hourwheel
