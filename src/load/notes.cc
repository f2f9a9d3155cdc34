#include "load/notes.h"

#include <algorithm>
#include <utility>

#include "text/text.h"

namespace proctor::load {

std::string quoted(std::string_view bytes) {
  constexpr size_t kLongest = 100;
  if (bytes.size() <= kLongest) return escape_bytes(bytes);
  return escape_bytes(bytes.substr(0, kLongest)) + "...";
}

void Notes::add(std::string_view kind, Origin origin, Span span, std::string text) {
  if (++counts_[kind] > kMostNotes) {
    ++result_.dropped_notes;
    return;
  }
  result_.notes.push_back({kind, std::move(text), origin, span});
}

void Notes::finish() {
  std::stable_sort(result_.notes.begin(), result_.notes.end(), [](const Note& a, const Note& b) {
    if (a.origin != b.origin) return a.origin < b.origin;
    return a.span < b.span;
  });
}

}  // namespace proctor::load
