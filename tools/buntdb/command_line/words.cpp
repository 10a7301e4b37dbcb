#include "command_line/words.hpp"

#include <optional>
#include <utility>

#include "output/exit_status.hpp"
#include "text/printable.hpp"

namespace {

bool is_space(char c) noexcept {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

std::optional<int> hex_digit(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return std::nullopt;
}

class scanner {
 public:
  /// lenient: an error at the end of the line is ignored, because the line is not finished.
  scanner(std::string_view line, bool lenient) : line_(line), lenient_(lenient) {
    while (at_ < line_.size())
      step(line_[at_]);
    if (quote_ != '\0' && !lenient_) {
      throw usage_error(std::string("a quote is not closed: ") + quote_ +
                        std::string(line_.substr(quote_begin_ + 1)));
    }
  }

  std::vector<std::string> words() && {
    if (in_word_) words_.push_back(std::move(word_));
    return std::move(words_);
  }

  unfinished_line unfinished() && {
    return {std::move(words_), std::move(word_), in_word_ ? begin_ : line_.size()};
  }

 private:
  void step(char c) {
    if (quote_ == '\0' && is_space(c)) {
      if (in_word_) words_.push_back(std::exchange(word_, {}));
      in_word_ = false;
      ++at_;
      return;
    }
    if (!in_word_) begin_ = at_;
    in_word_ = true;
    if (c == quote_) {
      quote_ = '\0';
      ++at_;
    } else if (quote_ == '\0' && (c == '\'' || c == '"')) {
      quote_ = c;
      quote_begin_ = at_++;
    } else if (c == '\\' && quote_ != '\'') {
      escape();
    } else {
      word_ += c;
      ++at_;
    }
  }

  void escape() {
    const std::string_view rest = line_.substr(at_ + 1);
    if (rest.empty()) {
      if (!lenient_) throw usage_error("the line ends in a backslash: type \\\\ for one");
      ++at_;
      return;
    }
    at_ += 2;
    switch (rest[0]) {
      case 'n':
        word_ += '\n';
        return;
      case 'r':
        word_ += '\r';
        return;
      case 't':
        word_ += '\t';
        return;
      case 'x':
        byte(rest.substr(1));
        return;
      default:
        word_ += rest[0];
    }
  }

  void byte(std::string_view digits) {
    const auto high = digits.empty() ? std::nullopt : hex_digit(digits[0]);
    const auto low = digits.size() < 2 ? std::nullopt : hex_digit(digits[1]);
    if (high && low) {
      word_ += static_cast<char>(*high * 16 + *low);
      at_ += 2;
    } else if (!lenient_) {
      throw usage_error("\\x takes two hexadecimal digits, as in \\x0a, not '\\x" +
                        std::string(digits.substr(0, 2)) + "'");
    }
  }

  std::string_view line_;
  bool lenient_;
  std::size_t at_ = 0;
  char quote_ = '\0';
  std::size_t quote_begin_ = 0;
  bool in_word_ = false;
  std::size_t begin_ = 0;
  std::string word_;
  std::vector<std::string> words_;
};

}  // namespace

std::vector<std::string> split_words(std::string_view line) {
  return scanner(line, false).words();
}

unfinished_line split_unfinished(std::string_view line) {
  return scanner(line, true).unfinished();
}

std::string as_word(std::string_view bytes) {
  if (bytes.empty()) return "''";
  std::string word = bytes[0] == '#' ? "\\" : "";
  for (const char c : printable(bytes)) {  // backslashes are doubled already
    if (c == ' ' || c == '\'' || c == '"') word += '\\';
    word += c;
  }
  return word;
}
