// One function a command; each stands in a file of its own name.
#pragma once

#include "cli/options.h"

namespace proctor::cli {

int run_check(const Invocation& invocation);
/// One round of `check`, and `check --watch`, which runs until it is interrupted. `last`: the
/// program ends behind it, and leaves its memory to the system.
int check_once(const Invocation& invocation, bool last);
int watch_check(const Invocation& invocation);
int run_fix(const Invocation& invocation);
int run_show(const Invocation& invocation);
int run_explain(const Invocation& invocation);
int run_rules_list(const Invocation& invocation);
int run_rules_show(const Invocation& invocation);
int run_rules_test(const Invocation& invocation);
int run_rules_schema(const Invocation& invocation);
int run_keys_list(const Invocation& invocation);
int run_keys_show(const Invocation& invocation);

int run_audit(const Invocation& invocation);
int run_tune(const Invocation& invocation);
int run_profiles_list(const Invocation& invocation);
int run_profiles_show(const Invocation& invocation);
int run_diagnose(const Invocation& invocation);
int run_snapshot(const Invocation& invocation);
int run_eval(const Invocation& invocation);

/// What the process does: `arguments` without the program's name.
int run(const std::vector<std::string>& arguments);

}  // namespace proctor::cli
