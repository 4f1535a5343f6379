#include "tools/hourwheel/signing_file.h"

#include <utility>

#include "tools/hourwheel/secret_file.h"

namespace hourwheel {

// F2
Result<SigningFile> SigningFile::open(const std::string& path) {
  auto text = read_secret_file(path);
  if (!text) return failure(std::move(text.error()));
  auto secrets = read_signing_secrets(text->view(), path);
  if (!secrets) return failure(std::move(secrets.error()));
  return SigningFile{path, std::move(*secrets)};
}

Result<SigningFile> SigningFile::open_or_make(const std::string& folder) {
  const std::string path = folder + "/signing-secrets";
  auto there = is_there(path);
  if (!there) return failure(std::move(there.error()));
  if (!*there) {
    auto secret = new_signing_secret();
    if (!secret) return failure(std::move(secret.error()));
    const Status made = make_secret_file(path, SecretText::taken_from(*secret));
    if (!made) return failure(made.error());
  }
  auto file = open(path);
  if (file) file->made = !*there;
  return file;
}

}  // namespace hourwheel
