// Where a finding stands.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rules/activation.h"
#include "rules/hit.h"
#include "rules/rule.h"
#include "rules/scenario.h"

namespace proctor::rules {

/// The line that speaks for a path in one run.
struct Carrier {
  std::string path;
  load::Origin origin;
  bool live = false;   ///< Something that it writes is in effect, or may be.
  uint32_t place = 0;  ///< Among the assignments, in the order of application.
};

/// The line whose value is in effect, else the last that names the path; nullopt: none does.
std::optional<Carrier> carrier_of(const Run& run, std::string_view path);

/// The line that carries a finding of an expression rule: the first of its anchors that is written,
/// else the last line in the order of application that it reads. Lines in effect come first.
/// nullopt: the configuration writes none of the keys that the rule reads.
std::optional<Carrier> carrier_of(const Run& run, const Rule& rule, const Interface& interface);

/// The carriers of keys as `related` names them. Of a key whose carrier is on `except`'s line, the
/// other lines.
std::vector<Carrier> related_carriers(const Run& run, const std::vector<std::string>& keys,
                                      const Interface& interface, const load::Origin& except);

/// The key and the value of an assignment line; the key alone if `key_only`; the whole text of
/// other lines.
Span span_of_line(const load::Configuration& configuration, const load::Origin& origin,
                  bool key_only = false);

}  // namespace proctor::rules
