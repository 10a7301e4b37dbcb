#pragma once

#include <cstddef>
#include <functional>
#include <memory>

namespace test {

/// A function with a separate stack that can stop in the middle and be continued later. Everything
/// runs on one thread, so that only the caller decides what runs next.
///
/// Once begun, it must reach its end before it is destroyed. Otherwise the objects on its stack
/// would be lost.
class fiber {
 public:
  /// `body` must not throw. Begins with the first resume().
  explicit fiber(std::function<void()> body);
  ~fiber();
  fiber(const fiber&) = delete;
  fiber& operator=(const fiber&) = delete;

  /// Continues until the body calls pause() or ends. Do not call it inside of a fiber.
  void resume();
  bool finished() const noexcept;

  /// Inside of a body: returns to the caller of resume(). Otherwise it does nothing.
  static void pause();

 private:
  struct context;

  static void begin();

  std::unique_ptr<context> context_;
};

}  // namespace test
