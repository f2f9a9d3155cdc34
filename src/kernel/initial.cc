// Initial values: finds the row of rules/catalog/defaults.tsv that holds and runs its program.
#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>
#include <optional>

#include "kernel/initial_tables.h"
#include "kernel/presence.h"
#include "kernel/state.h"

namespace proctor::kernel {
namespace {

using tables::Fact;
using tables::Op;

constexpr std::array<std::string_view, 6> kFactNames = {
    "host.memory", "host.cpus", "host.page_size", "host.hz", "host.thp", "host.arch"};

/// A number, or the facts that it waits for as bits of Fact; unknown without facts where the
/// arithmetic left the range.
struct Number {
  bool known = false;
  int64_t value = 0;
  unsigned needs = 0;
  bool approximate = false;
};

Number fact_number(std::optional<uint64_t> fact, Fact which) {
  if (!fact) return {false, 0, 1U << static_cast<unsigned>(which)};
  if (*fact > static_cast<uint64_t>(std::numeric_limits<int64_t>::max())) return {};
  return {true, static_cast<int64_t>(*fact), 0};
}

Number fact_value(Fact which, const Machine& machine) {
  switch (which) {
    case Fact::kMemory:
      return fact_number(machine.memory, which);
    case Fact::kCpus:
      return fact_number(machine.cpus, which);
    case Fact::kPageSize:
      if (!machine.page_size && machine.arch == "x86_64") return {true, 4096, 0};
      return fact_number(machine.page_size, which);
    case Fact::kHz:
      return fact_number(machine.hz, which);
    case Fact::kThp:
      if (!machine.thp) return fact_number(std::nullopt, which);
      return {true, *machine.thp == "never" ? 0 : 1, 0};
    case Fact::kX86:
      if (!machine.arch) return fact_number(std::nullopt, which);
      return {true, *machine.arch == "x86_64" ? 1 : 0, 0};
  }
  return {};
}

int64_t square_root(int64_t value) {
  auto root = static_cast<int64_t>(std::sqrt(static_cast<double>(value)));
  while (root * root > value) --root;
  while ((root + 1) * (root + 1) <= value) ++root;
  return root;
}

Number unary(Op::Code code, const Number& operand) {
  if (!operand.known) return operand;
  constexpr int64_t kLimit = int64_t{1} << 62;
  if (operand.value < 0 || operand.value > kLimit) return {};
  const auto bits = static_cast<uint64_t>(operand.value);
  switch (code) {
    case Op::Code::kPow2Up:
      return {true, static_cast<int64_t>(std::bit_ceil(bits)), 0, operand.approximate};
    case Op::Code::kPow2Down:
      return {true, static_cast<int64_t>(std::bit_floor(bits)), 0, operand.approximate};
    case Op::Code::kAbout:
      return {true, operand.value, 0, true};
    default:
      return {true, square_root(operand.value), 0, operand.approximate};
  }
}

std::optional<int64_t> arithmetic(Op::Code code, int64_t a, int64_t b) {
  int64_t result = 0;
  bool overflow = false;
  switch (code) {
    case Op::Code::kAdd:
      overflow = __builtin_add_overflow(a, b, &result);
      break;
    case Op::Code::kSubtract:
      overflow = __builtin_sub_overflow(a, b, &result);
      break;
    case Op::Code::kMultiply:
      overflow = __builtin_mul_overflow(a, b, &result);
      break;
    case Op::Code::kDivide:
      overflow = b <= 0;
      result = overflow ? 0 : a / b;
      break;
    case Op::Code::kLess:
      return a < b ? 1 : 0;
    case Op::Code::kLessEqual:
      return a <= b ? 1 : 0;
    case Op::Code::kEqual:
      return a == b ? 1 : 0;
    case Op::Code::kMin:
      return std::min(a, b);
    default:
      return std::max(a, b);
  }
  if (overflow) return std::nullopt;
  return result;
}

Number binary(Op::Code code, const Number& a, const Number& b) {
  if (!a.known || !b.known) return {false, 0, a.needs | b.needs};
  const std::optional<int64_t> result = arithmetic(code, a.value, b.value);
  if (!result) return {};
  return {true, *result, 0, a.approximate || b.approximate};
}

/// An unknown condition does not matter where both branches agree.
Number select(const Number& condition, const Number& then, const Number& otherwise) {
  if (condition.known) return condition.value != 0 ? then : otherwise;
  if (then.known && otherwise.known && then.value == otherwise.value) return then;
  return {false, 0, condition.needs | then.needs | otherwise.needs};
}

/// Runs one row's program.
class Computation {
 public:
  explicit Computation(const Machine& machine) : machine_(machine) {}

  Cell run(std::span<const Op> program) {
    for (const Op& op : program) step(op);
    if (known_) {
      return approximate_ ? Cell::about(std::move(text_)) : Cell::known(std::move(text_));
    }
    std::vector<std::string> names;
    for (unsigned bit = 0; bit < kFactNames.size(); ++bit) {
      if ((needs_ >> bit & 1U) != 0) names.emplace_back(kFactNames[bit]);
    }
    Cell cell = Cell::unknown(std::move(names));
    if (some_known_) cell.text = std::move(text_);
    cell.approximate = approximate_;
    return cell;
  }

 private:
  Number take() {
    const Number top = stack_[--depth_];
    return top;
  }
  void put(const Number& number) { stack_[depth_++] = number; }

  void step(const Op& op) {
    using enum Op::Code;
    switch (op.code) {
      case kText:
        text_ += op.text;
        some_known_ = some_known_ || op.text.find_first_not_of(" \t") != op.text.npos;
        return;
      case kEmit:
        emit(take());
        return;
      case kNumber:
        put({true, op.number, 0});
        return;
      case kFact:
        put(fact_value(static_cast<Fact>(op.number), machine_));
        return;
      case kUnknown:
        put({});
        return;
      case kAbout:
      case kPow2Up:
      case kPow2Down:
      case kSquareRoot:
        put(unary(op.code, take()));
        return;
      case kSelect: {
        const Number otherwise = take();
        const Number then = take();
        put(select(take(), then, otherwise));
        return;
      }
      default: {
        const Number right = take();
        put(binary(op.code, take(), right));
        return;
      }
    }
  }

  void emit(const Number& number) {
    if (number.known) {
      approximate_ = approximate_ || number.approximate;
      some_known_ = true;
      text_ += std::to_string(number.value);
      return;
    }
    known_ = false;
    needs_ |= number.needs;
    text_ += '?';
  }

  const Machine& machine_;
  std::string text_;
  bool known_ = true;
  bool some_known_ = false;
  bool approximate_ = false;
  unsigned needs_ = 0;
  std::array<Number, 16> stack_;  // gen_catalog.py refuses a deeper program.
  size_t depth_ = 0;
};

/// Whether every release that `version` stands for lies in the row's range.
bool covers(const InitialRow& row, const Version& version) {
  const Version series = version.series();
  if (row.from.is_series() ? series < row.from : version < row.from) return false;
  return row.to.is_series() ? series <= row.to : !version.is_series() && version <= row.to;
}

std::span<const InitialRow> rows_of(std::string_view dotted) {
  const auto all = tables::initial_rows();
  const auto [first, last] =
      std::equal_range(all.begin(), all.end(), InitialRow{dotted, {}, {}, {}, {}},
                       [](const InitialRow& a, const InitialRow& b) { return a.path < b.path; });
  return {first, last};
}

/// Rows for conf.all, conf.default or lo go before those for '*'.
std::span<const InitialRow> rows_of(const KeyRef& ref, std::string_view path) {
  if (ref.wildcards.size() == 1) {
    const std::string& name = ref.wildcards.front();
    if (name == "all" || name == "default" || name == "lo") {
      const auto own = rows_of(path_to_dotted(path));
      if (!own.empty()) return own;
    }
  }
  return rows_of(ref.key->name);
}

/// A new network namespace begins with what the initial one has at that moment.
bool inherited(const Key& key) {
  return key.name.starts_with("net.ipv4.conf.") || key.name == "net.ipv4.tcp_rmem" ||
         key.name == "net.ipv4.tcp_wmem" || key.name == "net.ipv4.tcp_congestion_control" ||
         key.scope == Scope::kInitNetnsWrites;
}

}  // namespace

std::span<const InitialRow> initial_rows(std::string_view path) {
  const std::optional<KeyRef> ref = find_path(path);
  if (!ref) return {};
  return rows_of(*ref, path);
}

Cell initial_value(std::string_view path, const Machine& machine) {
  Presence there = presence(path, machine);
  if (there.answer == Presence::Answer::kNo) return Cell::absent();
  if (there.answer == Presence::Answer::kUnknown) return Cell::unknown(std::move(there.needs));
  const std::optional<KeyRef> ref = find_path(path);
  if (machine.initial_netns == false && inherited(*ref->key)) return Cell::unknown({});
  const auto rows = rows_of(*ref, path);
  const auto row = std::find_if(rows.begin(), rows.end(), [&](const InitialRow& one) {
    return covers(one, machine.version);
  });
  if (row == rows.end()) return Cell::unknown({});
  const auto index = static_cast<size_t>(&*row - tables::initial_rows().data());
  const tables::Program& program = tables::programs()[index];
  return Computation(machine).run(tables::ops().subspan(program.first_op, program.ops));
}

}  // namespace proctor::kernel
