// Numbers of lines in texts about a piece of a file, before the piece has its place in one.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "rules/engine.h"

namespace proctor::rules {

/// How texts call a line of the same file.
enum class LineNames : uint8_t {
  kNumber,  ///< By its number.
  kMark,    ///< By a mark, which number_lines() replaces.
};

/// Begins a mark. A character that Unicode keeps for uses like this one; text that has it all the
/// same cannot be told from a mark.
inline constexpr std::string_view kLineMark = "\xef\xb7\x90";

/// `line` counts from 0.
std::string name_of_line(uint32_t line, LineNames names);

/// Replaces the marks in all texts of the report: `numbers` are those in the file, by line, from 0.
void number_lines(Report& report, std::span<const uint32_t> numbers);

}  // namespace proctor::rules
