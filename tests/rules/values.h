// Values of names for expressions of rules under test.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "expr/scope.h"
#include "rules/rule.h"

namespace proctor::rules {

/// Keys by their bound pattern ("net.ipv4.conf.all.rp_filter"), with the dynamic steps put in;
/// a key that is not here is absent. Facts by name; one that is not here is unknown.
class Values : public expr::Activation {
 public:
  std::map<std::string, expr::Value> keys;
  std::map<std::string, expr::Value> facts;
  std::set<std::string> roles;
  std::vector<expr::Value> variables;
  const Rule* rule = nullptr;  ///< Whose lets are meant.

  expr::Value load(int32_t id, std::span<const expr::Value> dynamic) const override;
  expr::Value has(int32_t id, std::span<const expr::Value> dynamic) const override;
  expr::Value call_reference(int32_t function, int32_t id, std::span<const expr::Value> dynamic,
                             std::span<const expr::Value> arguments) const override;
  expr::Value call(int32_t function, std::span<const expr::Value> arguments) const override;
};

}  // namespace proctor::rules
