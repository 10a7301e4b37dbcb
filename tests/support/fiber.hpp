#pragma once

#include <cstddef>
#include <functional>
#include <memory>

namespace test {

/// A function with a stack of its own that can stop in the middle and be gone on with later. All on
/// one thread, so that who runs next is decided by nothing but the caller.
///
/// Once begun, it must come to its end before it is destroyed: what is on its stack would be lost.
class fiber {
 public:
  /// `body` must not throw. Begins with the first resume().
  explicit fiber(std::function<void()> body);
  ~fiber();
  fiber(const fiber&) = delete;
  fiber& operator=(const fiber&) = delete;

  /// Goes on until the body calls pause() or ends. Not from inside of a fiber.
  void resume();
  bool finished() const noexcept;

  /// Inside of a body: back to who called resume(). Outside of any: does nothing.
  static void pause();

 private:
  struct context;

  static void begin();

  std::unique_ptr<context> context_;
};

}  // namespace test
