#include "order/definition.hpp"

namespace buntdb::order {

namespace {

std::optional<std::string_view> part_of(std::string_view key, std::string_view separator,
                                        std::size_t part) {
  for (;; --part) {
    const std::size_t end = key.find(separator);
    if (part == 0) return key.substr(0, end);
    if (end == std::string_view::npos) return std::nullopt;
    key.remove_prefix(end + separator.size());
  }
}

}  // namespace

std::optional<std::string_view> subject_of(const definition& definition, const entry& of) {
  switch (definition.looks_at) {
    case definition::subject::key:
      return of.key;
    case definition::subject::key_part:
      return part_of(of.key, definition.separator, definition.part);
    case definition::subject::value:
      break;
  }
  return of.value;
}

bool custom_less(const definition& definition, const entry& a, const entry& b) {
  const entry first{a.key, subject_of(definition, a).value_or(std::string_view())};
  const entry second{b.key, subject_of(definition, b).value_or(std::string_view())};
  return definition.descending ? definition.less(second, first) : definition.less(first, second);
}

}  // namespace buntdb::order
