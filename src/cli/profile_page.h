// What is known of a profile, for people and as JSON.
#pragma once

#include <string>
#include <string_view>

#include "advise/profile.h"

namespace proctor::cli {

std::string profile_page(const advise::Profile& profile, unsigned width);
/// `indent` stands before all lines but the first.
std::string profile_json(const advise::Profile& profile, std::string_view indent);

/// The default as --set takes it, or its formula.
std::string default_text(const advise::Parameter& parameter);

}  // namespace proctor::cli
