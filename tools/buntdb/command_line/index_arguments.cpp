#include "command_line/index_arguments.hpp"

#include <buntdb/error.hpp>

#include "command_line/arguments.hpp"
#include "output/exit_status.hpp"

void index_arguments::add_to(CLI::App& command) {
  options_.push_back(
      command
          .add_option("--by", orderings_,
                      "int, desc:json:age, key_part:1:\\::string …; again for what decides ties")
          ->type_name("ORDERING")
          // One value each, so that it does not take the argument that follows.
          ->allow_extra_args(false));
  add_pattern_to(command);
  options_.push_back(command.add_flag(
      "--sparse", sparse_, "leave out items in which the first json: ordering finds nothing"));
}

void index_arguments::add_pattern_to(CLI::App& command) {
  options_.push_back(
      command.add_option("--pattern", pattern_, "only keys that match, such as 'user:*'")
          ->type_name("PATTERN"));
  options_.push_back(command.add_flag("--ignore-case", ignore_case_,
                                      "upper and lower case are the same to the pattern"));
}

void index_arguments::exclude(CLI::Option& option) const {
  for (CLI::Option* mine : options_)
    mine->excludes(&option);
}

std::string index_arguments::pattern() const {
  return pattern_.empty() ? "*" : plain(pattern_);
}

buntdb::index_options index_arguments::ordered(bool persistent) const {
  buntdb::index_options options{.pattern = pattern(),
                                .ignore_case = ignore_case_,
                                .sparse = sparse_,
                                .persistent = persistent};
  for (const std::string& argument : orderings_) {
    try {
      options.order.push_back(buntdb::parse_ordering(plain(argument)));
    } catch (const buntdb::error& failure) {
      throw usage_error("--by " + plain(argument) + ": " + failure.what());
    }
  }
  return options;
}

buntdb::spatial_index_options index_arguments::spatial(bool persistent) const {
  if (!orderings_.empty()) throw usage_error("--spatial does not go with --by");
  if (sparse_) throw usage_error("--spatial does not go with --sparse");
  return {.pattern = pattern(), .ignore_case = ignore_case_, .persistent = persistent};
}
