// A file that holds secrets, a line each, for nobody but its owner.
//
// Invariants
//   F1  A secret is in no log line, error or argument; only in the file.
//   F2  A file that others than its owner may read or write is refused.
//   F3  What was made is whole and on the disk before it is used.
// Thread: that of start-up.
#pragma once

#include <string>

#include "engine/base/result.h"
#include "engine/secret.h"

namespace hourwheel {

Result<SecretText> read_secret_file(const std::string& path);

// kIo also when it cannot be known.
Result<bool> is_there(const std::string& path);

// A new file of this one line, in a folder that is there.
Status make_secret_file(const std::string& path, const SecretText& line);

}  // namespace hourwheel
