// The page of an OpenAPI document: contents, routes by tag, schemas. No script, and nothing from
// elsewhere but /docs.css. Thread: a pure function.
#pragma once

#include <string>

#include "tools/openapi/tree.h"

namespace hourwheel {

std::string docs_page(const Tree& document);

}  // namespace hourwheel
