#include "tools/openapi/html.h"

#include <algorithm>

namespace hourwheel {
namespace {

std::string_view entity_of(char c) {
  switch (c) {
    case '&':
      return "&amp;";
    case '<':
      return "&lt;";
    case '>':
      return "&gt;";
    case '"':
      return "&quot;";
    default:
      return {};
  }
}

}  // namespace

std::string escaped(std::string_view text) {
  std::string out;
  for (char c : text) {
    const std::string_view entity = entity_of(c);
    if (entity.empty()) {
      out.push_back(c);
    } else {
      out.append(entity);
    }
  }
  return out;
}

std::string element(std::string_view tag, const std::string& inner) {
  std::string out = "<";
  return out.append(tag).append(">").append(inner).append("</").append(tag).append(">");
}

std::string code(std::string_view text) {
  return element("code", escaped(text));
}

std::string link_to(std::string_view anchor, const std::string& inner) {
  return "<a href=\"#" + escaped(anchor) + "\">" + inner + "</a>";
}

std::string heading(std::string_view tag, std::string_view anchor, const std::string& inner) {
  std::string out = "<";
  out.append(tag).append(" id=\"").append(escaped(anchor)).append("\">");
  return out.append(link_to(anchor, inner)).append("</").append(tag).append(">\n");
}

std::string sentence(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const size_t open = text.find('`');
    const size_t close = open == std::string_view::npos ? open : text.find('`', open + 1);
    if (close == std::string_view::npos) break;
    out.append(escaped(text.substr(0, open)));
    out.append(code(text.substr(open + 1, close - open - 1)));
    text.remove_prefix(close + 1);
  }
  return out.append(escaped(text));
}

std::string prose(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const size_t end = std::min(text.find("\n\n"), text.size());
    out.append(element("p", sentence(text.substr(0, end)))).append("\n");
    text.remove_prefix(std::min(end + 2, text.size()));
  }
  return out;
}

}  // namespace hourwheel
