// Between the kernel's text and the values of expressions.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "expr/value.h"
#include "kernel/catalog.h"
#include "kernel/state.h"
#include "text/brief.h"

namespace proctor::rules {

/// The value of `key` that reads as `cell`, typed as scope.h's type_of(): an absent value, an
/// unknown with its needs, or what the text means. Text that does not have the key's type is
/// unknown. `path` is for the message of an absent value.
expr::Value value_of(const kernel::Key& key, const kernel::Cell& cell, std::string_view path);

/// How a file spells a value: integers in decimal, true as 1, a list's elements with single blanks.
/// nullopt: an error, an unknown, or a kind that no sysctl takes.
std::optional<std::string> spelling_of(const expr::Value& value);

}  // namespace proctor::rules
