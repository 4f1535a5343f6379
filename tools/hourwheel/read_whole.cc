#include "tools/hourwheel/read_whole.h"

#include <fstream>
#include <iostream>
#include <iterator>

namespace hourwheel {

Result<std::string> read_whole(const std::string& path) {
  std::ifstream file;
  if (path != "-") file.open(path, std::ios::binary);
  std::istream& in = path == "-" ? std::cin : file;
  std::string text{std::istreambuf_iterator<char>(in), {}};
  if (in.bad() || (path != "-" && !file.is_open())) {
    return failure(ErrorCode::kIo, "", "cannot read " + path);
  }
  return text;
}

Result<std::string> read_key(const std::string& path) {
  std::ifstream file(path);
  std::string key;
  if (!std::getline(file, key)) return failure(ErrorCode::kIo, "", "cannot read " + path);
  while (key.ends_with('\r')) key.pop_back();
  return key;
}

}  // namespace hourwheel
