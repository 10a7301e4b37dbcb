#include "stores/site.hpp"

#include <utility>

namespace bench::stores {

site::site(std::string name, std::unique_ptr<scs::session_manager> manager, std::size_t sessions)
    : name_(std::move(name)), manager_(std::move(manager)), cookies_(sessions) {
  constexpr std::size_t filler_size = 132;
  for (std::size_t browser = 0; browser < sessions; ++browser) {
    scs::session session = manager_->load("");
    session.put("filler", std::string(filler_size, 'x'));
    session.put("counter", 100'000);
    commit(session, browser);
  }
}

void site::read(std::size_t browser) {
  scs::session session = manager_->load(cookies_[browser]);
  session.get<int>("counter").value();
  commit(session, browser);
}

void site::write(std::size_t browser) {
  scs::session session = manager_->load(cookies_[browser]);
  session.put("counter", session.get<int>("counter").value() + 1);
  commit(session, browser);
}

void site::commit(scs::session& session, std::size_t browser) {
  for (const scs::header& line : manager_->commit(session)) {
    if (line.name == "Set-Cookie") {
      cookies_[browser] = line.value.substr(0, line.value.find(';'));
    }
  }
}

}  // namespace bench::stores
