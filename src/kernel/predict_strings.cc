#include "kernel/predict_strings.h"

#include <algorithm>
#include <utility>

#include "kernel/predict_handlers.h"
#include "kernel/predict_vector.h"

namespace proctor::kernel {
namespace {

constexpr size_t kPage = 4096;

struct List {
  NumberRanges ranges;
  std::string fault;  ///< Empty: none.
  size_t left = 0;    ///< Bytes that were not looked at.
};

/// One pass of proc_do_large_bitmap over at most a page less one byte.
List parse_list(std::string_view bytes, uint64_t bits, const NumberTraits& traits) {
  List list;
  std::string_view rest = bytes.substr(0, kPage - 1);
  const size_t skipped = bytes.size() - rest.size();
  auto skip_newlines = [&] {
    while (!rest.empty() && rest.front() == '\n') rest.remove_prefix(1);
  };
  skip_newlines();
  while (!rest.empty()) {
    const std::string_view saved = rest;
    Number first = take_number(rest, "-,\n", traits);
    if (rest.size() <= 1 && skipped != 0) {
      list.left = saved.size();
      break;
    }
    if (first.fault != NumberFault::kNone) list.fault = fault_reason(first.fault);
    if (list.fault.empty() && (first.magnitude >= bits || first.negative)) {
      list.fault = "must be below " + std::to_string(bits);
    }
    if (!list.fault.empty()) return list;
    uint64_t last = first.magnitude;
    if (!rest.empty()) rest.remove_prefix(1);
    if (first.terminator == '-') {
      const Number end = take_number(rest, std::string_view(",\n\0", 3), traits);
      if (rest.empty() && skipped != 0) {
        list.left = saved.size();
        break;
      }
      if (end.fault != NumberFault::kNone) list.fault = fault_reason(end.fault);
      if (list.fault.empty() && (end.magnitude >= bits || end.negative)) {
        list.fault = "must be below " + std::to_string(bits);
      }
      if (list.fault.empty() && end.magnitude < last)
        list.fault = "the range ends before it begins";
      if (!list.fault.empty()) return list;
      last = end.magnitude;
      if (!rest.empty()) rest.remove_prefix(1);
    }
    list.ranges.emplace_back(first.magnitude, last);
    skip_newlines();
  }
  list.left += skipped;
  return list;
}

}  // namespace

std::string show_ranges(NumberRanges ranges) {
  std::sort(ranges.begin(), ranges.end());
  std::string text;
  for (size_t i = 0; i < ranges.size();) {
    auto [first, last] = ranges[i];
    for (++i; i < ranges.size() && ranges[i].first <= last + 1; ++i) {
      last = std::max(last, ranges[i].second);
    }
    if (!text.empty()) text += ',';
    text += std::to_string(first);
    if (last != first) text += '-' + std::to_string(last);
  }
  return text;
}

std::string copied_string(const Call& call, std::string_view old, size_t size) {
  const size_t longest = size - 1;
  if (call.bytes.empty()) return std::string(old.substr(0, longest));
  const size_t length = std::min(old.size(), longest);
  if (call.offset > length) return std::string(old);
  std::string text(old.substr(0, call.offset));
  const size_t end = call.bytes.find_first_of(std::string_view("\n\0", 2));
  text += call.bytes.substr(0, std::min(end, longest - text.size()));
  return text;
}

std::optional<std::string> written_string(const Call& call, size_t size) {
  if (call.offset == 0 && !call.bytes.empty()) return copied_string(call, {}, size);
  const std::optional<std::string> now = call.text(call.path);
  if (!now) return std::nullopt;
  return copied_string(call, *now, size);
}

void write_string(const Call& call, Answer& answer, size_t size) {
  if (call.bytes.empty()) {
    keep(call, answer);
    return;
  }
  std::optional<std::string> text = written_string(call, size);
  if (!text) {
    store_unknown(call, answer, "it is appended to what is there");
    return;
  }
  const bool cut = text->size() + 1 == size && call.bytes.size() > text->size() &&
                   call.bytes[text->size()] != '\n';
  store(call, answer, std::move(*text));
  if (cut && call.offset == 0) {
    answer.outcome.reason = "cut to " + std::to_string(size - 1) + " characters";
  }
}

void write_bitmap(const Call& call, Answer& answer, uint64_t bits) {
  if (call.bytes.empty()) {
    keep(call, answer);
    return;
  }
  List list = parse_list(call.bytes, bits, call.traits);
  if (!list.fault.empty()) {
    reject(call, answer, EINVAL, std::move(list.fault));
    return;
  }
  if (call.offset != 0) {
    const std::optional<std::string> now = call.text(call.path);
    if (!now) {
      store_unknown(call, answer, "it is added to what is there");
      return;
    }
    const List old = parse_list(*now, bits, call.traits);
    list.ranges.insert(list.ranges.end(), old.ranges.begin(), old.ranges.end());
  }
  store(call, answer, show_ranges(std::move(list.ranges)));
  answer.outcome.taken = call.bytes.size() - list.left;
  if (list.left != 0) answer.outcome.reason = "only a page of it is read at once";
}

std::string without_bits(std::string_view list, uint64_t from, uint64_t to) {
  const List parsed = parse_list(list, UINT64_MAX, {});
  NumberRanges kept;
  for (const auto& [first, last] : parsed.ranges) {
    if (first < from) kept.emplace_back(first, std::min(last, from - 1));
    if (last >= to) kept.emplace_back(std::max(first, to), last);
  }
  return show_ranges(std::move(kept));
}

namespace {

void plain_string(const Call& call, Answer& answer) {
  if (call.row == nullptr || call.row->maxlen == 0) {
    undecided(call, answer, "the length of the kernel's buffer is not known");
    return;
  }
  write_string(call, answer, call.row->maxlen);
}

void uts_string(const Call& call, Answer& answer) { write_string(call, answer, 65); }

constexpr HandlerEntry kHandlers[] = {
    {"proc_do_uts_string", uts_string},
    {"proc_dostring", plain_string},
    {"proc_doutsstring", uts_string},
};

}  // namespace

HandlerTable string_handlers() { return {std::begin(kHandlers), std::end(kHandlers)}; }

}  // namespace proctor::kernel
