#include "expr/code.h"

#include <bit>

namespace proctor::expr {
namespace {

template <typename T>
void append_bytes(std::string& out, const T& value) {
  out.append(reinterpret_cast<const char*>(&value), sizeof value);
}

template <typename T>
T read_bytes(std::string_view bytes, size_t& at) {
  T value{};
  std::memcpy(&value, bytes.data() + at, sizeof value);
  at += sizeof value;
  return value;
}

void append_text(std::string& out, std::string_view text) {
  append_bytes(out, static_cast<uint32_t>(text.size()));
  out += text;
}

std::string read_text(std::string_view bytes, size_t& at) {
  const auto size = read_bytes<uint32_t>(bytes, at);
  std::string text(bytes.substr(at, size));
  at += size;
  return text;
}

void append_reference(std::string& out, const Reference& reference) {
  append_bytes(out, reference.id);
  append_text(out, reference.text);
  append_bytes(out, reference.span);
  append_bytes(out, reference.in_has);
  append_bytes(out, reference.by_function);
  append_bytes(out, static_cast<uint32_t>(reference.dynamic.size()));
  for (const std::string& text : reference.dynamic) append_text(out, text);
}

Reference read_reference(std::string_view bytes, size_t& at) {
  Reference reference;
  reference.id = read_bytes<int32_t>(bytes, at);
  reference.text = read_text(bytes, at);
  reference.span = read_bytes<Span>(bytes, at);
  reference.in_has = read_bytes<bool>(bytes, at);
  reference.by_function = read_bytes<int32_t>(bytes, at);
  const auto count = read_bytes<uint32_t>(bytes, at);
  for (uint32_t i = 0; i < count; ++i) reference.dynamic.push_back(read_text(bytes, at));
  return reference;
}

}  // namespace

CodeView::CodeView(std::string_view bytes) {
  if (bytes.size() < sizeof header_) return;
  std::memcpy(&header_, bytes.data(), sizeof header_);
  if (header_.magic != kCodeMagic) return;
  bytes_ = bytes;
  instructions_ = bytes.data() + sizeof header_;
  children_ = instructions_ + size_t{header_.instructions} * sizeof(Instruction);
  texts_ = children_ + size_t{header_.children} * sizeof(uint32_t);
}

Type CodeView::type() const {
  if (empty()) return {};
  size_t at = 0;
  return read_type({texts_ + header_.text_bytes, header_.type_bytes}, at);
}

std::vector<Reference> CodeView::references() const {
  std::vector<Reference> result;
  if (empty()) return result;
  const char* begin = texts_ + header_.text_bytes + header_.type_bytes;
  const std::string_view packed = bytes_.substr(static_cast<size_t>(begin - bytes_.data()));
  result.reserve(header_.references);
  size_t at = 0;
  for (uint32_t i = 0; i < header_.references; ++i) result.push_back(read_reference(packed, at));
  return result;
}

uint32_t CodeBuilder::add(Instruction instruction) {
  instructions_.push_back(instruction);
  return static_cast<uint32_t>(instructions_.size() - 1);
}

uint32_t CodeBuilder::add_with_children(Instruction instruction,
                                        std::span<const uint32_t> children) {
  instruction.immediate = Instruction::range(children_.size(), children.size());
  children_.insert(children_.end(), children.begin(), children.end());
  return add(instruction);
}

uint32_t CodeBuilder::add_with_text(Instruction instruction, std::string_view text) {
  instruction.immediate = Instruction::range(texts_.size(), text.size());
  texts_ += text;
  return add(instruction);
}

uint32_t CodeBuilder::add_constant(const Value& value) {
  switch (value.kind()) {
    case ValueKind::kBool:
      return add({.op = Op::kBool, .immediate = *value.get_if<bool>() ? 1U : 0U});
    case ValueKind::kInt:
      return add({.op = Op::kInt, .immediate = static_cast<uint64_t>(*value.get_if<int64_t>())});
    case ValueKind::kUint:
      return add({.op = Op::kUint, .immediate = *value.get_if<uint64_t>()});
    case ValueKind::kDouble:
      return add(
          {.op = Op::kDouble, .immediate = std::bit_cast<uint64_t>(*value.get_if<double>())});
    case ValueKind::kString:
      return add_with_text({.op = Op::kString}, *value.as_string());
    case ValueKind::kBytes:
      return add_with_text({.op = Op::kBytes}, *value.as_bytes());
    default:
      return add({});
  }
}

bool CodeBuilder::constant(uint32_t index, Value& value) const {
  const Instruction& instruction = instructions_[index];
  const auto text = [&] { return texts_.substr(instruction.first(), instruction.count()); };
  switch (instruction.op) {
    case Op::kNull:
      value = {};
      return true;
    case Op::kBool:
      value = Value::of(instruction.immediate != 0);
      return true;
    case Op::kInt:
      value = Value::of(static_cast<int64_t>(instruction.immediate));
      return true;
    case Op::kUint:
      value = Value::of(instruction.immediate);
      return true;
    case Op::kDouble:
      value = Value::of(std::bit_cast<double>(instruction.immediate));
      return true;
    case Op::kString:
      value = Value::string(text());
      return true;
    case Op::kBytes:
      value = Value::bytes(text());
      return true;
    default:
      return false;
  }
}

std::string CodeBuilder::finish(uint32_t root, uint32_t slots, const Type& type,
                                std::span<const Reference> references) const {
  std::string packed_type;
  append_type(packed_type, type);
  const CodeHeader header{.magic = kCodeMagic,
                          .instructions = static_cast<uint32_t>(instructions_.size()),
                          .children = static_cast<uint32_t>(children_.size()),
                          .text_bytes = static_cast<uint32_t>(texts_.size()),
                          .type_bytes = static_cast<uint32_t>(packed_type.size()),
                          .root = root,
                          .slots = slots,
                          .references = static_cast<uint32_t>(references.size())};
  std::string out;
  append_bytes(out, header);
  for (const Instruction& instruction : instructions_) append_bytes(out, instruction);
  for (const uint32_t child : children_) append_bytes(out, child);
  out += texts_;
  out += packed_type;
  for (const Reference& reference : references) append_reference(out, reference);
  return out;
}

}  // namespace proctor::expr
