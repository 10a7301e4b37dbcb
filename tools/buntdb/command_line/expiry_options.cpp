#include "command_line/expiry_options.hpp"

#include "command_line/arguments.hpp"
#include "output/exit_status.hpp"
#include "text/times.hpp"

void expiry_options::add_to(CLI::App& command) {
  CLI::Option* ttl = add_ttl_to(command, "for how long: 30m, 7d, 1h30m");
  command.add_option("--expires-at", expires_at_, "until when: RFC 3339, or Unix seconds")
      ->type_name("MOMENT")
      ->excludes(ttl);
}

CLI::Option* expiry_options::add_ttl_to(CLI::App& command, const std::string& description) {
  return command.add_option("--ttl", ttl_, description)->type_name("TIME");
}

buntdb::set_options expiry_options::parsed() const {
  buntdb::set_options options;
  if (!ttl_.empty()) {
    const std::string text = plain(ttl_);
    options.ttl = parse_duration(text);
    if (!options.ttl || options.ttl->nanoseconds().count() == 0) {
      throw usage_error("--ttl takes a time such as 500ms, 30s, 15m, 24h, 7d or 1h30m, not '" +
                        text + "'");
    }
  }
  if (!expires_at_.empty()) {
    const std::string text = plain(expires_at_);
    options.expires_at = parse_moment(text);
    if (!options.expires_at) {
      throw usage_error(
          "--expires-at takes a moment such as 2030-01-31T12:00:00Z or Unix seconds, not '" + text +
          "'");
    }
    if (options.expires_at->moment() <= buntdb::clock::system().now()) {
      throw usage_error("--expires-at " + text + " has passed, so nothing was stored");
    }
  }
  return options;
}
