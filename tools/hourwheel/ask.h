// A request whose failure is told to the person who typed the command: callers only pass on the
// exit code.
#pragma once

#include <string>

#include "tools/hourwheel/api_client.h"

namespace hourwheel {

// Without a value: the exit code, after the reason went to standard error.
template <class T>
using Told = tl::expected<T, int>;

int complain(const std::string& what, int exit_code);

Told<ApiClient> connect(const ServerChoice& server);
// An answer of 200 to 299.
Told<ApiAnswer> ask(ApiClient& client, const ApiRequest& request);

}  // namespace hourwheel
