// Requests that lead to a status: for each route and each status that openapi.yaml documents for
// it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tests/contract/contract.h"
#include "tests/contract/scene.h"

namespace hourwheel {

// The answer to a request that should lead to that status; none: nobody knows of one, or there was
// no answer.
std::optional<HttpResponse> provoke(Scene& scene, const DocumentedRoute& route,
                                    const std::string& status);

// The answers to everything that can be tried on any route; each with a server of its own. Every
// one must be documented, whatever its status.
std::vector<HttpResponse> try_everything(const Contract& contract, const DocumentedRoute& route);

}  // namespace hourwheel
