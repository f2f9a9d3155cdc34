// The JSON Schema of rule files, for editors and for checks without proctor.
#pragma once

#include <string>

namespace proctor::rules {

/// Draft 2020-12, indented, with a final newline; made from the table of fields (shape.h). A file
/// that it refuses is refused by the reader as well; the reader also knows keys, roles and CEL.
std::string rule_schema();

}  // namespace proctor::rules
