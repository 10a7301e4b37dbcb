#include "commands/one_key.hpp"

#include <buntdb/database.hpp>

#include "files/opened.hpp"

void one_key::add_to(CLI::App& command, const std::string& what_base64_means,
                     const std::string& what_json_prints) {
  common.add_file(command);
  command.add_option("KEY", key_argument, "the key")->required()->type_name("");
  common.add_base64(command, what_base64_means);
  common.add_json(command, what_json_prints);
}

exit_status one_key::look_up(output& out, const printer& print) const {
  const std::string key = common.decoded(key_argument, "KEY");
  opened file(common.file(), purpose::reading);
  const buntdb::snapshot view = file.database().begin_read();
  const auto found = view.find(key);
  if (!found) {
    if (common.json) out.line("null");
    complain(common.file() + " has no key '" + key + "'");
    return exit_status::finding;
  }
  print(view, key, *found);
  return exit_status::ok;
}
