#include "redis/routing/sentinels.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <scs/error.hpp>

#include "redis/connection/address_map.hpp"
#include "redis/protocol/command.hpp"
#include "redis/protocol/failure.hpp"

namespace scs::stores::redis_detail {

namespace {

using namespace std::chrono_literals;

/// The minimum of the time in which one sentinel must answer. It is limited so that the others can
/// also be asked.
constexpr std::chrono::milliseconds least_for_one_sentinel{250};
/// For how long an answer is believed while no sentinel announces anything.
constexpr std::chrono::seconds believed_for{1};
/// For how long a sentinel that has failed is not asked, if enough others answer.
constexpr std::chrono::seconds avoided_for{10};

settings for_sentinels(settings copy) {
  copy.kind = server_kind::sentinel;
  copy.options.user = copy.options.sentinel_user;
  copy.options.password = copy.options.sentinel_password;
  copy.options.database = 0;
  return copy;
}

/// The value after a name, of a list of names and values.
std::string_view field(const redisReply& list, std::string_view name) {
  if (list.type != REDIS_REPLY_ARRAY) return {};
  for (std::size_t i = 0; i + 1 < list.elements; i += 2) {
    if (text_of(*list.element[i]) == name) return text_of(*list.element[i + 1]);
  }
  return {};
}

template <class Number>
std::optional<Number> number_in(std::string_view digits) {
  Number value{};
  const char* const end = digits.data() + digits.size();
  const auto read = std::from_chars(digits.data(), end, value);
  if (read.ec != std::errc{} || read.ptr != end) return std::nullopt;
  return value;
}

}  // namespace

bool sentinels::view::is_unchallenged() const noexcept {
  return std::all_of(heard_.begin(), heard_.end(),
                     [](const subscription& each) { return each->usable(); });
}

sentinels::sentinels(const settings& with)
    : settings_(with), sentinel_settings_(for_sentinels(with)) {
  for (const address& each : with.servers)
    all_.push_back(
        {.questions = std::make_shared<pool>(each, sentinel_settings_), .announcements = nullptr});
}

sentinels::view sentinels::current() const {
  const std::lock_guard lock{mutex_};
  view now;
  now.master_ = master_;
  now.version_ = version_;
  now.askings_ = askings_;
  now.asked_at_ = last_asked_;
  now.heard_ = heard_;
  return now;
}

sentinels::view sentinels::confirmed(deadline until, const view* doubted) {
  view now = current();
  const bool doubtful = doubted != nullptr && doubted->askings_ == now.askings_;
  if (now.master_ && !doubtful && clock::now() - now.asked_at_ < believed_for &&
      now.is_unchallenged()) {
    return now;
  }
  ask(now, until);
  return current();
}

/// One thread at a time asks the sentinels; the others wait for what it learns.
class sentinels::turn {
 public:
  turn(sentinels& owner, deadline until) : owner_(owner) {
    std::unique_lock lock{owner_.mutex_};
    if (!owner_.asked_.wait_until(lock, until.moment(), [this] { return !owner_.asking_; })) {
      throw connection_failure{effect::none,
                               "redis: the sentinels do not say in time which is the master"};
    }
    owner_.asking_ = true;
  }
  ~turn() {
    {
      const std::lock_guard lock{owner_.mutex_};
      owner_.asking_ = false;
    }
    owner_.asked_.notify_all();
  }
  turn(const turn&) = delete;
  turn& operator=(const turn&) = delete;

 private:
  sentinels& owner_;
};

/// Returns all sentinels. Those that have failed recently are the last.
std::vector<sentinels::sentinel*> sentinels::in_order() {
  std::vector<sentinel*> order;
  for (sentinel& each : all_)
    order.push_back(&each);
  std::stable_partition(order.begin(), order.end(), [now = clock::now()](const sentinel* each) {
    return each->avoided_until <= now;
  });
  return order;
}

void sentinels::ask(const view& seen, deadline until) {
  const turn mine{*this, until};
  if (current().askings_ != seen.askings_) return;
  const std::size_t needed = all_.size() / 2 + 1;
  std::size_t answered = 0;
  opinion newest;
  std::string reason;
  auto left = static_cast<std::chrono::milliseconds::rep>(all_.size());
  for (sentinel* const each : in_order()) {
    const auto time = std::max(least_for_one_sentinel, until.remaining() / (2 * left--));
    if (answered >= needed && each->avoided_until > clock::now()) continue;
    try {
      const opinion said = opinion_of(*each, until.at_most(time));
      if (answered == 0 || said.epoch > newest.epoch) newest = said;
      ++answered;
      each->avoided_until = {};
    } catch (const std::exception& failure) {
      reason = failure.what();
      each->avoided_until = clock::now() + avoided_for;
    }
  }
  if (answered < needed) {
    throw connection_failure{effect::none, "redis: " + std::to_string(answered) + " of " +
                                               std::to_string(all_.size()) +
                                               " sentinels say which is the master, and more than "
                                               "half must: " +
                                               reason};
  }
  install(newest);
}

/// Listens first: a failover after the answer is then announced.
sentinels::opinion sentinels::opinion_of(sentinel& asked, deadline until) {
  listen_to(asked, until);
  const std::string& name = settings_.options.sentinel_master;
  std::string commands;
  append_command(commands, {"SENTINEL", "GET-MASTER-ADDR-BY-NAME", name});
  append_command(commands, {"SENTINEL", "MASTER", name});
  std::array<reply, 2> answers;
  asked.questions->exchange(commands, answers, until);
  return parse(asked, *answers[0], *answers[1]);
}

/// `place` is the address, already of a replica that is being promoted; `details` are a list of all
/// that the sentinel knows of the master.
sentinels::opinion sentinels::parse(const sentinel& from, const redisReply& place,
                                    const redisReply& details) const {
  const std::string who = from.questions->server().text();
  if (place.type == REDIS_REPLY_NIL) {
    throw error(errc::store_failed, "redis: the sentinel " + who + " knows no master \"" +
                                        settings_.options.sentinel_master +
                                        "\"; see sentinel_master");
  }
  for (const redisReply* const each : {&place, &details}) {
    if (is_error(*each)) throw_server_error(who, text_of(*each));
  }
  opinion said;
  const bool known = place.type == REDIS_REPLY_ARRAY && place.elements == 2;
  const auto port = number_in<std::uint16_t>(known ? text_of(*place.element[1]) : "");
  const auto epoch = number_in<std::uint64_t>(field(details, "config-epoch"));
  if (!port || !epoch) {
    throw error(errc::store_failed,
                "redis: the sentinel " + who + " does not say where the master is");
  }
  said.master = address{std::string{text_of(*place.element[0])}, *port};
  said.epoch = *epoch;
  return said;
}

void sentinels::listen_to(sentinel& heard, deadline until) {
  if (heard.announcements && heard.announcements->usable()) return;
  heard.announcements = nullptr;
  const address& where = heard.questions->server();
  auto made = std::make_shared<connection>(where, sentinel_settings_, until);
  std::string commands;
  // The second one comes earlier, from the sentinel that leads a failover.
  append_command(commands, {"SUBSCRIBE", "+switch-master", "+promoted-slave"});
  std::array<reply, 2> answers;
  made->exchange(commands, answers, until);
  for (const reply& answer : answers) {
    if (is_error(*answer)) throw_server_error(where.text(), text_of(*answer));
  }
  heard.announcements = std::move(made);
}

void sentinels::install(const opinion& newest) {
  const address where = reachable(newest.master, settings_.options);
  require_allowed(where, settings_.options);
  std::vector<subscription> heard;
  for (const sentinel& each : all_) {
    if (each.announcements) heard.push_back(each.announcements);
  }
  std::shared_ptr<pool> gone;  // closed after the lock is released
  const std::lock_guard lock{mutex_};
  ++askings_;
  last_asked_ = clock::now();
  heard_.swap(heard);
  if (master_ && master_->server() == where) return;
  ++version_;
  gone = std::exchange(
      master_, std::make_shared<pool>(
                   where, settings_,
                   "; the sentinels announce this address: if it is not reachable from here, set "
                   "redis_options::address_map, or replica-announce-ip at the server"));
}

}  // namespace scs::stores::redis_detail
