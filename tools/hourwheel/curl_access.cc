#include "tools/hourwheel/curl_access.h"

namespace hourwheel {
namespace {

void set_trust(CURL* curl, const ClientTls& tls) {
  if (!tls.ca.empty()) {
    curl_easy_setopt(curl, CURLOPT_CAINFO, tls.ca.c_str());
    curl_easy_setopt(curl, CURLOPT_CAPATH, nullptr);  // else the system's would count, too
  }
  if (tls.certificate.empty()) return;
  const std::string& key = tls.key.empty() ? tls.certificate : tls.key;
  curl_easy_setopt(curl, CURLOPT_SSLCERT, tls.certificate.c_str());
  curl_easy_setopt(curl, CURLOPT_SSLKEY, key.c_str());
}

}  // namespace

void set_access(CURL* curl, const ServerAccess& to, const std::string& path) {
  if (!to.token.empty()) {
    curl_easy_setopt(curl, CURLOPT_HTTPAUTH, CURLAUTH_BEARER);
    curl_easy_setopt(curl, CURLOPT_XOAUTH2_BEARER, to.token.c_str());
  }
  curl_easy_setopt(curl, CURLOPT_URL, (to.url + path).c_str());
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl, CURLOPT_PATH_AS_IS, 1L);  // a task may be named ".."
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  set_trust(curl, to.tls);
}

}  // namespace hourwheel
