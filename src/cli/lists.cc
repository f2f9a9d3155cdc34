#include "cli/lists.h"

#include <fmt/core.h>

#include <array>

#include "cli/output.h"
#include "text/text.h"

namespace proctor::cli {
namespace {

constexpr std::array<std::string_view, 3> kNames = {"text", "json", "markdown"};

}  // namespace

Result<ListFormat> list_format(const Invocation& invocation,
                               std::initializer_list<ListFormat> known) {
  const std::string_view name = invocation.value(OptionId::kFormat, "text");
  std::string list;
  for (const ListFormat format : known) {
    const std::string_view each = kNames[static_cast<size_t>(format)];
    if (name == each) return format;
    list += (list.empty() ? "" : ", ") + std::string(each);
  }
  return Error{
      fmt::format("--format: unknown format '{}'; expected one of {}", escape_bytes(name), list)};
}

int misuse(std::string_view what) {
  complain(what);
  return kTrouble;
}

void JsonArray::add(std::string_view object) {
  text_ += text_.size() > 1 ? ",\n  " : "\n  ";
  text_ += object;
}

std::string JsonArray::close() { return text_ + (text_.size() > 1 ? "\n]\n" : "]\n"); }

}  // namespace proctor::cli
