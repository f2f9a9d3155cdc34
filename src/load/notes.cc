#include "load/notes.h"

#include <algorithm>
#include <utility>

namespace proctor::load {

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
