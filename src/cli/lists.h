// What the lists (keys, rules, profiles) share.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include "cli/options.h"

namespace proctor::cli {

enum class ListFormat : uint8_t { kText, kJson, kMarkdown };

/// The value of --format, one of `known`; text if it is not given.
Result<ListFormat> list_format(const Invocation& invocation,
                               std::initializer_list<ListFormat> known);

/// Complains; returns kTrouble.
int misuse(std::string_view what);

/// An array of objects that are indented by two blanks.
class JsonArray {
 public:
  void add(std::string_view object);
  std::string close();

 private:
  std::string text_ = "[";
};

}  // namespace proctor::cli
