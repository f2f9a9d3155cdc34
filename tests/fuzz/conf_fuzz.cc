// Any bytes are a document; every byte comes back; an edit touches only its span.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "conf/document.h"

using namespace proctor;

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

bool inside(Span part, Span whole) {
  return part.begin <= part.end && part.begin >= whole.begin && part.end <= whole.end;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  const conf::Document document = conf::Document::parse("fuzz", bytes);
  uint32_t at = 0;
  size_t index = 0;
  for (const conf::Line& line : document.lines()) {
    require(line.whole.begin == at);
    at = line.whole.end;
    for (const Span part : {line.text, line.key, line.equals, line.value, line.comment}) {
      require(inside(part, line.whole));
    }
    require(document.line_index(line.whole.begin) == index);
    require(document.position(line.whole.begin).line == index + 1);
    std::string edited = bytes;
    require(conf::apply_edits(edited, {{line.value, "1"}}));
    require(edited == bytes.substr(0, line.value.begin) + "1" + bytes.substr(line.value.end));
    ++index;
  }
  require(at == size);
  return 0;
}
