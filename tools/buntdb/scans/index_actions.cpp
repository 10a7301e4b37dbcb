#include "scans/index_actions.hpp"

#include "command_line/words.hpp"
#include "output/exit_status.hpp"
#include "text/json_text.hpp"

namespace {

json as_object(const buntdb::index_info& index) {
  json object;
  put_bytes(object, "name", index.name, spelling::as_they_are);
  object["kind"] = index.spatial ? "spatial" : "ordered";
  put_bytes(object, "pattern", index.pattern, spelling::as_they_are);
  object["ignore_case"] = index.ignore_case;
  if (!index.spatial) {
    object["sparse"] = index.sparse;
    object["unique"] = index.unique;
    object["keeps_sort_keys"] = index.keep_sort_keys;
    object["order"] = json::array();
    for (const buntdb::ordering& order : index.order)
      object["order"].push_back(json_safe(buntdb::to_text(order)));
  }
  object["persistent"] = index.persistent;
  return object;
}

/// Returns the options in the form in which they would be typed.
std::string as_options(const buntdb::index_info& index) {
  std::string line = as_word(index.name);
  if (index.spatial) line += " --spatial";
  for (const buntdb::ordering& order : index.order)
    line += " --by " + as_word(buntdb::to_text(order));
  if (index.pattern != "*") line += " --pattern " + as_word(index.pattern);
  if (index.ignore_case) line += " --ignore-case";
  if (index.sparse) line += " --sparse";
  if (index.unique) line += " --unique";
  if (!index.keep_sort_keys) line += " --compute-sort-keys";
  return line;
}

}  // namespace

void index_actions::add_to(CLI::App& command) {
  command.add_option("ACTION", action_, "list, create or drop")
      ->required()
      ->type_name("list|create|drop");
  command.add_option("NAME", name_, "which index: with create and drop")->type_name("");
  command.add_flag("--spatial", spatial_, "the values are rectangles: nearby and intersects");
  definition_.add_to(command);
  command.add_flag("--unique", unique_, "no two items that the orderings take for equal");
  command.add_flag("--compute-sort-keys", compute_sort_keys_,
                   "keep no sort keys in memory: less memory, slower comparisons");
}

bool index_actions::lists() const {
  const std::string action = plain(action_);
  if (action != "list" && action != "create" && action != "drop") {
    throw usage_error("'" + action + "' is none of list, create and drop");
  }
  if (action != "create" && (spatial_ || unique_ || compute_sort_keys_ || definition_.given())) {
    throw usage_error("index " + action + " takes no --spatial, --by, --pattern and the like");
  }
  if (action == "list") {
    if (!name_.empty()) throw usage_error("index list takes no name");
    return true;
  }
  if (spatial_ && unique_) throw usage_error("--spatial does not go with --unique");
  if (spatial_ && compute_sort_keys_)
    throw usage_error("--spatial does not go with --compute-sort-keys");
  if (name().empty()) throw usage_error("index " + action + ": which? It takes a name");
  return false;
}

void index_actions::list(const buntdb::reader& items, bool as_json, output& out) {
  for (const std::string& name : items.indexes()) {
    const auto index = items.index(name);
    out.line(as_json ? json_line(as_object(*index)) : as_options(*index));
  }
}

bool index_actions::drops() const {
  return plain(action_) == "drop";
}

std::string index_actions::name() const {
  return plain(name_);
}

buntdb::error index_actions::not_found(const std::string& name) {
  return {buntdb::errc::index_not_found, "there is no index '" + name + "'"};
}
