// Types of a syntax tree, and its translation to the form that runs.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "expr/ast.h"
#include "expr/code.h"
#include "expr/overloads.h"
#include "expr/program.h"
#include "expr/scope.h"
#include "expr/type.h"

namespace proctor::expr {

/// One pass over the tree: every expression gets its type and its instruction. After a mistake the
/// expression counts as dyn, so that one mistake gives one message.
class Checker {
 public:
  Checker(const Ast& ast, std::string_view source, const Scope& scope, std::string_view container,
          Checking checking, std::vector<Problem>& problems);

  /// The packed form; not to be run if `problems` grew.
  std::string run();
  /// After run(): the type of the whole, with the host's own opaque names.
  const Type& type() const { return type_; }

 private:
  struct Typed {
    Type type;
    uint32_t code = 0;
  };
  struct Local {
    std::string_view name;
    Type type;
    uint32_t slot = 0;
  };
  /// `root.link.link[link]`, from the root outwards. The indices that were checked to see whether
  /// they are strings keep their result.
  struct Chain {
    NodeId root = 0;
    std::vector<NodeId> links;
    std::vector<std::optional<Typed>> indices;
    std::vector<Step> steps;    ///< The root and the links that may belong to a name.
    std::vector<bool> literal;  ///< Of each step: a constant string in brackets.
  };
  /// A chain whose start is a declared name.
  struct Named {
    Declaration declaration;
    size_t links = 0;  ///< How many links the name takes.
    std::vector<uint32_t> dynamic;
    Reference reference;
  };

  // checker.cc
  Typed check(NodeId id);
  Typed check_logical(const Node& node);
  Typed check_conditional(const Node& node);
  Typed check_unary(const Node& node);
  Typed check_binary(const Node& node);
  Typed check_list(const Node& node);
  Typed check_map(const Node& node);
  void require_bool(const Typed& typed, NodeId id, const std::string& what);
  std::optional<Type> binary_type(const Node& node, const Type& left, const Type& right);
  void explain_arithmetic(const Node& node, const Type& left, const Type& right);
  void explain_order(const Node& node, const Type& left, const Type& right);

  // check_macros.cc
  Typed check_comprehension(const Node& node);
  Type comprehension_type(const Node& node, const Type& range, const Type& key,
                          const Type& body) const;
  Typed check_bind(const Node& node);
  Typed check_optional_map(const Node& node);
  uint32_t push_local(NodeId name, Type type);

  // check_names.cc
  Chain chain_of(NodeId id);
  Typed check_chain(NodeId id);
  Typed check_has(const Node& node);
  Typed check_links(Typed base, const Chain& chain, size_t from, size_t to);
  Typed check_select(const Typed& base, const Node& node);
  Typed check_index(const Typed& base, const Node& node, const std::optional<Typed>& known);
  const Local* find_local(const Node& name) const;
  /// The declared name at the start of a chain whose root is no local variable.
  std::optional<Named> resolve(const Chain& chain);
  std::optional<Named> resolve_in(const Chain& chain, std::string_view prefix);
  /// As Scope::resolve; where constants in brackets end the name, tries them as dynamic steps,
  /// which `steps` then says.
  std::optional<Declaration> declaration_of(const Chain& chain, size_t outer,
                                            std::vector<Step>& steps, size_t& used) const;
  uint32_t emit_named(Op op, const Named& named);
  Typed undeclared(const Chain& chain);
  std::string dotted(const Chain& chain, std::span<const Step> steps) const;
  Span span_of(const Chain& chain, size_t links) const;

  // check_calls.cc
  Typed check_call(const Node& node);
  std::string qualified_name(const Node& node) const;
  /// Tries `name` in the containers, innermost first.
  Overloads find_in_containers(std::string_view name, bool rooted) const;
  Typed check_overloads(const Node& node, const Overloads& overloads,
                        std::span<const NodeId> arguments);
  Typed check_reference_call(const Node& node, const Overloads& overloads,
                             std::span<const NodeId> arguments);
  uint32_t emit_call(const Overloads& overloads, std::span<const uint32_t> arguments);
  std::optional<uint32_t> fold(const Overloads& overloads, std::span<const NodeId> ids,
                               std::span<const uint32_t> codes);
  void check_pattern(NodeId id, uint32_t code);
  Typed undeclared_function(const Node& node, const std::string& name, bool member);

  void problem(Span span, std::string message);
  /// A mistake of types: none if they are not checked.
  void mismatch(Span span, std::string message);
  Typed failure(std::string_view message);
  std::string source_of(Span span) const { return std::string(span.of(source_)); }

  const Ast& ast_;
  std::string_view source_;
  const Scope& scope_;
  std::string_view container_;
  Checking checking_;
  std::vector<Problem>& problems_;
  CodeBuilder code_;
  std::vector<Local> locals_;
  uint32_t slots_ = 0;
  std::vector<Reference> references_;
  Type type_;
};

}  // namespace proctor::expr
