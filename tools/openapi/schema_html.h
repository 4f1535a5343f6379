// JSON Schemas for people. Thread: pure functions.
#pragma once

#include <string>

#include "tools/openapi/tree.h"

namespace hourwheel {

// What a value of it is, in some words; named schemas are links.
std::string type_html(const Tree& schema);
// A table of its members, those of inner objects with the names of the outer in front; empty: it
// has none.
std::string members_html(const Tree& schema);
std::string default_html(const Tree& schema);
std::string table_html(const std::string& head_cells, const std::string& rows);
// The anchor of a named schema.
std::string schema_anchor(std::string_view name);

}  // namespace hourwheel
