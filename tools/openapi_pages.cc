// openapi_pages OPENAPI.yaml OUT.cc: makes the source of what the server tells about its API. Runs
// when the server is built.
#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>

#include "tools/openapi/json_text.h"
#include "tools/openapi/source_text.h"
#include "tools/openapi/yaml_reader.h"

namespace {

using hourwheel::ErrorCode;
using hourwheel::failure;
using hourwheel::Result;
using hourwheel::Status;

Result<std::string> read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(file), {}};
  if (!file) return failure(ErrorCode::kIo, "", "cannot be read");
  return text;
}

Status write_pages(const std::string& openapi, const std::string& out) {
  auto yaml = read_file(openapi);
  if (!yaml) return failure(std::move(yaml.error()));
  auto document = hourwheel::read_yaml(*yaml);
  if (!document) return failure(std::move(document.error()));
  std::string json = hourwheel::json_text(*document);
  std::ofstream file(out, std::ios::binary);
  file << hourwheel::source_text(
      {{"openapi_yaml", std::move(*yaml)}, {"openapi_json", std::move(json)}});
  file.close();
  if (!file) return failure(ErrorCode::kIo, "", out + " cannot be written");
  return {};
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "openapi_pages OPENAPI.yaml OUT.cc\n");
    return 2;
  }
  auto written = write_pages(argv[1], argv[2]);
  if (written) return 0;
  std::fprintf(stderr, "%s: %s\n", argv[1], written.error().detail.c_str());
  return 1;
}
