#include <array>
#include <charconv>
#include <optional>
#include <string>
#include <string_view>

#include <buntdb/error.hpp>
#include <buntdb/ordering.hpp>

#include "order/definition.hpp"

namespace buntdb {

namespace {

using order::definition;

struct plain_name {
  std::string_view text;
  order::definition_kind kind;
  ordering (*make)();
};

constexpr std::array<plain_name, 5> plain_names{{
    {"string", order::definition_kind::string, by_string},
    {"binary", order::definition_kind::binary, by_binary},
    {"int", order::definition_kind::signed_integer, by_int},
    {"uint", order::definition_kind::unsigned_integer, by_uint},
    {"float", order::definition_kind::floating_point, by_float},
}};

std::string escaped(std::string_view separator) {
  std::string text;
  for (const char c : separator) {
    if (c == ':' || c == '\\') text += '\\';
    text += c;
  }
  return text;
}

/// Reads the text of an ordering from left to right.
class text_reader {
 public:
  explicit text_reader(std::string_view whole) : whole_(whole), rest_(whole) {}

  ordering read() {
    bool descending = false;
    while (take("desc:"))
      descending = !descending;
    const ordering read = read_ascending();
    return descending ? desc(read) : read;
  }

 private:
  [[noreturn]] void refuse(const std::string& why) const {
    throw error(errc::invalid_argument, "byte " + std::to_string(whole_.size() - rest_.size()) +
                                            " of the ordering \"" + std::string(whole_) +
                                            "\": " + why);
  }

  bool take(std::string_view prefix) {
    if (!rest_.starts_with(prefix)) return false;
    rest_.remove_prefix(prefix.size());
    return true;
  }

  ordering read_ascending() {
    for (const plain_name& name : plain_names) {
      if (rest_ == name.text) return name.make();
    }
    if (take("json:")) return by_json(rest_);
    if (take("json_cs:")) return by_json_case_sensitive(rest_);
    if (take("key:")) {
      refuse_second_key();
      return by_key(read());
    }
    if (take("key_part:")) {
      refuse_second_key();
      const std::size_t part = read_number();
      const std::string separator = read_separator();
      return by_key_part(separator, part, read());
    }
    refuse(
        "expected string, binary, int, uint, float, json:PATH, json_cs:PATH, key:ORDERING or "
        "key_part:N:SEPARATOR:ORDERING, each behind desc: or not");
  }

  void refuse_second_key() {
    if (on_key_) refuse("expected an ordering of the key or part that is named before");
    on_key_ = true;
  }

  std::size_t read_number() {
    std::size_t number = 0;
    const auto parsed = std::from_chars(rest_.data(), rest_.data() + rest_.size(), number);
    if (parsed.ec != std::errc()) refuse("expected the number of a part, from 0");
    rest_.remove_prefix(static_cast<std::size_t>(parsed.ptr - rest_.data()));
    if (!take(":")) refuse("expected : and a separator");
    return number;
  }

  std::string read_separator() {
    std::string separator;
    while (!rest_.empty() && rest_.front() != ':') {
      if (rest_.front() == '\\' && rest_.size() > 1) rest_.remove_prefix(1);
      separator += rest_.front();
      rest_.remove_prefix(1);
    }
    if (separator.empty()) refuse("expected a separator (a colon is written \\:)");
    if (!take(":")) refuse("expected : and an ordering");
    return separator;
  }

  std::string_view whole_;
  std::string_view rest_;
  bool on_key_ = false;
};

}  // namespace

std::string to_text(const ordering& order) {
  if (!order.is_portable()) {
    throw error(errc::invalid_argument,
                "this ordering contains a function, which cannot be written as text");
  }
  const definition& definition = order.definition();
  std::string text = definition.descending ? "desc:" : "";
  if (definition.looks_at == definition::subject::key) text += "key:";
  if (definition.looks_at == definition::subject::key_part) {
    text +=
        "key_part:" + std::to_string(definition.part) + ':' + escaped(definition.separator) + ':';
  }
  if (definition.kind == order::definition_kind::json) {
    const bool folded = definition.strings->kind == order::definition_kind::string;
    return text + (folded ? "json:" : "json_cs:") + definition.path->text();
  }
  for (const plain_name& name : plain_names) {
    if (name.kind == definition.kind) text += name.text;
  }
  return text;
}

ordering parse_ordering(std::string_view text) {
  return text_reader(text).read();
}

}  // namespace buntdb
