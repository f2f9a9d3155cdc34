#include "rules/piece_store.h"

#include <utility>

#include "kernel/predict.h"

namespace proctor::rules {

CirclesPtr KnownPieces::find(const std::string& name) const {
  for (const Kind* kind : {&single_, &several_}) {
    const auto found = kind->circles.find(name);
    if (found != kind->circles.end()) return found->second;
  }
  return nullptr;
}

void KnownPieces::add(const std::string& name, size_t lines, const CirclesPtr& circles) {
  Kind& kind = lines == 1 ? single_ : several_;
  if (kind.lines >= (lines == 1 ? kMostSingle : kMostSeveral)) kind = {};
  if (kind.circles.try_emplace(name, circles).second) kind.lines += lines;
}

PieceTable::PieceTable() {
  path_keys_.reserve(kMostPaths);
  path_number(kernel::kEveryInterface);
}

uint32_t PieceTable::number_of(const Hearers& hearers) {
  const std::scoped_lock lock(mutex_);
  const auto next = static_cast<uint32_t>(known_.size());
  const auto [at, fresh] = hearers_.try_emplace(hearers, next);
  if (fresh) known_.emplace_back();
  return at->second;
}

CirclesPtr PieceTable::find(uint32_t hearers, const std::string& name) const {
  const std::scoped_lock lock(mutex_);
  return known_[hearers].find(name);
}

void PieceTable::add(uint32_t hearers, const std::string& name, size_t lines,
                     const CirclesPtr& circles) {
  const std::scoped_lock lock(mutex_);
  known_[hearers].add(name, lines, circles);
}

std::optional<uint32_t> PieceTable::path_number(std::string_view path) {
  std::string name(path);
  const std::scoped_lock lock(mutex_);
  const auto next = static_cast<uint32_t>(paths_.size());
  const auto known = paths_.find(name);
  if (known != paths_.end()) return known->second;
  if (next == kMostPaths) return std::nullopt;
  const auto found = kernel::find_path(path);
  path_keys_.push_back(found ? found->key : nullptr);
  paths_.emplace(std::move(name), next);
  return next;
}

bool PieceTable::is_full() const {
  const std::scoped_lock lock(mutex_);
  return paths_.size() > kManyPaths;
}

std::shared_ptr<PieceTable> PieceStore::table() {
  const std::scoped_lock lock(mutex_);
  if (table_ == nullptr || table_->is_full()) table_ = std::make_shared<PieceTable>();
  return table_;
}

}  // namespace proctor::rules
