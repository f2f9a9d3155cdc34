// Values in the JSON notation of `proctor eval`: {"int": "3"}, {"list": [...]}, {"error": "..."}.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "expr/value.h"
#include "text/result.h"

namespace proctor::expr {

/// One value: {"int": "-3"}, {"uint": "3"}, {"double": "1.5"}, {"bool": true}, {"string": "..."},
/// {"bytes": "hex"}, {"null": null}, {"type": "int"}, {"list": [value...]},
/// {"map": [[key, value]...]}, {"optional": value or null}; an opaque value is its type's name with
/// its text. Bytes of a string outside UTF-8 become \xNN.
std::string to_json(const Value& value);

/// What an evaluation gave: {"value": ...}, {"error": "..."} or {"unknown": ["host.memory"]}.
std::string result_to_json(const Value& value);

/// Reads to_json()'s notation, opaque values excepted. Numbers may be JSON numbers too where they
/// are exact. {"unknown": [names]} and {"error": "..."} give values of that kind.
Result<Value> value_from_json(std::string_view json);

/// A JSON object of names to values, in the order of the text.
Result<std::vector<std::pair<std::string, Value>>> bindings_from_json(std::string_view json);

}  // namespace proctor::expr
