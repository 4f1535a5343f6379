// The file of secrets that webhooks are signed with. That of the data folder is made with one
// random secret when there is none; another one, named by the operator, must exist: a mistyped
// name shall not sign with a secret that nobody knows.
//
// Invariants
//   F1  A secret is in no log line, error or argument; only in the file.
//   F2  A file that others than its owner may read or write is refused.
//   F3  What was made is whole and on the disk before anything is signed with it.
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
