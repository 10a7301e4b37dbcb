#include "scans/ordered_scan.hpp"

#include <array>
#include <optional>
#include <string>
#include <vector>

#include <buntdb/match.hpp>

#include "scans/item_line.hpp"
#include "scans/passing_index.hpp"

CLI::Option* ordered_scan::add_bound(CLI::App& command, bound& to, const std::string& name,
                                     const std::string& what) {
  to.name = name;
  return command.add_option(name, to.argument, what)->type_name("V");
}

void ordered_scan::add_to(CLI::App& command) {
  CLI::Option* index =
      command.add_option("--index", index_, "in the order of this index")->type_name("NAME");
  definition_.add_to(command);
  definition_.exclude(*index);
  const std::array<CLI::Option*, 4> limits{
      add_bound(command, at_least_, "--at-least", "from this on"),
      add_bound(command, greater_than_, "--greater-than", "from behind this on"),
      add_bound(command, at_most_, "--at-most", "up to this"),
      add_bound(command, less_than_, "--less-than", "up to before this")};
  CLI::Option* equal =
      add_bound(command, equal_, "--equal", "only what the order takes for equal to this");
  for (CLI::Option* limit : limits)
    equal->excludes(limit);
  limit_.add_to(command);
}

void ordered_scan::run(const buntdb::reader& items, scan_direction towards,
                       const common_options& common, output& out) const {
  if (!definition_.needs_index()) {
    print(items, plain(index_), towards, common, out);
    return;
  }
  const passing_index made(items, definition_.ordered(false));
  print(made.view(), passing_index::name, towards, common, out);
}

void ordered_scan::print(const buntdb::reader& items, std::string_view index,
                         scan_direction towards, const common_options& common, output& out) const {
  // The bounds point to these texts.
  std::array<std::string, 5> texts;
  std::size_t used = 0;
  const auto value = [&](const bound& given) -> std::optional<std::string_view> {
    if (given.argument.empty()) return std::nullopt;
    return texts.at(used++) = common.decoded(given.argument, given.name);
  };
  buntdb::bounds bounds{.at_least = value(at_least_),
                        .greater_than = value(greater_than_),
                        .at_most = value(at_most_),
                        .less_than = value(less_than_)};
  if (const auto equal = value(equal_)) bounds = {.at_least = equal, .at_most = equal};

  const std::string pattern = definition_.pattern();
  std::uint64_t left = limit_.value();
  if (left == 0) return;
  for (const buntdb::entry& entry : towards == scan_direction::ascending
                                        ? items.ascend(index, bounds)
                                        : items.descend(index, bounds)) {
    if (index.empty() && !buntdb::matches(pattern, entry.key)) continue;
    out.line(item_line(common, entry.key, entry.value));
    if (--left == 0) return;
  }
}

void ordered_scan::run_live(live_server& server, scan_direction towards,
                            const common_options& common, output& out) const {
  std::vector<std::string> request{towards == scan_direction::ascending ? "ascend" : "descend"};
  const std::string index = plain(index_);
  const auto add = [&](const char* name, const std::string& value) {
    request.insert(request.end(), {name, value});
  };
  const auto add_bound = [&](const char* name, const bound& given) {
    if (!given.argument.empty()) add(name, common.decoded(given.argument, given.name));
  };
  if (!index.empty()) add("index", index);
  add_bound("at-least", at_least_);
  add_bound("greater-than", greater_than_);
  add_bound("at-most", at_most_);
  add_bound("less-than", less_than_);
  add_bound("at-least", equal_);
  add_bound("at-most", equal_);
  if (index.empty()) add("pattern", definition_.pattern());
  add("limit", std::to_string(limit_.value()));
  server.ask_for_pages(request, [&](const reply& page) {
    for (std::size_t i = 0; i + 1 < page.elements.size(); i += 2)
      out.line(item_line(common, page.elements[i].text, page.elements[i + 1].text));
    return true;
  });
}
