// What every request by libcurl has in common: where it goes, and how the server is trusted.
#pragma once

#include <curl/curl.h>

#include <string>

#include "tools/hourwheel/connection.h"

namespace hourwheel {

// Nothing turns the verification of a certificate off. libcurl keeps copies.
void set_access(CURL* curl, const ServerAccess& to, const std::string& path);

}  // namespace hourwheel
