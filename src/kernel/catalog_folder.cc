#include "kernel/catalog_folder.h"

#include <algorithm>

#include "kernel/catalog_tables.h"

namespace proctor::kernel {
namespace {

using Visit = std::function<bool(const KeyBelow&)>;

/// Where a walk stands: a node, and what was written on the way.
struct Place {
  const tables::Node* node;
  size_t pattern;         ///< Bytes of the key patterns used up to here, with the '.' behind.
  std::string_view star;  ///< See KeyBelow.
};

const tables::Node* literal_child(const tables::Node& node, std::string_view label) {
  const auto children = tables::nodes().subspan(node.first_child, node.children);
  const auto found = std::lower_bound(
      children.begin(), children.end(), label,
      [](const tables::Node& child, std::string_view wanted) { return child.label < wanted; });
  return found != children.end() && found->label == label ? &*found : nullptr;
}

bool visit_all(const Place& place, const Visit& visit) {
  const auto step = [&](const tables::Node& child) {
    if (child.key >= 0) {
      const Key& key = keys()[static_cast<size_t>(child.key)];
      if (!visit({key, key.name.substr(place.pattern), place.star})) return false;
    }
    return visit_all({&child, place.pattern, place.star}, visit);
  };
  for (const tables::Node& child :
       tables::nodes().subspan(place.node->first_child, place.node->children)) {
    if (!step(child)) return false;
  }
  return place.node->wildcard == 0 || step(tables::nodes()[place.node->wildcard]);
}

/// The depth is the trie's, not the path's.
bool walk(const Place& place, std::string_view rest, const Visit& visit) {
  if (rest.empty()) return visit_all(place, visit);
  const size_t slash = rest.find('/');
  const std::string_view part = rest.substr(0, slash);
  const std::string_view below =
      slash == std::string_view::npos ? std::string_view() : rest.substr(slash + 1);
  const tables::Node* child = literal_child(*place.node, part);
  if (child != nullptr &&
      !walk({child, place.pattern + part.size() + 1, place.star}, below, visit)) {
    return false;
  }
  if (place.node->wildcard == 0) return true;
  return walk({&tables::nodes()[place.node->wildcard], place.pattern + 2, part}, below, visit);
}

}  // namespace

void visit_below(std::string_view folder, const std::function<bool(const KeyBelow&)>& visit) {
  walk({&tables::nodes().front(), 0, {}}, folder, visit);
}

}  // namespace proctor::kernel
