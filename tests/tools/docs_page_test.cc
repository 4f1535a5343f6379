#include "tools/openapi/docs_page.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <set>

#include "tools/openapi/html.h"
#include "tools/openapi/schema_html.h"
#include "tools/openapi/yaml_reader.h"

namespace hourwheel::docs_page_test {
namespace {

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

std::string our_page() {
  std::ifstream file(HW_SOURCE_DIR "/api/openapi.yaml");
  auto document = read_yaml(std::string{std::istreambuf_iterator<char>(file), {}});
  return document ? docs_page(*document) : document.error().detail;
}

// What stands behind each `before`, up to the quote.
std::multiset<std::string> quoted_after(const std::string& text, const std::string& before) {
  std::multiset<std::string> found;
  for (size_t at = text.find(before); at != std::string::npos; at = text.find(before, at + 1)) {
    const size_t from = at + before.size();
    found.insert(text.substr(from, text.find('"', from) - from));
  }
  return found;
}

// Every EVIL becomes that.
void rename_all(Tree& tree, const std::string& name) {
  if (size_t at = tree.text.find("EVIL"); at != std::string::npos) tree.text.replace(at, 4, name);
  for (Tree& entry : tree.entries) rename_all(entry, name);
  for (auto& [key, value] : tree.members) {
    if (key == "EVIL") key = name;
    rename_all(value, name);
  }
}

TEST(DocsPage, EverythingIsEscaped) {
  const std::string evil = "<script>\"&amp;</script>";
  auto document = read_yaml(R"(
info: {title: EVIL, version: EVIL, summary: EVIL, description: EVIL}
tags: [{name: EVIL, description: EVIL}]
paths:
  EVIL:
    get:
      tags: [EVIL]
      operationId: EVIL
      summary: EVIL
      description: a `EVIL` b
      parameters: [{name: EVIL, in: EVIL, description: EVIL, schema: {pattern: EVIL, type: EVIL}}]
      requestBody: {content: {EVIL: {schema: {const: EVIL}, example: {EVIL: EVIL}}}}
      responses: {EVIL: {description: EVIL, headers: {EVIL: {description: EVIL}}}}
components: {schemas: {EVIL: {properties: {EVIL: {default: EVIL, enum: [EVIL]}}}}}
)");
  ASSERT_TRUE(document.has_value());
  rename_all(*document, evil);
  const std::string bad = docs_page(*document);
  EXPECT_FALSE(contains(bad, "<script>"));
  EXPECT_FALSE(contains(bad, "\"&amp;<"));
  EXPECT_TRUE(contains(bad, "&lt;script&gt;&quot;&amp;amp;&lt;/script&gt;"));
}

TEST(DocsPage, EveryLinkHasItsPlaceAndEveryPlaceOneName) {
  const std::string page = our_page();
  const std::multiset<std::string> places = quoted_after(page, " id=\"");
  for (const std::string& link : quoted_after(page, "href=\"#")) {
    EXPECT_EQ(places.count(link), 1U) << link;
  }
  EXPECT_GT(places.size(), 60U);
}

TEST(DocsPage, NothingComesFromElsewhereAndNothingRuns) {
  const std::string page = our_page();
  EXPECT_EQ(quoted_after(page, "<link rel=\"stylesheet\" href=\""),
            std::multiset<std::string>{"/docs.css"});
  for (const char* part : {"<script", "style=", "<style", " src=", "onclick", "href=\"http"}) {
    EXPECT_FALSE(contains(page, part)) << part;
  }
}

TEST(DocsPage, ARouteIsToldInFull) {
  const std::string page = our_page();
  for (const char* part :
       {"<h3 id=\"createTask\"><a href=\"#createTask\"><b>POST</b> <code>/v1/tasks</code></a></h3>",
        "<td><code>page_size</code></td><td>query</td><td>integer, at least 0</td>"
        "<td><code>50</code></td>",
        "<dt><code>201</code></dt>", "<a href=\"#schema-TaskInput\">TaskInput</a>",
        "<h3 id=\"schema-Retry\">", "<td><code>max_attempts</code></td>"}) {
    EXPECT_TRUE(contains(page, part)) << part;
  }
}

TEST(DocsPage, MembersOfInnerObjectsHaveTheNamesOfTheOuterInFront) {
  auto schema = read_yaml(R"(
type: object
required: [a]
properties:
  a: {type: object, properties: {b: {type: array, items: {type: object, properties: {c: {type: integer}}}}}}
)");
  const std::string html = members_html(*schema);
  EXPECT_TRUE(contains(html, "<code>a</code> <b>required</b>")) << html;
  EXPECT_TRUE(contains(html, "<code>a.b[].c</code>")) << html;
  EXPECT_EQ(members_html(*read_yaml("{type: string}")), "");
}

TEST(DocsPage, ProseHasParagraphsAndCode) {
  EXPECT_EQ(prose("a `b<` c\n\nd `e"), "<p>a <code>b&lt;</code> c</p>\n<p>d `e</p>\n");
}

}  // namespace
}  // namespace hourwheel::docs_page_test
