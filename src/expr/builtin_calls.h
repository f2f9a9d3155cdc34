// The bodies of the built-in functions, for the table in builtins.cc. Each is called with arguments
// of the kinds that its row declares.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "expr/meter.h"
#include "expr/value.h"

namespace proctor::expr::calls {

using Arguments = std::span<const Value>;

Value size(Meter& meter, Arguments arguments);
Value contains(Meter& meter, Arguments arguments);
Value starts_with(Meter& meter, Arguments arguments);
Value ends_with(Meter& meter, Arguments arguments);
Value matches(Meter& meter, Arguments arguments);
Value to_int(Meter& meter, Arguments arguments);
Value to_uint(Meter& meter, Arguments arguments);
Value to_double(Meter& meter, Arguments arguments);
Value to_string(Meter& meter, Arguments arguments);
Value to_bytes(Meter& meter, Arguments arguments);
Value to_bool(Meter& meter, Arguments arguments);
Value type_of(Meter& meter, Arguments arguments);
Value identity(Meter& meter, Arguments arguments);

Value math_greatest(Meter& meter, Arguments arguments);
Value math_least(Meter& meter, Arguments arguments);
Value math_greatest_of_list(Meter& meter, Arguments arguments);
Value math_least_of_list(Meter& meter, Arguments arguments);
Value math_ceil(Meter& meter, Arguments arguments);
Value math_floor(Meter& meter, Arguments arguments);
Value math_round(Meter& meter, Arguments arguments);
Value math_trunc(Meter& meter, Arguments arguments);
Value math_abs(Meter& meter, Arguments arguments);
Value math_sign(Meter& meter, Arguments arguments);
Value math_sqrt(Meter& meter, Arguments arguments);
Value math_is_nan(Meter& meter, Arguments arguments);
Value math_is_inf(Meter& meter, Arguments arguments);
Value math_is_finite(Meter& meter, Arguments arguments);
Value math_bit_and(Meter& meter, Arguments arguments);
Value math_bit_or(Meter& meter, Arguments arguments);
Value math_bit_xor(Meter& meter, Arguments arguments);
Value math_bit_not(Meter& meter, Arguments arguments);
Value math_bit_shift_left(Meter& meter, Arguments arguments);
Value math_bit_shift_right(Meter& meter, Arguments arguments);

Value optional_of(Meter& meter, Arguments arguments);
Value optional_of_non_zero(Meter& meter, Arguments arguments);
Value optional_none(Meter& meter, Arguments arguments);
Value optional_has_value(Meter& meter, Arguments arguments);
Value optional_value(Meter& meter, Arguments arguments);
Value optional_or(Meter& meter, Arguments arguments);
Value optional_or_value(Meter& meter, Arguments arguments);

Value string_char_at(Meter& meter, Arguments arguments);
Value string_index_of(Meter& meter, Arguments arguments);
Value string_last_index_of(Meter& meter, Arguments arguments);
Value string_lower_ascii(Meter& meter, Arguments arguments);
Value string_upper_ascii(Meter& meter, Arguments arguments);
Value string_replace(Meter& meter, Arguments arguments);
Value string_split(Meter& meter, Arguments arguments);
Value string_substring(Meter& meter, Arguments arguments);
Value string_trim(Meter& meter, Arguments arguments);
Value string_join(Meter& meter, Arguments arguments);
Value string_reverse(Meter& meter, Arguments arguments);
Value string_quote(Meter& meter, Arguments arguments);
Value string_format(Meter& meter, Arguments arguments);

/// Where `part` first stands in `text` at or after `from`, or npos; in linear time.
size_t find_text(std::string_view text, std::string_view part, size_t from = 0);

/// Empty if `pattern` is an RE2 expression, else why it is none.
std::string regex_error(std::string_view pattern);

}  // namespace proctor::expr::calls
