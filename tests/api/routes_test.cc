#include "api/routes.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "api/documents.h"

namespace hourwheel::routes_test {
namespace {

// The paths and methods of the document, read by its indentation: paths stand two spaces in,
// methods four.
std::set<std::string> documented() {
  std::set<std::string> out;
  std::string path;
  bool in_paths = false;
  std::string_view text = openapi_yaml().text;
  while (!text.empty()) {
    size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty()) continue;
    if (!line.starts_with(' ')) in_paths = line == "paths:";
    if (!in_paths) continue;
    if (line.starts_with("  /")) path = line.substr(2, line.size() - 3);
    for (std::string_view method : {"get", "head", "post", "put", "patch", "delete"}) {
      if (line == "    " + std::string(method) + ":") out.insert(std::string(method) + " " + path);
    }
  }
  return out;
}

TEST(RoutesTest, OpenapiDocumentsExactlyTheRoutes) {
  std::set<std::string> table;
  for (const Route& route : routes()) {
    std::string method(route.method);
    for (char& c : method) c = static_cast<char>(c + ('a' - 'A'));
    table.insert(method + " " + std::string(route.path));
  }
  EXPECT_EQ(table, documented());
  EXPECT_EQ(table.size(), routes().size()) << "a route stands twice";
}

TEST(RoutesTest, ActionsAreNotTakenForIds) {
  EXPECT_EQ(find_route("POST", "/v1/tasks/a/pause").id, "a");
  EXPECT_EQ(find_route("GET", "/v1/tasks/a").id, "a");
  EXPECT_EQ(find_route("GET", "/v1/tasks/a/runs").route->path, "/v1/tasks/{id}/runs");
  EXPECT_EQ(find_route("POST", "/v1/tasks:batch").route->path, "/v1/tasks:batch");
}

TEST(RoutesTest, UnknownPathsAndMethodsAreToldApart) {
  EXPECT_EQ(find_route("GET", "/nothing").allow, "");
  EXPECT_EQ(find_route("GET", "/v1/tasks/").allow, "");
  EXPECT_EQ(find_route("GET", "/v1/tasks/a/b").allow, "");
  RouteMatch wrong = find_route("POST", "/v1/tasks/a");
  EXPECT_EQ(wrong.route, nullptr);
  EXPECT_EQ(wrong.allow, "GET, HEAD, PUT, PATCH, DELETE");
}

}  // namespace
}  // namespace hourwheel::routes_test
