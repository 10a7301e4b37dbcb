#include "command_line/range_options.hpp"

#include <algorithm>
#include <optional>

namespace {

/// Returns the smallest string after all that begin with the prefix. Empty if there is none.
std::optional<std::string> behind_prefix(std::string prefix) {
  while (!prefix.empty() && prefix.back() == '\xff')
    prefix.pop_back();
  if (prefix.empty()) return std::nullopt;
  prefix.back() = static_cast<char>(static_cast<unsigned char>(prefix.back()) + 1);
  return prefix;
}

}  // namespace

void range_options::add_to(CLI::App& command) {
  command.add_option("--prefix", prefix_, "only keys that begin with this")->type_name("TEXT");
  command.add_option("--from", from_, "only this key and those after it")->type_name("KEY");
  command.add_option("--to", to_, "only keys before this one, without it")->type_name("KEY");
  limit_.add_to(command);
  command.add_flag("--reverse", reverse_, "the last key first");
}

bool range_options::is_everything() const noexcept {
  return prefix_.empty() && from_.empty() && to_.empty() && !limit_.given();
}

void range_options::for_each(const buntdb::snapshot& view, const common_options& common,
                             const std::function<void(const buntdb::entry&)>& visit) const {
  const std::string prefix = common.decoded(prefix_, "--prefix");
  const std::string from = std::max(prefix, common.decoded(from_, "--from"));
  std::optional<std::string> to = behind_prefix(prefix);
  if (!to_.empty()) {
    std::string wanted = common.decoded(to_, "--to");
    if (!to || wanted < *to) to = std::move(wanted);
  }
  std::uint64_t left = limit_.value();
  if (left == 0) return;

  buntdb::bounds bounds{.at_least = from};
  if (to) bounds.less_than = *to;
  for (const buntdb::entry& entry : reverse_ ? view.descend(bounds) : view.ascend(bounds)) {
    visit(entry);
    if (--left == 0) return;
  }
}
