#include "text/diagnostic.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <vector>

#include "text/text.h"

namespace proctor {
namespace {

/// One displayed character of a source line.
struct Cell {
  std::string_view bytes;
  unsigned width = 1;
};

/// U+2400 to U+2421: what stands for control characters, the last of them for U+007F.
constexpr size_t kPictures = 0x22;
constexpr size_t kPictureSize = 3;
constexpr auto kPictureBytes = [] {
  std::array<char, kPictures * kPictureSize> bytes{};
  for (size_t i = 0; i < kPictures; ++i) {
    bytes[i * kPictureSize] = '\xE2';
    bytes[i * kPictureSize + 1] = '\x90';
    bytes[i * kPictureSize + 2] = static_cast<char>(0x80 + i);
  }
  return bytes;
}();

std::string_view picture_of(unsigned char control) {
  const size_t number = control == 0x7F ? kPictures - 1 : control;
  return {&kPictureBytes[number * kPictureSize], kPictureSize};
}

uint32_t decode(std::string_view sequence) {
  const auto at = [&](size_t i) { return static_cast<unsigned char>(sequence[i]); };
  switch (sequence.size()) {
    case 2:
      return (at(0) & 0x1FU) << 6U | (at(1) & 0x3FU);
    case 3:
      return (at(0) & 0x0FU) << 12U | (at(1) & 0x3FU) << 6U | (at(2) & 0x3FU);
    case 4:
      return (at(0) & 0x07U) << 18U | (at(1) & 0x3FU) << 12U | (at(2) & 0x3FU) << 6U |
             (at(3) & 0x3FU);
    default:
      return at(0);
  }
}

unsigned display_width(uint32_t c) {
  if ((c >= 0x300 && c <= 0x36F) || (c >= 0x200B && c <= 0x200F) || c == 0xFEFF) return 0;
  const bool wide = (c >= 0x1100 && c <= 0x115F) || (c >= 0x2E80 && c <= 0xA4CF) ||
                    (c >= 0xAC00 && c <= 0xD7A3) || (c >= 0xF900 && c <= 0xFAFF) ||
                    (c >= 0xFE30 && c <= 0xFE6F) || (c >= 0xFF00 && c <= 0xFF60) ||
                    (c >= 0xFFE0 && c <= 0xFFE6) || (c >= 0x1F300 && c <= 0x1FAFF);
  return wide ? 2 : 1;
}

std::vector<Cell> cells_of(std::string_view line, size_t most) {
  std::vector<Cell> cells;
  cells.reserve(std::min(line.size(), most));
  while (!line.empty() && cells.size() < most) {
    const size_t length = utf8_length(line);
    const auto byte = static_cast<unsigned char>(line[0]);
    if (length == 0) {
      cells.push_back({"\xEF\xBF\xBD", 1});  // U+FFFD
    } else if (length == 1 && (byte < 0x20 || byte == 0x7F) && byte != '\t') {
      cells.push_back({picture_of(byte), 1});
    } else {
      const std::string_view sequence = line.substr(0, length);
      cells.push_back({sequence, length == 1 ? 1 : display_width(decode(sequence))});
    }
    line.remove_prefix(std::max<size_t>(1, length));
  }
  return cells;
}

/// Whether each byte is a character that is shown as it is.
bool is_plain(std::string_view line) {
  return std::ranges::all_of(line, [](char c) { return c >= 0x20 && c < 0x7F; });
}

/// First and last + 1 cell to show so that the caret is visible within `room` columns.
std::pair<size_t, size_t> window(size_t count, size_t caret, size_t room) {
  if (count <= room) return {0, count};
  const size_t before = room / 3;
  size_t first = caret > before ? caret - before : 0;
  if (first + room > count) first = count - room;
  return {first, first + room};
}

/// The part of a line around the caret, and the marks below it.
void draw(const std::vector<Cell>& cells, size_t caret, size_t stop, size_t room,
          std::string& source, std::string& marks) {
  const auto [first, last] = window(cells.size(), std::min(caret, cells.size()), room);
  if (first > 0) {
    source = "...";
    marks = "   ";
  }
  for (size_t i = first; i < last; ++i) {
    const Cell& cell = cells[i];
    source += cell.bytes;
    if (i < caret) {
      marks += cell.bytes == "\t" ? std::string("\t") : std::string(cell.width, ' ');
    } else if (i == caret) {
      marks += '^';
      marks.append(cell.width > 1 ? cell.width - 1 : 0, '~');
    } else if (i < stop) {
      marks.append(cell.width, '~');
    }
  }
  if (caret >= last) marks += '^';
  if (last < cells.size()) source += "...";
}

}  // namespace

std::string excerpt(std::string_view line, Position begin, Position end, std::string_view label,
                    unsigned width) {
  const std::string number = std::to_string(begin.line);
  const std::string margin(number.size() + 2, ' ');
  const size_t gutter = number.size() + 4;
  const size_t room = std::max<size_t>(width > gutter + 6 ? width - gutter - 6 : 20, 20);
  const size_t caret = begin.column > 0 ? begin.column - 1 : 0;
  const bool to_end = end.line > begin.line;
  const size_t stop = to_end || end.column == 0 ? 0 : end.column - 1;
  std::string source;
  std::string marks;
  bool has_caret = begin.column > 0;
  if (line.size() <= room && is_plain(line)) {
    source = line;
    const size_t last = to_end ? line.size() : std::min(stop, line.size());
    marks.append(std::min(caret, line.size()), ' ').append("^");
    if (last > caret + 1) marks.append(last - caret - 1, '~');
    has_caret = has_caret && caret <= line.size();
  } else {
    // A line of megabytes is not decoded beyond what can be shown.
    const std::vector<Cell> cells = cells_of(line, begin.column + size_t{4} * width);
    has_caret = has_caret && caret <= cells.size();
    draw(cells, caret, to_end ? cells.size() : stop, room, source, marks);
  }
  std::string out = margin + "|\n " + number + " | " + source + "\n";
  if (has_caret) {
    out.append(margin).append("| ").append(marks).append(label.empty() ? "" : " ");
    out.append(label).append("\n");
  }
  return out;
}

std::string Diagnostic::to_text() const {
  std::string head = file.empty() ? "proctor" : file;
  if (begin.line > 0) head += fmt::format(":{}:{}", begin.line, begin.column);
  std::string out = head + ": error: " + message + "\n";
  if (begin.line > 0 && !excerpt.empty()) out += proctor::excerpt(excerpt, begin, end, "");
  return out;
}

Diagnostic diagnose(std::string_view file, std::string_view text, Span span, std::string message) {
  const LineIndex index(text);
  const Position begin = index.position(span.begin);
  std::string_view line = index.line(begin.line);
  constexpr size_t kMostExcerpt = 4096;
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  return {std::string(file), begin, index.position(span.end), std::move(message),
          std::string(line.substr(0, kMostExcerpt))};
}

}  // namespace proctor
