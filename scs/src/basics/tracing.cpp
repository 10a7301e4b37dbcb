#include <array>

#include <scs/session/tracing.hpp>

namespace scs {

std::string_view name_of(traced_operation traced) noexcept {
  static constexpr std::array<std::string_view, traced_operation_count> names{
      "session.load",         "session.commit",      "session.abandon",     "session.store.find",
      "session.store.commit", "session.store.touch", "session.store.erase", "session.store.list"};
  const auto index = static_cast<std::size_t>(traced);
  return index < names.size() ? names.at(index) : "unknown";
}

}  // namespace scs
