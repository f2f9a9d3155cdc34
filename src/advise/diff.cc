#include "advise/diff.h"

#include <algorithm>
#include <cstddef>
#include <unordered_map>
#include <utility>
#include <vector>

#include "text/text.h"

namespace proctor::advise {
namespace {

using Lines = std::vector<std::string_view>;  // Each with its LF, if it has one.

Lines cut_lines(std::string_view text) {
  Lines lines;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size() - 1) + 1;
    lines.push_back(text.substr(0, end));
    text.remove_prefix(end);
  }
  return lines;
}

/// Which lines of either text are not part of the common sequence.
struct Marks {
  std::vector<bool> removed;
  std::vector<bool> added;
};

/// Myers' algorithm in linear space over numbers that stand for lines. The search for a middle
/// snake stops after kMaxCost steps and splits where it got furthest, so hostile input costs time
/// in proportion to its length.
class Matcher {
 public:
  using Sequence = std::vector<uint32_t>;
  static constexpr ptrdiff_t kMaxCost = 256;
  /// Far below every x, also after a few steps.
  static constexpr ptrdiff_t kOutside = -(ptrdiff_t{1} << 40);

  Matcher(const Sequence& a, const Sequence& b) : a_(a), b_(b) {
    const size_t diagonals = (2 * static_cast<size_t>(kMaxCost)) + 3;
    forward_.resize(diagonals);
    backward_.resize(diagonals);
  }

  /// Calls differ(in_a, index) for every element that has no partner.
  template <typename Differ>
  void run(Differ differ) {
    // A stack of its own: the depth of the splits is not bounded by anything small.
    std::vector<Box> todo{
        {0, static_cast<ptrdiff_t>(a_.size()), 0, static_cast<ptrdiff_t>(b_.size())}};
    while (!todo.empty()) {
      Box box = todo.back();
      todo.pop_back();
      shrink(box);
      if (box.a_begin == box.a_end || box.b_begin == box.b_end) {
        for (ptrdiff_t i = box.a_begin; i < box.a_end; ++i) differ(true, static_cast<size_t>(i));
        for (ptrdiff_t i = box.b_begin; i < box.b_end; ++i) differ(false, static_cast<size_t>(i));
        continue;
      }
      const auto [x, y] = split(box);
      todo.push_back({x, box.a_end, y, box.b_end});
      todo.push_back({box.a_begin, x, box.b_begin, y});
    }
  }

 private:
  struct Box {
    ptrdiff_t a_begin, a_end, b_begin, b_end;
  };

  bool same(ptrdiff_t x, ptrdiff_t y) const {
    return a_[static_cast<size_t>(x)] == b_[static_cast<size_t>(y)];
  }

  void shrink(Box& box) const {
    while (box.a_begin < box.a_end && box.b_begin < box.b_end && same(box.a_begin, box.b_begin)) {
      ++box.a_begin;
      ++box.b_begin;
    }
    while (box.a_begin < box.a_end && box.b_begin < box.b_end &&
           same(box.a_end - 1, box.b_end - 1)) {
      --box.a_end;
      --box.b_end;
    }
  }

  ptrdiff_t& at(std::vector<ptrdiff_t>& row, ptrdiff_t diagonal) const {
    return row[static_cast<size_t>(diagonal + kMaxCost + 1)];
  }

  /// A point on a shortest path through `box`, or past the cap the point that the forward search
  /// brought furthest. REQUIRES: both sides are not empty, and their first and last elements
  /// differ.
  std::pair<ptrdiff_t, ptrdiff_t> split(const Box& box) {
    const ptrdiff_t n = box.a_end - box.a_begin;
    const ptrdiff_t m = box.b_end - box.b_begin;
    const ptrdiff_t delta = n - m;
    const bool odd = (delta % 2) != 0;
    for (ptrdiff_t d = 0; d <= kMaxCost; ++d) {
      for (ptrdiff_t k = -d; k <= d; k += 2) {
        const ptrdiff_t x = step(box, forward_, false, d, k);
        const ptrdiff_t mirror = delta - k;
        if (odd && x >= 0 && mirror >= -(d - 1) && mirror <= d - 1 &&
            x + at(backward_, mirror) >= n) {
          return {box.a_begin + x, box.b_begin + x - k};
        }
      }
      for (ptrdiff_t k = -d; k <= d; k += 2) {
        const ptrdiff_t x = step(box, backward_, true, d, k);
        const ptrdiff_t mirror = delta - k;
        if (!odd && x >= 0 && mirror >= -d && mirror <= d && x + at(forward_, mirror) >= n) {
          return {box.a_end - x, box.b_end - (x - k)};
        }
      }
    }
    return furthest(box);
  }

  /// One step of a search on diagonal k, from the far corner in mirrored coordinates if `back`:
  /// the new x relative to the box, kOutside where the diagonal is not reached inside it.
  ptrdiff_t step(const Box& box, std::vector<ptrdiff_t>& row, bool back, ptrdiff_t d, ptrdiff_t k) {
    const ptrdiff_t n = box.a_end - box.a_begin;
    const ptrdiff_t m = box.b_end - box.b_begin;
    ptrdiff_t x = d == 0 ? 0 : kOutside;
    if (k <= d - 2 && at(row, k + 1) - k <= m) x = at(row, k + 1);
    if (k >= 2 - d && at(row, k - 1) < n) x = std::max(x, at(row, k - 1) + 1);
    if (x < 0) return at(row, k) = kOutside;
    while (x < n && x - k < m &&
           (back ? same(box.a_end - 1 - x, box.b_end - 1 - (x - k))
                 : same(box.a_begin + x, box.b_begin + x - k))) {
      ++x;
    }
    return at(row, k) = x;
  }

  std::pair<ptrdiff_t, ptrdiff_t> furthest(const Box& box) {
    std::pair<ptrdiff_t, ptrdiff_t> best{box.a_end, box.b_begin};
    ptrdiff_t best_sum = 0;
    for (ptrdiff_t k = -kMaxCost; k <= kMaxCost; k += 2) {
      const ptrdiff_t x = at(forward_, k);
      if (x < 0 || (2 * x) - k <= best_sum) continue;
      best_sum = (2 * x) - k;
      best = {box.a_begin + x, box.b_begin + x - k};
    }
    return best;
  }

  const Sequence& a_;
  const Sequence& b_;
  std::vector<ptrdiff_t> forward_;
  std::vector<ptrdiff_t> backward_;
};

/// Lines as numbers, equal lines by equal numbers, without those that the other text lacks.
struct Reduced {
  std::vector<uint32_t> numbers;
  std::vector<size_t> lines;  // Index of each in the whole text.
};

Marks compare(const Lines& before, const Lines& after) {
  Marks marks{std::vector<bool>(before.size()), std::vector<bool>(after.size())};
  std::unordered_map<std::string_view, std::pair<uint32_t, bool>> known;  // number, in `after`
  std::vector<uint32_t> number_of(before.size());
  for (size_t i = 0; i < before.size(); ++i) {
    const auto number = static_cast<uint32_t>(known.size());
    number_of[i] = known.try_emplace(before[i], number, false).first->second.first;
  }
  Reduced b;
  for (size_t i = 0; i < after.size(); ++i) {
    const auto found = known.find(after[i]);
    if (found == known.end()) {
      marks.added[i] = true;
      continue;
    }
    found->second.second = true;
    b.numbers.push_back(found->second.first);
    b.lines.push_back(i);
  }
  Reduced a;
  for (size_t i = 0; i < before.size(); ++i) {
    if (!known.find(before[i])->second.second) {
      marks.removed[i] = true;
      continue;
    }
    a.numbers.push_back(number_of[i]);
    a.lines.push_back(i);
  }
  Matcher(a.numbers, b.numbers).run([&](bool in_a, size_t index) {
    if (in_a) {
      marks.removed[a.lines[index]] = true;
    } else {
      marks.added[b.lines[index]] = true;
    }
  });
  return marks;
}

/// A run of changed lines: [a_begin, a_end) gives way to [b_begin, b_end).
struct Change {
  size_t a_begin, a_end, b_begin, b_end;
};

std::vector<Change> changes(const Marks& marks) {
  std::vector<Change> out;
  size_t a = 0;
  size_t b = 0;
  while (a < marks.removed.size() || b < marks.added.size()) {
    Change change{a, a, b, b};
    while (a < marks.removed.size() && marks.removed[a]) ++a;
    while (b < marks.added.size() && marks.added[b]) ++b;
    change.a_end = a;
    change.b_end = b;
    if (change.a_begin != change.a_end || change.b_begin != change.b_end) out.push_back(change);
    if (a < marks.removed.size()) ++a;
    if (b < marks.added.size()) ++b;
  }
  return out;
}

void put_line(std::string& out, char mark, std::string_view line) {
  out += mark;
  out += line;
  if (!line.ends_with('\n')) out += "\n\\ No newline at end of file\n";
}

/// "-3,7": the first line counts from 1, or names the line before an empty range.
void put_range(std::string& out, char mark, size_t begin, size_t count) {
  out += mark;
  out += std::to_string(count == 0 ? begin : begin + 1);
  if (count == 1) return;
  out += ',';
  out += std::to_string(count);
}

/// patch(1) reads a name up to a tab, and C escapes between double quotes.
std::string header_name(std::string_view prefix, std::string_view name) {
  while (name.starts_with('/')) name.remove_prefix(1);
  std::string whole(prefix);
  whole += name;
  const bool odd = std::any_of(whole.begin(), whole.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\' || c == 0x7f;
  });
  if (!odd) return whole.find(' ') == std::string::npos ? whole : whole + "\t";
  std::string quoted = "\"";
  for (const char c : whole) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      quoted += '\\';
      quoted += c;
    } else if (byte < 0x20 || byte == 0x7f) {
      quoted += '\\';
      quoted += static_cast<char>('0' + (byte >> 6));
      quoted += static_cast<char>('0' + ((byte >> 3) & 7));
      quoted += static_cast<char>('0' + (byte & 7));
    } else {
      quoted += c;
    }
  }
  return quoted + "\"";
}

class Writer {
 public:
  Writer(const Lines& before, const Lines& after, size_t context)
      : before_(before), after_(after), context_(context) {}

  /// One hunk for changes [first, last) that lie close together.
  void hunk(const std::vector<Change>& all, size_t first, size_t last, std::string& out) const {
    const size_t lead = std::min(context_, all[first].a_begin);
    const size_t tail = std::min(context_, before_.size() - all[last - 1].a_end);
    const size_t a_begin = all[first].a_begin - lead;
    const size_t b_begin = all[first].b_begin - lead;
    out += "@@ ";
    put_range(out, '-', a_begin, all[last - 1].a_end + tail - a_begin);
    out += ' ';
    put_range(out, '+', b_begin, all[last - 1].b_end + tail - b_begin);
    out += " @@\n";
    size_t a = a_begin;
    for (size_t i = first; i < last; ++i) {
      for (; a < all[i].a_begin; ++a) put_line(out, ' ', before_[a]);
      for (; a < all[i].a_end; ++a) put_line(out, '-', before_[a]);
      for (size_t b = all[i].b_begin; b < all[i].b_end; ++b) put_line(out, '+', after_[b]);
    }
    for (const size_t end = a + tail; a < end; ++a) put_line(out, ' ', before_[a]);
  }

 private:
  const Lines& before_;
  const Lines& after_;
  size_t context_;
};

}  // namespace

std::string unified_diff(std::string_view name, std::string_view before, std::string_view after,
                         uint32_t context) {
  if (before == after) return {};
  const Lines a = cut_lines(before);
  const Lines b = cut_lines(after);
  const std::vector<Change> all = changes(compare(a, b));
  std::string out = "--- " + header_name("a/", name) + "\n+++ " + header_name("b/", name) + "\n";
  const Writer writer(a, b, context);
  for (size_t first = 0; first < all.size();) {
    size_t last = first + 1;
    while (last < all.size() && all[last].a_begin - all[last - 1].a_end <= size_t{2} * context) {
      ++last;
    }
    writer.hunk(all, first, last, out);
    first = last;
  }
  return out;
}

}  // namespace proctor::advise
