#include <scs/error.hpp>

#include "redis/protocol/failure.hpp"
#include "redis/routing/router.hpp"

namespace scs::stores::redis_detail {

namespace {

class single_router final : public router {
 public:
  explicit single_router(const settings& with)
      : options_(with.options), server_(std::make_shared<pool>(with.servers.front(), with)) {}

  reply call(const request& what, deadline until) override {
    if (what.again == repeatable::no) return ask(what, until, freshness::any);
    try {
      // A connection may be dead without a sign. This limit leaves time for another connection.
      return send_once(what, until.at_most(options_.timeout / 2), freshness::any);
    } catch (const connection_failure& failure) {
      // A server that is down would refuse the second try, too.
      if (failure.done() == effect::none || until.passed()) throw_failed(failure);
    }
    return ask(what, until, freshness::fresh);
  }

  std::shared_ptr<pool> server_of(std::string_view, deadline) override { return server_; }
  layout current_layout(deadline) override { return {.masters = {server_}, .version = 0}; }

 private:
  reply ask(const request& what, deadline until, freshness wanted) {
    try {
      return send_once(what, until, wanted);
    } catch (const connection_failure& failure) {
      throw_failed(failure);
    }
  }

  reply send_once(const request& what, deadline until, freshness wanted) {
    reply answer = send(*server_, what, asking::no, options_, until, wanted);
    if (!is_error(*answer)) return answer;
    if (may_have_changed(*answer)) server_->distrust();
    throw_server_error(server_->server().text(), text_of(*answer));
  }

  const redis_options& options_;
  const std::shared_ptr<pool> server_;
};

}  // namespace

bool may_have_changed(const redisReply& answer) noexcept {
  return is_error(answer, "READONLY") || is_error(answer, "LOADING") ||
         is_error(answer, "MASTERDOWN");
}

std::unique_ptr<router> make_router(const settings& with) {
  switch (with.options.mode) {
    case redis_mode::cluster:
      return make_cluster_router(with);
    case redis_mode::sentinel:
      return make_sentinel_router(with);
    case redis_mode::single:
      break;
  }
  return make_single_router(with);
}

std::unique_ptr<router> make_single_router(const settings& with) {
  return std::make_unique<single_router>(with);
}

void throw_failed(const connection_failure& failure) {
  std::string message = failure.what();
  if (failure.done() == effect::unknown) {
    message += "; what was asked of it may have taken place or not";
  }
  throw error(errc::store_failed, message);
}

}  // namespace scs::stores::redis_detail
