#include "load/lines.h"

#include <algorithm>

#include "text/scan.h"

namespace proctor::load {

namespace {

Span make_span(size_t begin, size_t end) {
  return {static_cast<uint32_t>(begin), static_cast<uint32_t>(end)};
}

/// Bits of the line ends seen so far: any of LF, CR and NUL, each at most once and NUL last, is
/// one end to systemd.
unsigned end_mark(char c) {
  if (c == '\n') return 1;
  if (c == '\r') return 2;
  return c == '\0' ? 4 : 0;
}

}  // namespace

size_t LineReader::line_end(size_t from) const {
  const size_t lf = bytes_.find('\n', from);
  return lf == std::string_view::npos ? bytes_.size() : lf + 1;
}

bool LineReader::next(LogicalLine& line) {
  if (at_ >= bytes_.size()) return false;
  line.joined = false;
  line.piece = false;
  if (traits_.lines == LineStyle::kAnyEnd) return next_any_end(line);
  if (traits_.lines == LineStyle::kContinued) return next_continued(line);
  const size_t begin = at_;
  size_t end = line_end(begin);
  if (traits_.lines == LineStyle::kPieces) {
    end = std::min<size_t>(end, begin + traits_.line_limit);
    line.piece = (begin > 0 && bytes_[begin - 1] != '\n') ||
                 (end < bytes_.size() && bytes_[end - 1] != '\n');
  }
  at_ = end;
  line.text = bytes_.substr(begin, end - begin);
  line.span = make_span(begin, end);
  return true;
}

bool LineReader::next_any_end(LogicalLine& line) {
  const size_t begin = at_;
  const size_t stop = std::min(find_any<'\n', '\r', '\0'>(bytes_, begin), bytes_.size());
  // The limit is tested before the byte that would end the line is read.
  if (stop - begin >= traits_.line_limit) {
    overflow_ = true;
    at_ = bytes_.size();
    return false;
  }
  unsigned seen = 0;
  size_t end = stop;
  while (end < bytes_.size()) {
    const unsigned mark = end_mark(bytes_[end]);
    if (mark == 0 || (seen & mark) != 0 || (seen & 4U) != 0) break;
    seen |= mark;
    ++end;
  }
  at_ = end;
  line.text = bytes_.substr(begin, stop - begin);
  line.span = make_span(begin, end);
  const bool lf = seen == 0 || (seen & 1U) != 0;
  line.piece = !after_lf_ || !lf;
  after_lf_ = lf;
  return true;
}

bool LineReader::next_continued(LogicalLine& line) {
  const size_t begin = at_;
  size_t end = line_end(begin);
  const auto body_end = [&](size_t from, size_t to) {
    return to > from && bytes_[to - 1] == '\n' ? to - 1 : to;
  };
  size_t stop = body_end(begin, end);
  if (stop == begin || bytes_[stop - 1] != '\\') {
    line.text = bytes_.substr(begin, stop - begin);
  } else {
    joined_.assign(bytes_, begin, stop - begin - 1);
    bool more = true;
    while (more && end < bytes_.size()) {
      const size_t from = end;
      end = line_end(from);
      stop = body_end(from, end);
      joined_.append(bytes_, from, stop - from);
      line.joined = true;
      more = !joined_.empty() && joined_.back() == '\\';
      if (more) joined_.pop_back();
    }
    line.text = joined_;
  }
  at_ = end;
  line.span = make_span(begin, end);
  return true;
}

}  // namespace proctor::load
