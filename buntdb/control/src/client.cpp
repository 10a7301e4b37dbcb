#include "client.hpp"

#include <exception>
#include <utility>

#include "thread/blocked_signals.hpp"

namespace buntdb::control {

bool memory_budget::take(std::size_t bytes) noexcept {
  std::size_t left = left_.load();
  do {
    if (left < bytes) return false;
  } while (!left_.compare_exchange_weak(left, left - bytes));
  return true;
}

/// A client's stream, in the form in which commands write to it.
class client::reply final : public client_reply {
 public:
  explicit reply(client& owner) noexcept : owner_(owner) {}

  void flush() override { owner_.stream_.flush(); }
  std::size_t written() const noexcept override { return owner_.stream_.written(); }
  bool is_abandoned() noexcept override {
    return owner_.is_stopped() || !owner_.input_.empty() || owner_.stream_.has_input();
  }

 protected:
  void write(std::string_view bytes) override { owner_.stream_.write(bytes); }

 private:
  client& owner_;
};

client::client(descriptor socket, const client_environment& environment,
               std::function<void()> finished)
    : environment_(environment),
      stream_(std::move(socket), environment.send_timeout),
      parser_(environment.max_request_bytes),
      conversation_(environment.commands),
      on_finished_(std::move(finished)) {
  const blocked_signals blocked;
  thread_ = std::thread([this] { serve(); });
}

client::~client() {
  thread_.join();
}

std::optional<client::clock::time_point> client::waits_since() const {
  const std::lock_guard lock(mutex_);
  if (state_ != state::waiting) return std::nullopt;
  return waits_since_;
}

bool client::evict() {
  const std::lock_guard lock(mutex_);
  if (state_ == state::running) return false;
  state_ = state::stopped;
  stream_.end();
  return true;
}

void client::stop() {
  const std::lock_guard lock(mutex_);
  state_ = state::stopped;
  stream_.end();
}

bool client::is_stopped() const {
  const std::lock_guard lock(mutex_);
  return state_ == state::stopped;
}

/// Returns false if the client was evicted or stopped.
bool client::begin_running() {
  const std::lock_guard lock(mutex_);
  if (state_ == state::stopped) return false;
  state_ = state::running;
  return true;
}

bool client::begin_waiting() {
  const std::lock_guard lock(mutex_);
  if (state_ == state::stopped) return false;
  state_ = state::waiting;
  waits_since_ = clock::now();
  return true;
}

void client::serve() {
  try {
    serve_requests();
  } catch (const std::exception&) {  // NOLINT(bugprone-empty-catch): the connection ends
  }
  discharge();
  stream_.end();
  finished_.store(true);
  on_finished_();
}

void client::serve_requests() {
  reply to(*this);
  for (;;) {
    std::optional<std::vector<std::string>> request;
    try {
      request = receive();
    } catch (const protocol_error& failure) {
      // A client that reads this error may send its request again at once.
      parser_ = request_parser(environment_.max_request_bytes);
      discharge();
      to.error("ERR", std::string("protocol error: ") + failure.what());
      return to.flush();
    }
    if (!request || !begin_running()) return;
    const conversation::then next = conversation_.answer(*request, to);
    request.reset();
    discharge();
    to.flush();
    if (next == conversation::then::close || !begin_waiting()) return;
  }
}

/// Returns nothing if the client has disconnected or the deadline has passed.
std::optional<std::vector<std::string>> client::receive() {
  const clock::time_point deadline = clock::now() + environment_.idle_timeout;
  for (;;) {
    if (auto request = parser_.take(input_)) return request;
    charge();
    input_ = stream_.read(deadline);
    if (input_.empty()) return std::nullopt;
  }
}

void client::charge() {
  const std::size_t held = parser_.held_bytes();
  if (held <= charged_bytes_) return;
  if (!environment_.budget.take(held - charged_bytes_)) {
    throw protocol_error(
        "the requests of all clients together are larger than control_options::max_request_bytes");
  }
  charged_bytes_ = held;
}

void client::discharge() noexcept {
  environment_.budget.give_back(std::exchange(charged_bytes_, 0));
}

}  // namespace buntdb::control
