#include "scans/spatial_scan.hpp"

#include "output/exit_status.hpp"
#include "scans/item_line.hpp"
#include "scans/passing_index.hpp"

void spatial_scan::add_to(CLI::App& command) {
  command
      .add_option("RECT", rect_,
                  "'[1 2]', '[1 2],[3 4]', 'POINT(1 2)' and other well-known text, or GeoJSON")
      ->required()
      ->type_name("");
  CLI::Option* index =
      command.add_option("--index", index_, "what this spatial index has")->type_name("NAME");
  definition_.add_pattern_to(command);
  definition_.exclude(*index);
  limit_.add_to(command);
}

void spatial_scan::run(const buntdb::reader& items, spatial_search what,
                       const common_options& common, output& out) const {
  if (!index_.empty()) {
    print(items, plain(index_), what, common, out);
    return;
  }
  const passing_index made(items, definition_.spatial(false));
  print(made.view(), passing_index::name, what, common, out);
}

void spatial_scan::print(const buntdb::reader& items, std::string_view index, spatial_search what,
                         const common_options& common, output& out) const {
  const auto area = buntdb::parse_rect(plain(rect_));
  if (!area) throw usage_error("RECT is no rectangle: '" + plain(rect_) + "'");
  std::uint64_t left = limit_.value();
  if (left == 0) return;
  if (what == spatial_search::nearby) {
    auto found = items.nearby(index, *area);
    for (const buntdb::neighbor& item : found) {
      out.line(item_line(common, item.key, item.value, item.distance));
      if (--left == 0) return;
    }
  } else {
    auto found = items.intersects(index, *area);
    for (const buntdb::entry& item : found) {
      out.line(item_line(common, item.key, item.value));
      if (--left == 0) return;
    }
  }
}
