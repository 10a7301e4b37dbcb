#include "json/query.hpp"

#include "text/ascii.hpp"

namespace buntdb::json {

namespace {

template <class Value>
bool compare(const Value& found, query::comparison how, const Value& wanted) {
  switch (how) {
    case query::comparison::equal:
      return found == wanted;
    case query::comparison::not_equal:
      return found != wanted;
    case query::comparison::less:
      return found < wanted;
    case query::comparison::less_or_equal:
      return found <= wanted;
    case query::comparison::greater:
      return found > wanted;
    case query::comparison::greater_or_equal:
      return found >= wanted;
    default:
      return false;
  }
}

bool compare_text(std::string_view found, const query& query) {
  if (query.pattern) {
    return query.pattern->matches(found) == (query.how == query::comparison::like);
  }
  return compare(found, query.how, std::string_view(query.value));
}

bool compare_string(const value& found, const query& query) {
  if (!found.is_escaped()) return compare_text(found.inside(), query);
  return compare_text(found.text(), query);
}

/// As in gjson: `<` and `>` hold only against the other boolean, and `<=` and `>=` ignore the value
/// they compare with.
bool compare_truth(bool found, query::comparison how, std::string_view wanted) {
  switch (how) {
    case query::comparison::equal:
      return wanted == (found ? "true" : "false");
    case query::comparison::not_equal:
      return wanted != (found ? "true" : "false");
    case query::comparison::less:
      return !found && wanted == "true";
    case query::comparison::less_or_equal:
      return !found;
    case query::comparison::greater:
      return found && wanted == "false";
    case query::comparison::greater_or_equal:
      return found;
    default:
      return false;
  }
}

bool is_true(const value& found) {
  switch (found.type()) {
    case type::true_value:
      return true;
    case type::number:
      return found.number() != 0;
    case type::string: {
      const std::string text = found.text();
      return text == "1" || text::equals_ignoring_case(text, "t") ||
             text::equals_ignoring_case(text, "true");
    }
    default:
      return false;
  }
}

}  // namespace

bool query::matches(std::string_view element) const {
  json::value found(element);
  if (found.type() == type::json) {
    found = get(element, *path);
  } else if (!of_element) {
    return false;
  }
  if (truth) return how == comparison::exists || compare_truth(is_true(found), how, value);
  if (!found.exists()) return false;
  if (how == comparison::exists) return true;
  switch (found.type()) {
    case type::string:
      return compare_string(found, *this);
    case type::number:
      return compare(found.number(), how, number);
    case type::true_value:
    case type::false_value:
      return compare_truth(found.type() == type::true_value, how, value);
    default:
      return false;
  }
}

}  // namespace buntdb::json
