// The compiled form of rules/catalog/defaults.tsv. Private to this folder.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "kernel/state.h"

namespace proctor::kernel::tables {

/// A step of the little machine that computes an initial value: numbers on a stack, text out.
struct Op {
  enum class Code : uint8_t {
    kText,     ///< Appends `text`.
    kEmit,     ///< Takes a number and appends it.
    kNumber,   ///< Puts `number`.
    kFact,     ///< Puts the Fact of index `number`.
    kUnknown,  ///< Puts a number that no fact can tell.
    kAdd,
    kSubtract,
    kMultiply,
    kDivide,  ///< Rounds toward zero; by zero: unknown.
    kLess,
    kLessEqual,
    kEqual,
    kMin,
    kMax,
    kPow2Up,      ///< The power of two at or above.
    kPow2Down,    ///< The power of two at or below.
    kSquareRoot,  ///< Rounds down.
    kAbout,       ///< Marks a number as approximate.
    kSelect,      ///< Takes else, then, condition.
  };
  Code code;
  int64_t number;
  std::string_view text;
};

/// Facts that an expression may name.
enum class Fact : uint8_t { kMemory, kCpus, kPageSize, kHz, kThp, kX86 };

/// The program of an InitialRow; parallel to initial_rows().
struct Program {
  uint32_t first_op;
  uint16_t ops;
};

/// Sorted by path, then by kernel.
std::span<const InitialRow> initial_rows();
std::span<const Program> programs();
std::span<const Op> ops();

}  // namespace proctor::kernel::tables
