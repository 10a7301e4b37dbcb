#include "commands/one_key.hpp"

#include <buntdb/database.hpp>
#include <buntdb/expiry.hpp>

#include "files/opened.hpp"

void one_key::add_to(CLI::App& command, const std::string& what_base64_means,
                     const std::string& what_json_prints) {
  common.add_file(command);
  common.add_via(command);
  command.add_option("KEY", key_argument, "the key")->required()->type_name("");
  common.add_base64(command, what_base64_means);
  common.add_json(command, what_json_prints);
}

exit_status one_key::look_up(output& out, const printer& print) const {
  const std::string key = common.decoded(key_argument, "KEY");
  if (const auto server = live_server::of(common, use::reading))
    return look_up_live(*server, key, out, print);
  opened file(common.file(), purpose::reading);
  const buntdb::snapshot view = file.database().begin_read();
  const auto there = view.find(key);
  if (!there) return say_absent(key, out);
  print({.key = key,
         .value = there->value,
         .ttl = view.ttl(key).value_or(buntdb::forever),
         .expires_at = there->expires_at});
  return exit_status::ok;
}

exit_status one_key::look_up_live(live_server& server, const std::string& key, output& out,
                                  const printer& print) const {
  const reply there = server.ask({"item", key});
  if (there.type != reply::kind::array) return say_absent(key, out);
  const reply& ends = member_of(there, "expires_at_ms");
  found item{.key = key,
             .value = member_of(there, "value").text,
             .ttl = buntdb::forever,
             .expires_at = buntdb::time_point::max()};
  if (ends.type == reply::kind::integer) {
    item.expires_at = buntdb::time_point(std::chrono::milliseconds(ends.integer));
    item.ttl = item.expires_at - buntdb::clock::system().now();
  }
  print(item);
  return exit_status::ok;
}

exit_status one_key::say_absent(const std::string& key, output& out) const {
  if (common.json) out.line("null");
  complain(common.file() + " has no key '" + key + "'");
  return exit_status::finding;
}
