#include "spatial/wkt.hpp"

#include <cstddef>

#include "text/float_text.hpp"

namespace buntdb::spatial {

namespace {

constexpr std::string_view collection_name = "GEOMETRYCOLLECTION";

/// Reads a text in one pass. Nested collections need no stack: all coordinates count in the same
/// way, so it is enough to know how many collections are open.
class wkt_reader {
 public:
  wkt_reader(std::string_view text, bounds& found) noexcept : text_(text), found_(found) {}

  void read() {
    if (is_collection_letter(text_[0])) {
      if (open_collection()) read_members();
    } else {
      read_geometry();
    }
  }

 private:
  static constexpr bool is_collection_letter(char c) noexcept { return c == 'g' || c == 'G'; }

  bool at_end() const noexcept { return at_ >= text_.size(); }

  /// Moves to the next of these characters, or to the end.
  void skip_to(std::string_view characters) noexcept {
    const std::size_t next = text_.find_first_of(characters, at_);
    at_ = next == std::string_view::npos ? text_.size() : next;
  }

  /// Moves past the opening parenthesis of a collection's members. Returns false if there is none.
  bool open_collection() noexcept {
    if (text_.size() - at_ < collection_name.size()) return false;
    at_ += collection_name.size();
    skip_to(",()");
    if (at_end() || text_[at_] != '(') return false;
    ++at_;
    return true;
  }

  /// Reads a geometry from its first letter to the end of its coordinates, or to a comma if it has
  /// none.
  void read_geometry() {
    skip_to(",(");
    if (at_end() || text_[at_] == ',') return;
    constexpr std::size_t none = std::string_view::npos;
    std::size_t depth = 0;
    std::size_t dimension = 0;
    std::size_t number = none;  // where the number that is being read begins
    for (; !at_end(); ++at_) {
      const char c = text_[at_];
      if (c == '(') {
        ++depth;
        continue;
      }
      if (c != ')' && c != ',' && c != ' ' && c != '\t' && c != '\r' && c != '\n') {
        if (number == none) number = at_;
        continue;
      }
      if (number != none) {
        found_.add(dimension++, text::parse_float(text_.substr(number, at_ - number)));
        number = none;
      }
      if (c == ')' || c == ',') dimension = 0;
      if (c == ')' && --depth == 0) {
        ++at_;
        return;
      }
    }
  }

  /// Reads from a collection's opening parenthesis to its end, and on to the ends of the
  /// collections around it.
  void read_members() {
    std::size_t open = 1;
    while (!at_end()) {
      switch (text_[at_]) {
        case ' ':
        case '\t':
        case '\r':
        case '\n':
          ++at_;
          continue;
        case 'g':
        case 'G':
          if (open_collection()) {
            ++open;
            continue;
          }
          break;
        case 'p':
        case 'P':
        case 'l':
        case 'L':
        case 'm':
        case 'M':
          read_geometry();
          break;
        default:
          skip_past_parenthesis();
          if (--open == 0) return;
      }
      // A member is followed by the next member, or by the end of its collection and of those
      // around it.
      for (skip_to(",)"); !at_end() && text_[at_] == ')'; skip_to(",)")) {
        ++at_;
        if (--open == 0) return;
      }
      ++at_;
    }
  }

  /// Moves past the parenthesis that closes the innermost collection.
  void skip_past_parenthesis() noexcept {
    std::size_t depth = 1;
    for (; !at_end() && depth != 0; ++at_) {
      if (text_[at_] == '(') ++depth;
      if (text_[at_] == ')') --depth;
    }
  }

  std::string_view text_;
  bounds& found_;
  std::size_t at_ = 0;
};

}  // namespace

void read_wkt(std::string_view text, bounds& found) {
  wkt_reader(text, found).read();
}

}  // namespace buntdb::spatial
