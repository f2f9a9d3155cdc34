// Formulas of a profile, evaluated on one kernel.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "advise/tuning.h"
#include "rules/activation.h"
#include "rules/scenario.h"

namespace proctor::advise {

/// One kernel, with nothing loaded but one more module.
class TuningScope : public expr::Activation {
 public:
  /// `request` must outlive it. `module` (may be empty) counts as loaded.
  TuningScope(const TuneRequest& request, const kernel::Version& version,
              const std::string& module);
  TuningScope(const TuningScope&) = delete;
  TuningScope& operator=(const TuningScope&) = delete;

  expr::Value load(int32_t id, std::span<const expr::Value> dynamic) const override;
  expr::Value has(int32_t id, std::span<const expr::Value> dynamic) const override;
  expr::Value call_reference(int32_t function, int32_t id, std::span<const expr::Value> dynamic,
                             std::span<const expr::Value> arguments) const override;
  expr::Value call(int32_t function, std::span<const expr::Value> arguments) const override;

  /// A parameter, as given or by its default.
  expr::Value parameter(const Parameter& parameter) const;
  /// The state before anything is loaded; running values included.
  const kernel::State& state() const { return run_->state(); }

 private:
  expr::Value variable(uint32_t index) const;

  const TuneRequest& request_;
  rules::Target target_;
  load::Configuration nothing_;
  std::unique_ptr<rules::Run> run_;
  rules::Surroundings surroundings_;
  rules::Activation::Lets lets_;
  rules::Interface interface_;
  std::unique_ptr<rules::Activation> names_;
  mutable std::map<uint32_t, expr::Value> values_;  ///< Of variables that were asked for.
};

}  // namespace proctor::advise
