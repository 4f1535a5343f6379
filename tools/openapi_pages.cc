// openapi_pages OPENAPI.yaml DOCS.css OUT.cc: makes the source of what the server tells about its
// API. Runs when the server is built.
#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>

#include "tools/openapi/docs_page.h"
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
  if (!file) return failure(ErrorCode::kIo, "", path + " cannot be read");
  return text;
}

struct Paths {
  std::string openapi;
  std::string style;
  std::string out;
};

Status write_pages(const Paths& paths) {
  auto yaml = read_file(paths.openapi);
  if (!yaml) return failure(std::move(yaml.error()));
  auto style = read_file(paths.style);
  if (!style) return failure(std::move(style.error()));
  auto document = hourwheel::read_yaml(*yaml);
  if (!document) {
    return failure(ErrorCode::kValidationFailed, "",
                   paths.openapi + ": " + document.error().detail);
  }
  std::ofstream file(paths.out, std::ios::binary);
  file << hourwheel::source_text({{"openapi_yaml", *yaml},
                                  {"openapi_json", hourwheel::json_text(*document)},
                                  {"docs_page", hourwheel::docs_page(*document)},
                                  {"docs_style", *style}});
  file.close();
  if (!file) return failure(ErrorCode::kIo, "", paths.out + " cannot be written");
  return {};
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fprintf(stderr, "openapi_pages OPENAPI.yaml DOCS.css OUT.cc\n");
    return 2;
  }
  auto written = write_pages({argv[1], argv[2], argv[3]});
  if (written) return 0;
  std::fprintf(stderr, "openapi_pages: %s\n", written.error().detail.c_str());
  return 1;
}
