#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace buntdb::json {

/// The types of JSON values, in the order in which BuntDB's indexes have them. A path that selects
/// nothing gives null.
enum class type : std::uint8_t { null, false_value, number, string, true_value, json };

/// What a path selects in a text: a part of that text, which must outlive this, or a text made of
/// parts of it (a list of them, a count), which is kept here. Reads nothing before it is asked.
class value {
 public:
  /// Nothing.
  value() = default;
  /// A part of a text.
  explicit value(std::string_view raw) noexcept;
  static value made(std::string raw);

  bool exists() const noexcept { return exists_; }
  json::type type() const noexcept { return type_; }
  bool is_made() const noexcept { return is_made_; }
  /// The JSON text; empty if there is nothing.
  std::string_view raw() const noexcept { return is_made_ ? made_ : part_; }

  /// A number's value, 0 for everything else.
  double number() const;
  /// Appends what a string says, a number in plain decimals, and of everything else the JSON text;
  /// of null nothing.
  void append_text(std::string& out) const;
  std::string text() const;
  /// A string without its quotes, if nothing in it is escaped; otherwise empty, and see
  /// append_text().
  bool is_escaped() const noexcept;
  std::string_view inside() const noexcept;

 private:
  std::string_view part_;
  std::string made_;
  bool is_made_ = false;
  bool exists_ = false;
  json::type type_ = type::null;
};

}  // namespace buntdb::json
