// The file of secrets that webhooks are signed with (F1 to F3 of tools/hourwheel/secret_file.h).
// That of the data folder is made with one random secret when there is none; another one, named by
// the operator, must exist: a mistyped name shall not sign with a secret that nobody knows.
// Thread: that of start-up.
#pragma once

#include <string>
#include <vector>

#include "engine/base/result.h"
#include "net/signature.h"

namespace hourwheel {

struct SigningFile {
  std::string path;
  std::vector<SigningSecret> secrets;
  bool made = false;  // just now

  static Result<SigningFile> open(const std::string& path);
  // The one of a data folder, whose lock is held.
  static Result<SigningFile> open_or_make(const std::string& folder);
};

}  // namespace hourwheel
