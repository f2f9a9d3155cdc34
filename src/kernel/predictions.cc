#include "kernel/predictions.h"

namespace proctor::kernel {

void Predictions::name(std::string_view path, std::string_view bytes) {
  key_ = path;
  key_ += '\0';
  key_ += bytes;
}

const Prediction* Predictions::find(std::string_view path, std::string_view bytes) {
  if (bytes.size() > kLongest) return nullptr;
  name(path, bytes);
  const auto found = known_.find(key_);
  return found == known_.end() ? nullptr : &found->second;
}

void Predictions::add(std::string_view path, std::string_view bytes, Prediction prediction) {
  if (bytes.size() > kLongest) return;
  if (known_.size() >= kMost) known_.clear();
  name(path, bytes);
  known_.insert_or_assign(key_, std::move(prediction));
}

}  // namespace proctor::kernel
