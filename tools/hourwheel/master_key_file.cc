#include "tools/hourwheel/master_key_file.h"

#include <utility>

#include "tools/hourwheel/secret_file.h"

namespace hourwheel {

Result<MasterKeyFile> MasterKeyFile::open(const std::string& path) {
  auto text = read_secret_file(path);
  if (!text) return failure(std::move(text.error()));
  auto keys = read_master_keys(text->view(), path);
  if (!keys) return failure(std::move(keys.error()));
  return MasterKeyFile{path, std::make_unique<SecretBox>(std::move(*keys), path)};
}

Result<MasterKeyFile> MasterKeyFile::open_or_make(const std::string& folder, Stored stored) {
  const std::string path = folder + "/master.key";
  auto there = is_there(path);
  if (!there) return failure(std::move(there.error()));
  if (!*there && stored == Stored::kSecrets) {
    return failure(ErrorCode::kForbidden, "",
                   "secrets are stored, and the master key that opens them is not there: bring "
                   "back " +
                       path + ", or name the file with --master-key-file");
  }
  if (!*there) {
    auto key = new_master_key();
    if (!key) return failure(std::move(key.error()));
    if (Status made = make_secret_file(path, *key); !made) return failure(std::move(made.error()));
  }
  auto file = open(path);
  if (file) file->made = !*there;
  return file;
}

}  // namespace hourwheel
