#include "json/path.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include <buntdb/error.hpp>

#include "json/query.hpp"
#include "json/unescape.hpp"
#include "text/ascii.hpp"
#include "text/float_text.hpp"

namespace buntdb::json {

namespace {

constexpr std::size_t max_length = 4096;
constexpr std::size_t max_steps = 128;
constexpr std::size_t max_nesting = 8;

std::string_view trimmed(std::string_view text) noexcept {
  return text::trimmed(text, [](char c) { return static_cast<unsigned char>(c) <= ' '; });
}

/// Returns whether this is a modifier of gjson that this library does not have. It is refused so
/// that it is not mistaken for a key.
bool is_unsupported_modifier(std::string_view name) noexcept {
  constexpr std::array<std::string_view, 11> names{"pretty", "ugly",    "reverse", "flatten",
                                                   "join",   "valid",   "keys",    "values",
                                                   "tostr",  "fromstr", "group"};
  return std::find(names.begin(), names.end(), name) != names.end();
}

struct operator_name {
  std::string_view text;
  query::comparison how;
};

// Longer ones first: the first match is used.
constexpr std::array<operator_name, 9> operators{{
    {"==", query::comparison::equal},
    {"!=", query::comparison::not_equal},
    {"!%", query::comparison::not_like},
    {"<=", query::comparison::less_or_equal},
    {">=", query::comparison::greater_or_equal},
    {"=", query::comparison::equal},
    {"<", query::comparison::less},
    {">", query::comparison::greater},
    {"%", query::comparison::like},
}};

}  // namespace

/// Reads a path, or that of a query inside it. Positions in errors are those in the whole path.
class path_reader {
 public:
  explicit path_reader(std::string_view whole) : whole_(whole), text_(whole) {}

  path read() {
    path read;
    read.text_ = text_;
    read.reads_lines_ = text_.starts_with("..");
    if (read.reads_lines_) at_ = 2;
    do {
      read.stages_.push_back(read_stage());
    } while (take('|'));
    return read;
  }

 private:
  /// For the path of a query, which begins at this byte of the whole path.
  path_reader(const path_reader& outer, std::string_view text, std::size_t offset)
      : whole_(outer.whole_), text_(text), offset_(offset), nesting_(outer.nesting_ + 1) {}

  [[noreturn]] void refuse(const std::string& why, std::size_t where) const {
    throw error(errc::invalid_argument, "byte " + std::to_string(offset_ + where) +
                                            " of the JSON path \"" + std::string(whole_) +
                                            "\": " + why);
  }

  bool at_end() const noexcept { return at_ == text_.size(); }
  char peek(std::size_t ahead = 0) const noexcept {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }
  bool take(char wanted) noexcept {
    if (at_end() || text_[at_] != wanted) return false;
    ++at_;
    return true;
  }
  bool at_end_of_step() const noexcept { return at_end() || peek() == '.' || peek() == '|'; }

  stage read_stage() {
    stage stage;
    do {
      if (take_this_modifier()) continue;
      if (++steps_ > max_steps) refuse("there are more than 128 steps", at_);
      stage.steps.push_back(read_step());
    } while (take('.'));
    return stage;
  }

  /// `@this` is not a step: it stands for the value itself.
  bool take_this_modifier() {
    if (peek() != '@') return false;
    const std::string_view rest = text_.substr(at_ + 1);
    const std::string_view name = rest.substr(0, rest.find_first_of(".|:"));
    if (is_unsupported_modifier(name)) {
      refuse("the modifier @" + std::string(name) +
                 " is not supported, only @this is (for a key of that name, write \\@)",
             at_);
    }
    if (name != "this") return false;
    at_ += 1 + name.size();
    if (peek() == ':') at_ = std::min(text_.find('|', at_), text_.size());  // it takes no argument
    return true;
  }

  step read_step() {
    switch (peek()) {
      case '[':
      case '{':
        refuse("multipaths are not supported (for a key, put a \\ before the bracket)", at_);
      case '!':
        refuse("literals are not supported (for a key, write \\!)", at_);
      case '#':
        if (peek(1) == '(' || peek(1) == '[') return read_query();
        break;
      default:
        break;
    }
    const std::size_t first = at_;
    step step = read_key();
    if (text_.substr(first, at_ - first) == "#") {
      step.kind = peek() == '.' ? step_kind::each : step_kind::count;
    }
    return step;
  }

  step read_key() {
    std::string key;
    std::string pattern;
    bool wild = false;
    const std::size_t first = at_;
    for (; !at_end_of_step(); ++at_) {
      if (peek() == '\\') {
        if (at_ + 1 == text_.size()) refuse("nothing follows the backslash", at_);
        ++at_;
        if (std::string_view("*?\\").find(peek()) != std::string_view::npos) pattern += '\\';
      } else if (peek() == '*' || peek() == '?') {
        wild = true;
      }
      key += peek();
      pattern += peek();
    }
    step step;
    step.position = position_of(text_.substr(first, at_ - first));
    step.kind = wild ? step_kind::wildcard : step_kind::name;
    step.key = std::move(key);
    if (wild) step.pattern.emplace(pattern);
    return step;
  }

  static std::optional<std::size_t> position_of(std::string_view digits) noexcept {
    std::size_t position = 0;
    const char* const end = digits.data() + digits.size();
    const auto parsed = std::from_chars(digits.data(), end, position);
    if (parsed.ec != std::errc() || parsed.ptr != end) return std::nullopt;
    return position;
  }

  /// The part after `#(`: where the parenthesis is closed, and where the operator begins (the same
  /// position if there is none).
  struct extent {
    std::size_t operator_at;
    std::size_t end;
  };
  extent find_extent(std::size_t from) const {
    std::size_t depth = 1;
    std::size_t operator_at = std::string_view::npos;
    for (std::size_t at = from; at < text_.size(); ++at) {
      switch (text_[at]) {
        case '\\':
          ++at;
          break;
        case '"':
          at = end_of_quoted(at);
          break;
        case '(':
        case '[':
          ++depth;
          break;
        case ')':
        case ']':
          if (--depth == 0) return {std::min(operator_at, at), at};
          break;
        case '!':
        case '=':
        case '<':
        case '>':
        case '%':
          if (depth == 1) operator_at = std::min(operator_at, at);
          break;
        default:
          break;
      }
    }
    refuse("the query that begins here is not closed", from - 2);
  }

  std::size_t end_of_quoted(std::size_t quote) const {
    for (std::size_t at = quote + 1; at < text_.size(); ++at) {
      if (text_[at] == '"') return at;
      if (text_[at] == '\\') ++at;
    }
    refuse("the quotation that begins here is not closed", quote);
  }

  step read_query() {
    if (nesting_ == max_nesting) refuse("queries are nested more than 8 deep", at_);
    const std::size_t first = at_ + 2;
    const extent inside = find_extent(first);
    step step;
    step.kind = step_kind::first_match;
    step.query = std::make_shared<const query>(read_condition(first, inside));
    at_ = inside.end + 1;
    if (take('#')) step.kind = step_kind::all_matches;
    const std::string_view text = text_.substr(first - 2, at_ - (first - 2));
    // In gjson these characters would end the key.
    if (text.find_first_of(".|*?\\") == std::string_view::npos) step.key = text;
    if (!at_end_of_step()) refuse("a query is followed by #, ., | or nothing", at_);
    return step;
  }

  query read_condition(std::size_t first, const extent& inside) {
    query query;
    const std::string_view path_text = trimmed(text_.substr(first, inside.operator_at - first));
    query.of_element = path_text.empty();
    const std::size_t begins =
        path_text.empty() ? first : static_cast<std::size_t>(path_text.data() - text_.data());
    path_reader inner(*this, path_text, offset_ + begins);
    inner.steps_ = steps_;
    query.path = inner.read();
    steps_ = inner.steps_;
    if (inside.operator_at != inside.end) {
      read_comparison(text_.substr(inside.operator_at, inside.end - inside.operator_at),
                      inside.operator_at, query);
    }
    return query;
  }

  void read_comparison(std::string_view text, std::size_t where, query& query) const {
    const auto* const found = std::find_if(operators.begin(), operators.end(), [&](const auto& op) {
      return text.starts_with(op.text);
    });
    if (found == operators.end()) {
      refuse("unknown operator: there are == != = < <= > >= % and !%", where);
    }
    query.how = found->how;
    std::string_view wanted = trimmed(text.substr(found->text.size()));
    if (wanted.starts_with('~')) {
      query.truth = true;
      wanted.remove_prefix(1);
    }
    if (wanted.size() >= 2 && wanted.starts_with('"') && wanted.ends_with('"')) {
      unescape(wanted.substr(1, wanted.size() - 2), query.value);
    } else {
      query.value = wanted;
    }
    query.number = text::parse_float(query.value);
    if (query.how == query::comparison::like || query.how == query::comparison::not_like) {
      query.pattern.emplace(query.value);
    }
  }

  std::string_view whole_;
  std::string_view text_;
  std::size_t offset_ = 0;
  std::size_t nesting_ = 0;
  std::size_t steps_ = 0;
  std::size_t at_ = 0;
};

path::path(std::string_view text) {
  if (text.size() > max_length) {
    throw error(errc::invalid_argument, "the JSON path is longer than 4096 bytes");
  }
  *this = path_reader(text).read();
}

}  // namespace buntdb::json
