// ascend, descend: items in an order, page by page.

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <buntdb/match.hpp>

#include "commands/arguments.hpp"
#include "commands/built_in.hpp"

namespace buntdb::control {

namespace {

constexpr std::size_t max_page_items = 1000;
constexpr std::size_t max_page_bytes = std::size_t{256} << 10U;
/// The greatest number of keys without a match that one page examines, so that each answer comes
/// soon.
constexpr std::size_t max_page_steps = 100'000;

enum class scan_direction { ascending, descending };

/// What a client has requested. It owns the texts that the bounds point to.
struct scan_request {
  std::string index;
  std::optional<std::string> at_least;
  std::optional<std::string> greater_than;
  std::optional<std::string> at_most;
  std::optional<std::string> less_than;
  std::string pattern = "*";
  std::uint64_t limit = std::numeric_limits<std::uint64_t>::max();

  scan_request(std::span<const std::string> given, std::string_view usage) {
    argument_reader arguments(given, usage);
    while (!arguments.at_end()) {
      if (arguments.take_word("index")) {
        index = arguments.next();
      } else if (arguments.take_word("at-least")) {
        at_least = arguments.next();
      } else if (arguments.take_word("greater-than")) {
        greater_than = arguments.next();
      } else if (arguments.take_word("at-most")) {
        at_most = arguments.next();
      } else if (arguments.take_word("less-than")) {
        less_than = arguments.next();
      } else if (arguments.take_word("pattern")) {
        pattern = arguments.next();
      } else if (arguments.take_word("limit")) {
        limit = arguments.next_number();
      } else {
        arguments.refuse();
      }
    }
  }

  buntdb::bounds bounds() const {
    const auto text = [](const std::optional<std::string>& given) -> std::optional<bound> {
      if (!given) return std::nullopt;
      return bound(*given);
    };
    return {.at_least = text(at_least),
            .greater_than = text(greater_than),
            .at_most = text(at_most),
            .less_than = text(less_than)};
  }
};

/// The entries point into the snapshot, so that no value is copied.
class item_pages final : public control_pages {
 public:
  item_pages(const database& db, scan_request wanted, scan_direction towards)
      : wanted_(std::move(wanted)),
        view_(db.begin_read()),
        range_(towards == scan_direction::ascending
                   ? view_.ascend(wanted_.index, wanted_.bounds())
                   : view_.descend(wanted_.index, wanted_.bounds())),
        at_(range_.begin()) {}

  bool load() override {
    page_.clear();
    std::size_t bytes = 0;
    for (std::size_t steps = 0; steps < max_page_steps; ++steps) {
      if (at_ == range::end() || wanted_.limit == 0) return false;
      if (page_.size() >= max_page_items || bytes >= max_page_bytes) return true;
      const entry here = *at_;
      ++at_;
      if (wanted_.pattern != "*" && !matches(wanted_.pattern, here.key)) continue;
      page_.push_back(here);
      bytes += here.key.size() + here.value.size();
      --wanted_.limit;
    }
    return true;
  }

  void write(control_reply& to) override {
    to.array(2 * page_.size());
    for (const entry& each : page_) {
      to.text(each.key);
      to.text(each.value);
    }
  }

 private:
  scan_request wanted_;
  snapshot view_;
  range range_;
  range::iterator at_;
  std::vector<entry> page_;
};

void add(std::vector<control_command>& to, const command_context& context, const std::string& name,
         scan_direction towards) {
  const std::string usage = name +
                            " [index NAME] [at-least V] [greater-than V] [at-most V] "
                            "[less-than V] [pattern GLOB] [limit N]";
  to.push_back({name, usage, [&db = context.db, usage, towards](control_call& call) {
                  scan_request wanted(call.arguments(), usage);
                  matches(wanted.pattern, "");  // throws if this is not a valid pattern
                  call.answer_in_pages(
                      std::make_unique<item_pages>(db, std::move(wanted), towards));
                }});
}

}  // namespace

void add_scan_commands(std::vector<control_command>& to, const command_context& context) {
  add(to, context, "ascend", scan_direction::ascending);
  add(to, context, "descend", scan_direction::descending);
}

}  // namespace buntdb::control
