#include <cmath>
#include <utility>

#include <buntdb/error.hpp>
#include <buntdb/ordering.hpp>

#include "order/definition.hpp"
#include "order/sort_key.hpp"
#include "text/float_text.hpp"

namespace buntdb {

namespace {

using order::definition;

ordering made(definition definition) {
  return ordering(std::make_shared<const order::definition>(std::move(definition)));
}

ordering of_kind(order::definition_kind kind) {
  definition definition;
  definition.kind = kind;
  return made(std::move(definition));
}

bool is_nan(const definition& definition, const entry& of) {
  const auto subject = order::subject_of(definition, of);
  return subject && std::isnan(text::parse_float(*subject));
}

}  // namespace

bool ordering::is_portable() const noexcept {
  using enum order::definition_kind;
  switch (definition_->kind) {
    case sort_key:
    case custom:
      return false;
    case json: {
      const order::definition& strings = *definition_->strings;
      return !strings.descending && (strings.kind == string || strings.kind == binary);
    }
    default:
      return true;
  }
}

ordering by_string() {
  return of_kind(order::definition_kind::string);
}
ordering by_binary() {
  return of_kind(order::definition_kind::binary);
}
ordering by_int() {
  return of_kind(order::definition_kind::signed_integer);
}
ordering by_uint() {
  return of_kind(order::definition_kind::unsigned_integer);
}
ordering by_float() {
  return of_kind(order::definition_kind::floating_point);
}

ordering by_json(std::string_view path) {
  return by_json(path, by_string());
}

ordering by_json_case_sensitive(std::string_view path) {
  return by_json(path, by_binary());
}

ordering by_json(std::string_view path, const ordering& strings) {
  if (strings.definition().kind == order::definition_kind::custom) {
    throw error(errc::invalid_argument,
                "by_json() cannot order strings by a function that compares them: give it "
                "by_sort_key(), or compare the documents with by_custom()");
  }
  if (strings.definition().looks_at != definition::subject::value) {
    throw error(errc::invalid_argument,
                "by_json() cannot order strings by the key: give it an ordering of values");
  }
  definition json;
  json.kind = order::definition_kind::json;
  json.path.emplace(path);
  json.strings = std::make_shared<const definition>(strings.definition());
  return made(std::move(json));
}

ordering desc(const ordering& order) {
  definition reversed = order.definition();
  reversed.descending = !reversed.descending;
  return made(std::move(reversed));
}

ordering by_key(const ordering& order) {
  definition on_key = order.definition();
  if (on_key.looks_at == definition::subject::value) on_key.looks_at = definition::subject::key;
  return made(std::move(on_key));
}

ordering by_key_part(std::string_view separator, std::size_t part, const ordering& order) {
  if (separator.empty()) {
    throw error(errc::invalid_argument, "by_key_part() needs a separator: the one given is empty");
  }
  definition on_part = order.definition();
  if (on_part.looks_at != definition::subject::value) {
    throw error(
        errc::invalid_argument,
        "by_key_part() takes an ordering of values; the one given looks at the key already");
  }
  on_part.looks_at = definition::subject::key_part;
  on_part.separator = separator;
  on_part.part = part;
  return made(std::move(on_part));
}

ordering by_sort_key(std::function<void(std::string_view, std::string&)> sort_key) {
  if (!sort_key) throw error(errc::invalid_argument, "by_sort_key() was given no function");
  definition definition;
  definition.kind = order::definition_kind::sort_key;
  definition.sort_key = std::move(sort_key);
  return made(std::move(definition));
}

ordering by_custom(std::function<bool(const entry&, const entry&)> less) {
  if (!less) throw error(errc::invalid_argument, "by_custom() was given no function");
  definition definition;
  definition.kind = order::definition_kind::custom;
  definition.less = std::move(less);
  return made(std::move(definition));
}

bool less(const ordering& order, const entry& a, const entry& b) {
  const definition& definition = order.definition();
  if (definition.kind == order::definition_kind::custom)
    return order::custom_less(definition, a, b);
  if (definition.kind == order::definition_kind::floating_point &&
      (is_nan(definition, a) || is_nan(definition, b))) {
    return false;
  }
  std::string first;
  std::string second;
  order::append_piece(definition, a, order::piece_position::last, first);
  order::append_piece(definition, b, order::piece_position::last, second);
  return first < second;
}

}  // namespace buntdb
