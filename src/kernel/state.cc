#include "kernel/state.h"

#include "kernel/predictions.h"
#include "text/text.h"

namespace proctor::kernel {
namespace {

constexpr std::string_view kInterfaces = "net/ipv4/conf/";

/// The names of interfaces that have a cell of their own.
void add_interfaces(const std::map<std::string, Cell>& cells, std::vector<std::string>& names) {
  for (auto cell = cells.lower_bound(std::string(kInterfaces));
       cell != cells.end() && cell->first.starts_with(kInterfaces); ++cell) {
    if (cell->second.status == Cell::Status::kAbsent) continue;
    const std::string_view rest = std::string_view(cell->first).substr(kInterfaces.size());
    const std::string_view name = rest.substr(0, rest.find('/'));
    if (name != "all" && name != "default") names.emplace_back(name);
  }
}

}  // namespace

Cell Cell::known(std::string text) {
  Cell cell;
  cell.status = Status::kKnown;
  cell.text = std::move(text);
  return cell;
}

Cell Cell::about(std::string text) {
  Cell cell = known(std::move(text));
  cell.approximate = true;
  return cell;
}

Cell Cell::unknown(std::vector<std::string> needs) {
  sort_unique(needs);
  Cell cell;
  cell.needs = std::move(needs);
  return cell;
}

Cell Cell::absent() {
  Cell cell;
  cell.status = Status::kAbsent;
  return cell;
}

const Cell* State::explicit_cell(const std::string& path) const {
  if (const auto found = cells_.find(path); found != cells_.end()) return &found->second;
  if (!base_) return nullptr;
  const auto found = base_->find(path);
  return found == base_->end() ? nullptr : &found->second;
}

const Cell& State::read(const std::string& path) const {
  if (const Cell* cell = explicit_cell(path)) return *cell;
  const auto kept = initial_->find(path);
  if (kept != initial_->end()) return kept->second;
  Cell cell = complete_ ? Cell::absent() : initial_value(path, *machine_);
  return initial_->emplace(path, std::move(cell)).first->second;
}

void State::set(const std::string& path, Cell cell) {
  cells_.insert_or_assign(path, std::move(cell));
}

void State::set_complete(bool complete) {
  if (complete == complete_) return;
  complete_ = complete;
  initial_ = std::make_shared<Cells>();
}

bool State::is_explicit(const std::string& path) const { return explicit_cell(path) != nullptr; }

std::map<std::string, Cell> State::cells() const {
  Cells all = cells_;
  if (base_) all.insert(base_->begin(), base_->end());
  return all;
}

bool State::same_cells(const State& other) const {
  if (base_ == other.base_) return cells_ == other.cells_;
  return cells() == other.cells();
}

std::vector<std::string> State::paths_apart(const State& other) const {
  std::vector<std::string> out;
  const auto add = [&out](const Cells& cells) {
    for (const auto& [path, cell] : cells) out.push_back(path);
  };
  add(cells_);
  add(other.cells_);
  if (base_ != other.base_) {
    if (base_) add(*base_);
    if (other.base_) add(*other.base_);
  }
  sort_unique(out);
  return out;
}

std::vector<std::string> State::asked() const {
  std::vector<std::string> out;
  for (const auto& [path, cell] : *initial_) {
    if (!is_explicit(path)) out.push_back(path);
  }
  return out;
}

void State::freeze() {
  predictions_ = std::make_shared<Predictions>();
  if (cells_.empty()) return;
  base_ = std::make_shared<const Cells>(cells());
  cells_.clear();
}

std::optional<std::vector<std::string>> State::interfaces() const {
  std::vector<std::string> names;
  if (machine_->interfaces) names = *machine_->interfaces;
  add_interfaces(cells_, names);
  if (base_) add_interfaces(*base_, names);
  if (names.empty() && !machine_->interfaces && !complete_) return std::nullopt;
  sort_unique(names);
  return names;
}

}  // namespace proctor::kernel
