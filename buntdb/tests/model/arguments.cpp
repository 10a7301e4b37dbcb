#include "model/arguments.hpp"

#include <charconv>
#include <cstdlib>
#include <iostream>
#include <string_view>

namespace buntdb::model {

namespace {

[[noreturn]] void explain(const char* program) {
  std::cerr << "usage: " << program
            << " [--seed S] [--seconds N] [--rounds N] [--operations N]\n"
               "       [--policy never|every_second|always]   (default: all in turn)\n";
  std::exit(2);
}

}  // namespace

std::string name_of(sync_policy policy) {
  switch (policy) {
    case sync_policy::never:
      return "never";
    case sync_policy::every_second:
      return "every_second";
    case sync_policy::always:
      return "always";
  }
  return "?";
}

arguments parse(int count, char** words) {
  arguments result;
  for (int i = 1; i < count; i += 2) {
    const std::string_view option = words[i];
    if (i + 1 == count) explain(words[0]);
    const std::string_view value = words[i + 1];
    if (option == "--policy") {
      bool known = false;
      for (const sync_policy each : arguments{}.policies) {
        if (value != name_of(each)) continue;
        result.policies = {each};
        known = true;
      }
      if (!known) explain(words[0]);
      continue;
    }
    std::uint64_t number = 0;
    const auto [end, problem] = std::from_chars(value.data(), value.data() + value.size(), number);
    if (problem != std::errc() || end != value.data() + value.size()) explain(words[0]);
    if (option == "--seed") {
      result.seed = number;
    } else if (option == "--seconds") {
      result.seconds = number;
    } else if (option == "--rounds") {
      result.rounds = number;
    } else if (option == "--operations") {
      result.operations = number;
    } else {
      explain(words[0]);
    }
  }
  if (!result.seconds && !result.rounds) result.rounds = 1;
  return result;
}

}  // namespace buntdb::model
