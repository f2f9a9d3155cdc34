#include "kernel/predict_call.h"

#include <algorithm>
#include <charconv>

#include "text/text.h"

namespace proctor::kernel {

void Call::need(std::string fact) const {
  const auto at = std::lower_bound(needs.begin(), needs.end(), fact);
  if (at == needs.end() || *at != fact) needs.insert(at, std::move(fact));
}

std::optional<uint32_t> Call::ask_hz() const {
  if (!hz) need("host.hz");
  return hz;
}

std::optional<uint32_t> Call::ask_page_size() const {
  if (!page_size) need("host.page_size");
  return page_size;
}

std::optional<uint32_t> Call::ask_cpus() const {
  if (!state.machine().cpus) need("host.cpus");
  return state.machine().cpus;
}

const Cell& Call::read(const std::string& other) const {
  if (others != nullptr && other != path) others->push_back(other);
  return state.read(other);
}

std::optional<std::string> Call::text(const std::string& other) const {
  const Cell& cell = read(other);
  if (cell.status == Cell::Status::kKnown) return cell.text;
  for (const std::string& fact : cell.needs) need(fact);
  return std::nullopt;
}

std::optional<int64_t> Call::value(const std::string& other, unsigned slot) const {
  const std::optional<std::string> all = text(other);
  if (!all) return std::nullopt;
  const std::vector<std::string_view> parts = split_blanks(*all);
  if (slot >= parts.size()) return std::nullopt;
  int64_t number = 0;
  const char* end = parts[slot].data() + parts[slot].size();
  const auto result = std::from_chars(parts[slot].data(), end, number);
  if (result.ec == std::errc::result_out_of_range) return INT64_MAX;
  if (result.ec != std::errc{} || result.ptr != end) return std::nullopt;
  return number;
}

std::string Call::sibling(std::string_view name) const {
  return path.substr(0, path.rfind('/') + 1) + std::string(name);
}

Limits Call::limits() const {
  auto limit = [&](const Bound& bound) {
    switch (bound.kind) {
      case Bound::Kind::kNumber:
        return Limit::at(bound.value);
      case Bound::Kind::kSymbol:
        return resolve_symbol(*this, bound.symbol);
      case Bound::Kind::kNone:
        break;
    }
    return Limit::none();
  };
  if (row == nullptr) return {};
  return {limit(row->minimum), limit(row->maximum)};
}

unsigned Call::slots(unsigned size) const {
  if (row != nullptr && row->maxlen >= size) return row->maxlen / size;
  return std::max<unsigned>(key.slots, 1);
}

bool same_text(std::string_view bytes, std::string_view text) {
  auto blank = [](char c) { return c == ' ' || c == '\t' || c == '\n'; };
  auto skip = [&](std::string_view& rest) {
    while (!rest.empty() && blank(rest.front())) rest.remove_prefix(1);
  };
  skip(bytes);
  skip(text);
  while (!bytes.empty() && !text.empty()) {
    if (blank(bytes.front()) || blank(text.front())) {
      if (!blank(bytes.front()) || !blank(text.front())) break;
      skip(bytes);
      skip(text);
      continue;
    }
    if (bytes.front() != text.front()) return false;
    bytes.remove_prefix(1);
    text.remove_prefix(1);
  }
  skip(bytes);
  skip(text);
  return bytes.empty() && text.empty();
}

void reject(const Call& call, Answer& answer, int error, std::string reason) {
  answer.outcome.result = WriteResult::kRejected;
  answer.outcome.error = error;
  answer.outcome.reason = std::move(reason);
  const Cell& now = call.read(call.path);
  if (now.status == Cell::Status::kKnown) answer.outcome.reads_back = now.text;
}

void store(const Call& call, Answer& answer, std::string text) {
  Outcome& outcome = answer.outcome;
  outcome.result = same_text(call.bytes, text) ? WriteResult::kAccepted : WriteResult::kAltered;
  outcome.taken = call.bytes.size();
  outcome.reads_back = text;
  also(answer, call.path, std::move(text));
}

void keep(const Call& call, Answer& answer) {
  Outcome& outcome = answer.outcome;
  outcome.taken = call.bytes.size();
  if (std::optional<std::string> now = call.text(call.path)) {
    outcome.result = same_text(call.bytes, *now) ? WriteResult::kAccepted : WriteResult::kAltered;
    outcome.reads_back = std::move(now);
  } else {
    outcome.result = WriteResult::kAltered;
  }
  if (call.bytes.empty()) outcome.reason = "an empty write changes nothing";
  if (call.offset != 0) outcome.reason = "a number must be written at once: this is ignored";
}

void store_unknown(const Call& call, Answer& answer, std::string reason) {
  answer.outcome.result = WriteResult::kAltered;
  answer.outcome.taken = call.bytes.size();
  answer.outcome.needs = call.needs;
  answer.outcome.reason = std::move(reason);
  also_unknown(call, answer, call.path);
}

void undecided(const Call& call, Answer& answer, std::string reason) {
  answer.outcome.result = WriteResult::kUnknown;
  answer.outcome.needs = call.needs;
  answer.outcome.reason = std::move(reason);
  also_unknown(call, answer, call.path);
}

void also(Answer& answer, std::string path, std::string text) {
  answer.effects.push_back({std::move(path), Cell::known(std::move(text))});
}

void also_unknown(const Call& call, Answer& answer, std::string path) {
  answer.effects.push_back({std::move(path), Cell::unknown(call.needs)});
}

}  // namespace proctor::kernel
