#include "expr/macros.h"

#include <string>

namespace proctor::expr {
namespace {

struct MacroInfo {
  std::string_view name;
  uint8_t arguments;  ///< Without the target.
  uint8_t variables;
  Macro macro;
};

constexpr MacroInfo kMacros[] = {
    {"all", 2, 1, Macro::kAll},
    {"all", 3, 2, Macro::kAll},
    {"exists", 2, 1, Macro::kExists},
    {"exists", 3, 2, Macro::kExists},
    {"exists_one", 2, 1, Macro::kExistsOne},
    {"exists_one", 3, 2, Macro::kExistsOne},
    {"existsOne", 2, 1, Macro::kExistsOne},
    {"existsOne", 3, 2, Macro::kExistsOne},
    {"filter", 2, 1, Macro::kFilter},
    {"map", 2, 1, Macro::kMap},
    {"map", 3, 1, Macro::kMap},
    {"transformList", 3, 2, Macro::kTransformList},
    {"transformList", 4, 2, Macro::kTransformList},
    {"transformMap", 3, 2, Macro::kTransformMap},
    {"transformMap", 4, 2, Macro::kTransformMap},
    {"transformMapEntry", 3, 2, Macro::kTransformMapEntry},
    {"transformMapEntry", 4, 2, Macro::kTransformMapEntry},
};

const MacroInfo* find_macro(std::string_view name, size_t arguments) {
  for (const MacroInfo& info : kMacros) {
    if (info.name == name && info.arguments == arguments) return &info;
  }
  return nullptr;
}

class Expansion {
 public:
  Expansion(const Ast& ast, Node& call, std::vector<NodeId>& arguments, std::string& error,
            Span& error_span)
      : ast_(ast), call_(call), arguments_(arguments), error_(error), error_span_(error_span) {}

  bool run() {
    if (call_.kind == NodeKind::kCall) return has();
    if (is_named(arguments_[0], "cel") && call_.name == "bind" && arguments_.size() == 4) {
      arguments_.erase(arguments_.begin());
      return binding(NodeKind::kBind, 0);
    }
    if ((call_.name == "optMap" || call_.name == "optFlatMap") && arguments_.size() == 3) {
      call_.flag = call_.name == "optFlatMap";
      return binding(NodeKind::kOptionalMap, 1);
    }
    return comprehension();
  }

 private:
  bool is_named(NodeId id, std::string_view name) const {
    const Node& node = ast_.node(id);
    return node.kind == NodeKind::kName && !node.flag && node.name == name;
  }

  bool fail(NodeId culprit, std::string message) {
    error_ = std::move(message);
    error_span_ = ast_.node(culprit).span;
    return false;
  }

  bool variable(NodeId id) {
    const Node& node = ast_.node(id);
    if (node.kind == NodeKind::kName && !node.flag) return true;
    return fail(id, std::string(call_.name) + "() takes a plain name for its variable here");
  }

  bool has() {
    if (call_.name != "has" || call_.flag || arguments_.size() != 1) return false;
    const NodeKind kind = ast_.node(arguments_[0]).kind;
    if (kind != NodeKind::kSelect && kind != NodeKind::kIndex) {
      return fail(arguments_[0], "has() takes a field, as in has(a.b)");
    }
    call_.kind = NodeKind::kHas;
    return true;
  }

  bool binding(NodeKind kind, size_t name) {
    if (!variable(arguments_[name])) return false;
    call_.kind = kind;
    return true;
  }

  bool comprehension() {
    const MacroInfo* info = find_macro(call_.name, arguments_.size() - 1);
    if (info == nullptr) return false;
    for (size_t i = 1; i <= info->variables; ++i) {
      if (!variable(arguments_[i])) return false;
    }
    if (info->variables == 2 && ast_.node(arguments_[1]).name == ast_.node(arguments_[2]).name) {
      return fail(arguments_[2], "the two variables need two names");
    }
    call_.kind = NodeKind::kComprehension;
    call_.macro = info->macro;
    call_.variables = info->variables;
    return true;
  }

  const Ast& ast_;
  Node& call_;
  std::vector<NodeId>& arguments_;
  std::string& error_;
  Span& error_span_;
};

}  // namespace

bool expand_macro(const Ast& ast, Node& call, std::vector<NodeId>& arguments, std::string& error,
                  Span& error_span) {
  return Expansion(ast, call, arguments, error, error_span).run();
}

}  // namespace proctor::expr
