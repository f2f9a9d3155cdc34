#include "kernel/predict_cpus.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "kernel/predict_strings.h"

namespace proctor::kernel {
namespace {

/// The most that kernels of distributions are built for.
constexpr uint32_t kMostCpus = 8192;

/// How many CPUs there may ever be, at least and at most.
struct Bounds {
  uint32_t least;
  uint32_t most;
};

/// What becomes of a write if there may be so and so many CPUs.
struct Fate {
  int error = 0;
  std::string reason;
  std::string text;  ///< What the key reads afterwards; of a refused mask: what was stored.
};

unsigned hex_value(char c) {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? static_cast<unsigned>(lower - 'a') + 10 : 16;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool ends_region(char c) { return is_kernel_space(c) || c == ','; }

struct Mask {
  std::vector<uint32_t> words;  ///< Least significant first.
  int error = 0;
  std::string reason;
};

/// lib/bitmap-str.c bitmap_parse, which reads from the end.
Mask parse_mask(std::string_view bytes, std::vector<uint32_t> words, uint32_t bits) {
  Mask mask{std::move(words), 0, {}};
  std::string_view rest = bytes.substr(0, bytes.find_first_of(std::string_view("\n\0", 2)));
  size_t used = 0;
  for (;;) {
    while (!rest.empty() && ends_region(rest.back())) rest.remove_suffix(1);
    if (rest.empty()) break;
    if (used == mask.words.size()) return {mask.words, EOVERFLOW, "more words than there are CPUs"};
    uint32_t word = 0;
    unsigned digits = 0;
    while (digits < 8) {
      const unsigned digit = hex_value(rest.back());
      if (digit > 15) return {mask.words, EINVAL, "not a mask of bare hexadecimal digits"};
      word |= digit << (4 * digits++);
      rest.remove_suffix(1);
      if (rest.empty() || ends_region(rest.back())) break;
    }
    if (digits == 8 && !rest.empty() && hex_value(rest.back()) < 16) {
      return {mask.words, EOVERFLOW, "a word of more than 8 digits"};
    }
    if (digits == 8 && !rest.empty()) rest.remove_suffix(1);
    mask.words[used++] = word;
  }
  for (size_t i = used; i < mask.words.size(); ++i) mask.words[i] = 0;
  const uint32_t spare = bits % 32;
  if (used == mask.words.size() && spare != 0 && (mask.words.back() >> spare) != 0) {
    mask.error = EOVERFLOW;
    mask.reason = "names CPUs that cannot exist here";
  }
  return mask;
}

std::string show_mask(const std::vector<uint32_t>& words, uint32_t bits) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (uint32_t nibble = (bits + 3) / 4; nibble-- > 0;) {
    const uint32_t in_word = nibble % 8;
    const uint32_t valid = bits - nibble * 4;
    unsigned digit = (words[nibble / 8] >> (4 * in_word)) & 15U;
    if (valid < 4) digit &= (1U << valid) - 1;
    text += kDigits[digit];
    if (in_word == 0 && nibble != 0) text += ',';
  }
  return text;
}

/// A mask's text has a digit for every four CPUs that there may be.
Bounds bounds_of(const Call& call, const std::optional<std::string>& mask) {
  const uint32_t cpus = std::clamp(call.state.machine().cpus.value_or(1), 1U, kMostCpus);
  if (!mask || mask->empty()) return {cpus, kMostCpus};
  const auto commas = static_cast<size_t>(std::count(mask->begin(), mask->end(), ','));
  const auto digits = static_cast<uint32_t>(std::min<size_t>(mask->size() - commas, kMostCpus / 4));
  if (digits == 0 || digits * 4 < cpus) return {cpus, cpus};
  return {std::max(cpus, digits * 4 - 3), digits * 4};
}

Fate mask_fate(const Call& call, const std::optional<std::string>& now, uint32_t bits) {
  const std::vector<uint32_t> none((bits + 31) / 32);
  Mask mask = parse_mask(call.bytes, now ? parse_mask(*now, none, bits).words : none, bits);
  return {mask.error, std::move(mask.reason), show_mask(mask.words, bits)};
}

/// lib/bitmap-str.c bitmap_parselist.
class ListParser {
 public:
  ListParser(std::string_view bytes, uint32_t bits)
      : rest_(bytes.substr(0, bytes.find('\0'))), last_(bits - 1) {}

  Fate parse() {
    while (fate_.error == 0) {
      while (!rest_.empty() && ends_region(rest_.front())) rest_.remove_prefix(1);
      if (rest_.empty()) break;
      region();
    }
    if (fate_.error == 0) fate_.text = show_ranges(std::move(ranges_));
    return std::move(fate_);
  }

 private:
  struct Region {
    uint32_t start = 0;
    uint32_t end = 0;
    uint32_t taken = 0;  ///< Of each group, from its start.
    uint32_t group = 0;
  };

  bool fail(int error, std::string reason) {
    fate_ = {error, std::move(reason), {}};
    return false;
  }

  bool take(char wanted) {
    if (!rest_.starts_with(wanted)) return fail(EINVAL, "not a list of CPUs");
    rest_.remove_prefix(1);
    return true;
  }

  bool number(uint32_t& value) {
    if (rest_.starts_with('N')) {
      value = last_;
      rest_.remove_prefix(1);
      return true;
    }
    uint64_t wide = 0;
    size_t digits = 0;
    for (; digits < rest_.size() && is_digit(rest_[digits]); ++digits) {
      wide = std::min<uint64_t>(wide * 10 + static_cast<uint64_t>(rest_[digits] - '0'),
                                uint64_t{1} << 32);
    }
    if (digits == 0) return fail(EINVAL, "not a list of CPUs");
    if (wide > std::numeric_limits<uint32_t>::max()) return fail(EOVERFLOW, "above 2^32 - 1");
    value = static_cast<uint32_t>(wide);
    rest_.remove_prefix(digits);
    return true;
  }

  bool at_end() const { return rest_.empty() || ends_region(rest_.front()); }

  bool says_all() const {
    constexpr std::string_view kAll = "all";
    return rest_.size() >= kAll.size() &&
           std::equal(kAll.begin(), kAll.end(), rest_.begin(),
                      [](char wanted, char c) { return wanted == (c | 0x20); });
  }

  bool read(Region& region) {
    if (says_all()) {
      rest_.remove_prefix(3);
      region.end = last_;
    } else {
      if (!number(region.start)) return false;
      region.end = region.start;
      if (!at_end() && !(take('-') && number(region.end))) return false;
    }
    region.taken = region.group = region.end + 1;
    return at_end() || (take(':') && number(region.taken) && take('/') && number(region.group));
  }

  void region() {
    Region region;
    if (!read(region)) return;
    if (region.start > region.end || region.group == 0 || region.taken > region.group) {
      fail(EINVAL, "the range ends before it begins, or its pattern is none");
    } else if (region.end > last_) {
      fail(ERANGE, "names CPUs that cannot exist here");
    } else {
      for (uint32_t at = region.start; at <= region.end; at += region.group) {
        const uint32_t size = std::min(region.end - at + 1, region.taken);
        if (size != 0) ranges_.emplace_back(at, at + size - 1);
      }
    }
  }

  std::string_view rest_;
  uint32_t last_;
  NumberRanges ranges_;
  Fate fate_;
};

void cannot_tell(const Call& call, Answer& answer) {
  call.ask_cpus();
  undecided(call, answer, "depends on how many CPUs there may ever be");
}

}  // namespace

void write_cpu_mask(const Call& call, Answer& answer, bool keeps_fault) {
  const std::optional<std::string> now = call.text(call.path);
  const Bounds bounds = bounds_of(call, now);
  Fate fate = mask_fate(call, now, bounds.least);
  const Fate other = mask_fate(call, now, bounds.most);
  const bool same_text = fate.text == other.text;
  if (fate.error != other.error) {
    cannot_tell(call, answer);
  } else if (fate.error != 0) {
    reject(call, answer, fate.error, std::move(fate.reason));
    if (!keeps_fault) return;
    answer.outcome.reads_back.reset();
    if (now && same_text) {
      answer.outcome.reads_back = fate.text;
      also(answer, call.path, std::move(fate.text));
    } else {
      also_unknown(call, answer, call.path);
    }
  } else if (same_text) {
    store(call, answer, std::move(fate.text));
  } else {
    store_unknown(call, answer, "as long as CPUs there may ever be");
  }
}

void write_cpu_list(const Call& call, Answer& answer) {
  if (call.bytes.empty() || call.offset != 0) {
    keep(call, answer);
    answer.outcome.taken = 0;
    return;
  }
  const Bounds bounds = bounds_of(call, std::nullopt);
  Fate fate = ListParser(call.bytes, bounds.least).parse();
  const Fate other = ListParser(call.bytes, bounds.most).parse();
  if (fate.error != other.error || fate.text != other.text) {
    cannot_tell(call, answer);
  } else if (fate.error != 0) {
    reject(call, answer, fate.error, std::move(fate.reason));
  } else {
    store(call, answer, std::move(fate.text));
  }
}

}  // namespace proctor::kernel
