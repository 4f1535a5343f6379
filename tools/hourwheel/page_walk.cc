#include "tools/hourwheel/page_walk.h"

#include <algorithm>
#include <limits>

#include "api/url_text.h"
#include "tools/hourwheel/answer_text.h"

namespace hourwheel {
namespace {

constexpr uint64_t kMostInPage = 1000;

std::string page_path(const ListPlace& place, uint64_t size, const std::string& token) {
  std::string path = place.path;
  path += path.find('?') == std::string::npos ? '?' : '&';
  path += "page_size=" + std::to_string(size);
  if (!token.empty()) path += "&page_token=" + percent_encode(token);
  return path;
}

}  // namespace

// A page may be short, so only a missing token is the end.
Told<bool> walk_pages(ApiClient& client, const ListPlace& place, const PageChoice& choice,
                      const std::function<void(const ListPage&)>& take) {
  uint64_t left = choice.all ? std::numeric_limits<uint64_t>::max() : choice.limit;
  std::string token;
  JsonReader reader;
  while (left > 0) {
    auto answer = ask(client, {"GET", page_path(place, std::min(left, kMostInPage), token), ""});
    if (!answer) return tl::unexpected(answer.error());
    auto body = reader.parse(answer->body);
    if (!body) return tl::unexpected(complain("the server's answer is not JSON", kFailure));
    ListPage page{*answer, members_of(*body, place.rows), "", true, true};
    page.next_token = next_page_token(*body);
    if (!token.empty() && page.next_token == token) {
      return tl::unexpected(complain("the server gives the same page again and again", kFailure));
    }
    if (page.rows.size() > left) {
      page.rows.resize(left, *body);
      page.whole = false;
    }
    left -= page.rows.size();
    page.last = page.next_token.empty() || left == 0;
    token = page.next_token;
    take(page);
    if (token.empty()) break;
  }
  return true;
}

}  // namespace hourwheel
