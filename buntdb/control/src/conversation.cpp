#include "conversation.hpp"

#include <cctype>
#include <exception>
#include <span>
#include <string_view>
#include <utility>

#include <buntdb/error.hpp>
#include <buntstore/internal/ascii.hpp>

#include "socket/stream.hpp"

namespace buntdb::control {

namespace {

constexpr std::chrono::minutes max_age_of_pages{10};

/// Returns the code of an error of this library as clients see it: TOO_LARGE.
std::string code_of(const std::exception& failure) {
  const auto* known = dynamic_cast<const error*>(&failure);
  if (known == nullptr || known->code().category() != error_category()) return "ERR";
  std::string code(to_string(static_cast<errc>(known->code().value())));
  for (char& c : code)
    c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return code;
}

}  // namespace

/// A request as a command sees it.
class conversation::call final : public control_call {
 public:
  call(conversation& owner, const std::vector<std::string>& request, client_reply& to) noexcept
      : owner_(owner), arguments_(std::span(request).subspan(1)), reply_(to) {}

  std::span<const std::string> arguments() const override { return arguments_; }
  control_reply& reply() override { return reply_; }

  void answer_in_pages(std::unique_ptr<control_pages> pages) override {
    owner_.pages_ = std::move(pages);
    owner_.pages_since_ = std::chrono::steady_clock::now();
    ++owner_.cursor_;
    owner_.write_page(reply_);
  }

  bool is_abandoned() override {
    streamed_ = true;
    return reply_.is_abandoned();
  }

  bool has_streamed() const noexcept { return streamed_; }

 private:
  conversation& owner_;
  std::span<const std::string> arguments_;
  client_reply& reply_;
  bool streamed_ = false;
};

conversation::~conversation() = default;

conversation::then conversation::answer(const std::vector<std::string>& request, client_reply& to) {
  const std::size_t before = to.written();
  const std::string& name = request[0];
  try {
    if (buntstore::text::equals_ignoring_case(name, "next")) {
      next_page(request, to);
    } else if (buntstore::text::equals_ignoring_case(name, "quit")) {
      to.status("OK");
      return then::close;
    } else if (const control_command* const command = commands_.find(name)) {
      call made(*this, request, to);
      command->run(made);
      if (made.has_streamed()) return then::close;
    } else {
      constexpr std::size_t shown = 64;
      to.error("ERR", "there is no command '" + name.substr(0, shown) + "': see help");
    }
    return then::next_request;
  } catch (const client_lost&) {
    throw;  // there is no client to answer
  } catch (const std::exception& failure) {
    pages_.reset();
    // An answer that has begun cannot become an error.
    if (to.written() != before) return then::close;
    to.error(code_of(failure), failure.what());
    return then::next_request;
  }
}

void conversation::next_page(const std::vector<std::string>& request, client_reply& to) {
  if (request.size() != 2) throw error(errc::invalid_argument, "usage: next CURSOR");
  if (pages_ && std::chrono::steady_clock::now() - pages_since_ > max_age_of_pages) pages_.reset();
  if (!pages_ || request[1] != std::to_string(cursor_)) {
    throw error(errc::invalid_argument,
                "this cursor has ended: its last page was sent, another long answer was begun, or "
                "ten minutes have passed");
  }
  write_page(to);
}

void conversation::write_page(client_reply& to) {
  const bool has_more = pages_->load();
  to.array(2);
  to.text(has_more ? std::to_string(cursor_) : "0");
  pages_->write(to);
  if (!has_more) pages_.reset();
}

}  // namespace buntdb::control
