#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace buntdb::json {

/// The types of JSON values, in the order of BuntDB's indexes. A path that selects nothing results
/// in null.
enum class type : std::uint8_t { null, false_value, number, string, true_value, json };

/// What a path selects in a text. It is either a part of that text, which must outlive this object,
/// or a text made of parts of it (a list of them, or a count), which is stored here. Nothing is
/// parsed before it is needed.
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
  /// Returns the JSON text; empty if there is nothing.
  std::string_view raw() const noexcept { return is_made_ ? made_ : part_; }

  /// Returns the value of a number, and 0 for everything else.
  double number() const;
  /// Appends the content of a string, a number in plain decimals, and for everything else the JSON
  /// text. Appends nothing for null.
  void append_text(std::string& out) const;
  std::string text() const;
  /// Returns a string without its quotes if it has no escapes; otherwise it is empty, and
  /// append_text() must be used.
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
