#include "watch/live_changes.hpp"

namespace {

constexpr std::size_t key_position = 2;

const reply& element(const reply& told, std::size_t position) {
  static const reply none;
  return position < told.elements.size() ? told.elements[position] : none;
}

}  // namespace

std::optional<live_change> live_change_of(const reply& told) {
  const std::string& kind = element(told, 0).text;
  if (kind != "set" && kind != "del" && kind != "expired") return std::nullopt;
  live_change happened;
  happened.revision = static_cast<std::uint64_t>(element(told, 1).integer);
  happened.what.key = element(told, key_position).text;
  if (kind == "del") happened.what.kind = change_kind::erased;
  if (kind == "expired") happened.what.kind = change_kind::expired;
  if (kind != "set") return happened;
  happened.what.value = element(told, key_position + 1).text;
  const reply& ends = element(told, key_position + 2);
  if (ends.type == reply::kind::integer) happened.what.expires_at_second = ends.integer / 1000;
  return happened;
}

std::uint64_t missed_in(const reply& told) {
  return static_cast<std::uint64_t>(element(told, key_position).integer);
}
