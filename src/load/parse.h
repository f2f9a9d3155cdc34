// How each loader takes a line apart.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "load/traits.h"

namespace proctor::load {

enum class LineResult : uint8_t {
  kNothing,    ///< Blank, a comment, or too short for this loader to look at.
  kSetting,    ///< key = value.
  kExclusion,  ///< "-key".
  kBad,        ///< Not understood; `status` says what that does to the exit status.
};

struct ParsedLine {
  LineResult result = LineResult::kNothing;
  std::string key;              ///< As it will be looked up, without a '-' that the loader knows.
  std::string value;            ///< Without the newline that the loader may add.
  bool ignore_failure = false;  ///< A '-' that the loader knows stood before the key.
  int status = 0;
  bool leftover = false;  ///< kSetting made of a bare key and the bytes of an earlier line.
};

/// One parser for each run of a loader: procps 3 parses in a buffer that keeps what earlier lines
/// left in it.
class LineParser {
 public:
  explicit LineParser(const Traits& traits) : traits_(traits) {}
  ParsedLine parse(std::string_view line);

 private:
  ParsedLine parse_tokens(std::string_view line);
  std::string move_value(size_t to, std::string_view value);
  ParsedLine finish_tokens(std::string_view name, std::string_view value);
  ParsedLine parse_setting(std::string_view line) const;
  ParsedLine parse_assignment(std::string_view line) const;
  ParsedLine parse_two_tokens(std::string_view line) const;

  const Traits& traits_;
  std::string buffer_;  ///< As getline() left it, NUL and stale bytes behind the line included.
};

}  // namespace proctor::load
