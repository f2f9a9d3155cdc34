#include "rules/key_life.h"

#include <algorithm>
#include <array>
#include <variant>

namespace proctor::rules {
namespace {

/// Builds that no distribution has for x86-64 or arm64, as Key::config names them, and in words.
struct RareBuild {
  std::string_view option;
  std::string_view words;
};
constexpr std::array kRareBuilds{
    RareBuild{"!CONFIG_MMU", "processors without memory management"},
    RareBuild{"CONFIG_CMM", "s390 machines"},
    RareBuild{"CONFIG_HIGHMEM", "32-bit machines with high memory"},
    RareBuild{"CONFIG_IA64", "Itanium machines"},
    RareBuild{"CONFIG_PGSTE", "s390 machines"},
    RareBuild{"CONFIG_PPC", "PowerPC machines"},
    RareBuild{"CONFIG_S390", "s390 machines"},
    RareBuild{"CONFIG_SPARC", "SPARC machines"},
    RareBuild{"CONFIG_X86_32", "32-bit x86 and PA-RISC machines"},
};

}  // namespace

std::optional<kernel::Version> version_of(std::string_view text) {
  if (text.empty()) return std::nullopt;
  if (text.starts_with("<=")) text.remove_prefix(2);
  const auto version = kernel::parse_version(text);
  return version.ok() ? std::optional(*version) : std::nullopt;
}

std::string change_text(std::string_view before, std::string_view after) {
  const auto from = version_of(before);
  const auto to = version_of(after);
  if (!to) return std::string(before);
  const bool next =
      from && ((from->major == to->major && from->minor + 1 == to->minor && from->major >= 3) ||
               (from->major == 2 && to->major == 2 && from->patch + 1 == to->patch));
  if (!from || next) return std::string(after);
  return "between " + std::string(before) + " and " + std::string(after);
}

std::string_view rare_build(const kernel::Key& key, const host::Facts& facts) {
  const host::FactValue* value = facts.get("arch");
  const auto* const arch = value == nullptr ? nullptr : std::get_if<std::string>(value);
  if (arch != nullptr && *arch != "x86_64" && *arch != "aarch64") return {};
  const auto* const found = std::ranges::find_if(kRareBuilds, [&](const RareBuild& build) {
    return key.config.find(build.option) != std::string_view::npos;
  });
  return found == kRareBuilds.end() ? std::string_view() : found->words;
}

}  // namespace proctor::rules
