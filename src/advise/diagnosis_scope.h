// Expressions of the capacity model, evaluated for one machine.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "advise/diagnosis.h"
#include "rules/activation.h"
#include "rules/scenario.h"

namespace proctor::advise {

class DiagnosisScope : public expr::Activation {
 public:
  /// `request` must outlive it. `factor` multiplies the loads that scale.
  explicit DiagnosisScope(const DiagnoseRequest& request);
  DiagnosisScope(const DiagnosisScope&) = delete;
  DiagnosisScope& operator=(const DiagnosisScope&) = delete;

  expr::Value load(int32_t id, std::span<const expr::Value> dynamic) const override;
  expr::Value has(int32_t id, std::span<const expr::Value> dynamic) const override;
  expr::Value call_reference(int32_t function, int32_t id, std::span<const expr::Value> dynamic,
                             std::span<const expr::Value> arguments) const override;
  expr::Value call(int32_t function, std::span<const expr::Value> arguments) const override;

  /// What `source`, `listener`, ... stand for from now on.
  void set_item(Each each, expr::Value item) {
    items_[static_cast<size_t>(each)] = std::move(item);
  }
  /// Multiplies the loads that scale.
  void set_factor(double factor);

 private:
  expr::Value variable(uint32_t index) const;
  expr::Value compute(const CapacityVariable& variable) const;
  expr::Value load_value(const LoadName& load) const;
  expr::Value reading(const ReadingName& reading) const;
  expr::Value sockets() const;

  const DiagnoseRequest& request_;
  double factor_ = 1;
  load::Configuration nothing_;
  std::unique_ptr<rules::Run> run_;
  rules::Surroundings surroundings_;
  rules::Activation::Lets lets_;
  rules::Interface interface_;
  std::unique_ptr<rules::Activation> names_;
  std::array<expr::Value, 7> items_;
  mutable std::map<uint32_t, expr::Value> values_;
};

/// Seconds between the readings; nullopt: one reading, or the machine's clock cannot tell.
std::optional<double> elapsed_seconds(const DiagnoseRequest& request);

/// What a pressure is asked for; one for Each::kNone.
std::vector<expr::Value> items_of(Each each, const host::Readings& readings);

}  // namespace proctor::advise
