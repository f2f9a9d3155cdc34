// The checked form of an expression that the evaluator runs, which is also its packed form.
#pragma once

#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "expr/ast.h"
#include "expr/program.h"
#include "expr/type.h"

namespace proctor::expr {

enum class Op : uint8_t {
  kNull,
  kBool,       ///< immediate
  kInt,        ///< immediate
  kUint,       ///< immediate
  kDouble,     ///< immediate
  kString,     ///< text
  kBytes,      ///< text
  kTypeValue,  ///< text
  kFail,       ///< text: an error value (an undeclared name of an open scope)
  kLoad,       ///< a: the name's id; children: dynamic steps
  kHasName,    ///< a: the name's id; children: dynamic steps
  kLocal,      ///< a: slot
  kSelect,     ///< a: operand; text: field; flag: optional
  kHasField,   ///< a: operand; text: field; flag: optional
  kIndex,      ///< children: operand, index; flag: optional
  kList,
  kMap,            ///< children: key, value ...
  kOptionalEntry,  ///< a: operand
  kAnd,
  kOr,
  kConditional,
  kNot,      ///< a: operand
  kNegate,   ///< a: operand
  kBinary,   ///< sub: BinaryOp; a: left; immediate: right
  kBuiltin,  ///< a: first row in the table of built-in functions
  kHost,  ///< a: first index in the host's functions; sub: 1 + first row of built-ins of that name
  kReference,  ///< a: index of the host's function; children: a kLoad that is not run, arguments
  kComprehension,  ///< sub: Macro; flag: two variables; a: first slot; children: range, bodies
  kBind,           ///< a: slot; children: value, body
  kOptionalMap,    ///< a: slot; children: target, body; flag: flat
};

/// 16 bytes. `immediate` is a number's bits, or the place of children (first and count in the
/// children table) or of a text (offset and length in the text pool).
struct Instruction {
  Op op = Op::kNull;
  uint8_t sub = 0;
  uint8_t flag = 0;
  uint8_t unused = 0;
  uint32_t a = 0;
  uint64_t immediate = 0;

  uint32_t first() const { return static_cast<uint32_t>(immediate); }
  uint32_t count() const { return static_cast<uint32_t>(immediate >> 32U); }
  static uint64_t range(size_t first, size_t count) { return first | (count << 32U); }
};
static_assert(sizeof(Instruction) == 16);

/// The start of the packed form. The parts follow in this order: instructions, children, texts,
/// type, references.
struct CodeHeader {
  uint32_t magic = 0;
  uint32_t instructions = 0;
  uint32_t children = 0;
  uint32_t text_bytes = 0;
  uint32_t type_bytes = 0;
  uint32_t root = 0;
  uint32_t slots = 0;
  uint32_t references = 0;
};
constexpr uint32_t kCodeMagic = 0x4C454331;  // changes with the layout

/// Reads the packed form where it lies; it needs no alignment.
class CodeView {
 public:
  CodeView() = default;
  /// `bytes` outlive the view. Without the magic the view is empty.
  explicit CodeView(std::string_view bytes);

  bool empty() const { return bytes_.empty(); }
  const CodeHeader& header() const { return header_; }
  std::string_view bytes() const { return bytes_; }

  Instruction at(uint32_t index) const {
    Instruction result;
    std::memcpy(&result, instructions_ + size_t{index} * sizeof(Instruction), sizeof result);
    return result;
  }
  uint32_t child(uint32_t index) const {
    uint32_t result = 0;
    std::memcpy(&result, children_ + size_t{index} * sizeof result, sizeof result);
    return result;
  }
  std::string_view text(const Instruction& instruction) const {
    return {texts_ + instruction.first(), instruction.count()};
  }
  Type type() const;
  std::vector<Reference> references() const;

 private:
  std::string_view bytes_;
  CodeHeader header_;
  const char* instructions_ = nullptr;
  const char* children_ = nullptr;
  const char* texts_ = nullptr;
};

/// Collects instructions; children come before their parents.
class CodeBuilder {
 public:
  uint32_t add(Instruction instruction);
  uint32_t add_with_children(Instruction instruction, std::span<const uint32_t> children);
  uint32_t add_with_text(Instruction instruction, std::string_view text);
  /// REQUIRES: null, bool, number, string or bytes.
  uint32_t add_constant(const Value& value);
  /// The value of a constant instruction; false if it is none.
  bool constant(uint32_t index, Value& value) const;

  std::string finish(uint32_t root, uint32_t slots, const Type& type,
                     std::span<const Reference> references) const;

 private:
  std::vector<Instruction> instructions_;
  std::vector<uint32_t> children_;
  std::string texts_;
};

}  // namespace proctor::expr
