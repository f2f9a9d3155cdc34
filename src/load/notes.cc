#include "load/notes.h"

#include <utility>

namespace proctor::load {

void Notes::add(std::string_view kind, Origin origin, Span span, std::string text) {
  if (++counts_[kind] > kMostNotes) {
    ++result_.dropped_notes;
    return;
  }
  result_.notes.push_back({kind, std::move(text), origin, span});
}

}  // namespace proctor::load
