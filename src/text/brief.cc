#include "text/brief.h"

#include "text/text.h"

namespace proctor {

std::string fold_blanks(std::string_view text) {
  std::string out;
  for (const std::string_view part : split_blanks(text)) {
    if (!out.empty()) out += ' ';
    out += part;
  }
  return out;
}

std::string_view cut_to(std::string_view text, size_t most) {
  if (text.size() <= most) return text;
  while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xC0U) == 0x80U) --most;
  return text.substr(0, most);
}

std::string shortened(std::string_view text, size_t most) {
  return text.size() <= most ? std::string(text) : std::string(cut_to(text, most)) + "...";
}

}  // namespace proctor
