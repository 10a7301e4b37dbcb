#pragma once

#include <string>
#include <string_view>

namespace scs::stores::redis_detail {

/// A program in Lua that a server runs as one step, and the SHA-1 by which it knows it.
class script {
 public:
  explicit script(std::string_view text);

  std::string_view text() const noexcept { return text_; }
  std::string_view sha1() const noexcept { return sha1_; }

 private:
  std::string_view text_;  // a literal
  std::string sha1_;
};

}  // namespace scs::stores::redis_detail
