// The values that literal tokens stand for.
#pragma once

#include <string>

#include "expr/lexer.h"
#include "expr/value.h"
#include "text/span.h"

namespace proctor::expr {

/// What is wrong inside a literal; `span` is in the source.
struct LiteralError {
  Span span;
  std::string message;
};

/// `token` is kInt, kUint, kDouble, kString or kBytes. `negative`: a minus stands before a number.
/// An error is returned in `error` and the value is null.
Value literal_value(const Token& token, bool negative, LiteralError& error);

/// A decimal or 0x number in text, the entire text; as CEL's int() and uint() read strings.
bool parse_int64(std::string_view text, int64_t& value);
bool parse_uint64(std::string_view text, uint64_t& value);
bool parse_double(std::string_view text, double& value);
/// Appends one code point. REQUIRES: at most 0x10FFFF and no surrogate.
void append_utf8(std::string& out, uint32_t code);

}  // namespace proctor::expr
