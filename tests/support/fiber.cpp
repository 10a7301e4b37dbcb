#include "fiber.hpp"

#include <array>
#include <cassert>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>
#include <vector>

#include <cxxabi.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define FIBER_ASAN
#elif __has_feature(thread_sanitizer)
#define FIBER_TSAN
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#define FIBER_ASAN
#elif defined(__SANITIZE_THREAD__)
#define FIBER_TSAN
#endif
#if defined(FIBER_ASAN)
#include <sanitizer/common_interface_defs.h>
#elif defined(FIBER_TSAN)
#include <sanitizer/tsan_interface.h>
#endif

namespace test {

namespace {

constexpr std::size_t stack_size = std::size_t{512} << 10;

/// A stack above a protected page. It is reused by the next fiber.
class stack {
 public:
  stack() : memory_(take()) {}
  ~stack() { unused().push_back(memory_); }
  stack(const stack&) = delete;
  stack& operator=(const stack&) = delete;

  void* bottom() const noexcept { return memory_; }

 private:
  static std::vector<void*>& unused() {
    static std::vector<void*> kept;
    return kept;
  }

  static void* take() {
    if (!unused().empty()) {
      void* const again = unused().back();
      unused().pop_back();
      return again;
    }
    const auto guard = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
    void* const memory = mmap(nullptr, stack_size + guard, PROT_READ | PROT_WRITE,
                              MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED || mprotect(memory, guard, PROT_NONE) != 0) {
      throw std::system_error(errno, std::generic_category(), "a fiber's stack");
    }
    return static_cast<char*>(memory) + guard;
  }

  void* memory_;
};

/// The exceptions that are being handled. The C++ runtime stores them for each thread, but they
/// belong to the stack. Two words, by the ABI for C++.
class exception_state {
 public:
  void swap_with_threads() noexcept {
    std::array<void*, 2> now;
    std::memcpy(now.data(), abi::__cxa_get_globals(), sizeof now);
    std::memcpy(static_cast<void*>(abi::__cxa_get_globals()), words_.data(), sizeof words_);
    words_ = now;
  }

 private:
  std::array<void*, 2> words_{};
};

/// Tells the sanitizers on which stack the thread is.
struct sanitizer_notes {
#if defined(FIBER_TSAN)
  void* own = __tsan_create_fiber(0);
  void* outside = nullptr;
  ~sanitizer_notes() {
    __tsan_destroy_fiber(own);
  }
  void enter(const stack&) {
    outside = __tsan_get_current_fiber();
    __tsan_switch_to_fiber(own, 0);
  }
  void entered() {}
  void leave(bool) {
    __tsan_switch_to_fiber(outside, 0);
  }
  void left() {}
#elif defined(FIBER_ASAN)
  void* own_fakes = nullptr;
  void* outside_fakes = nullptr;
  const void* outside_bottom = nullptr;
  std::size_t outside_size = 0;
  void enter(const stack& on) {
    __sanitizer_start_switch_fiber(&outside_fakes, on.bottom(), stack_size);
  }
  void entered() {
    __sanitizer_finish_switch_fiber(own_fakes, &outside_bottom, &outside_size);
  }
  void leave(bool for_ever) {
    __sanitizer_start_switch_fiber(for_ever ? nullptr : &own_fakes, outside_bottom, outside_size);
  }
  void left() {
    __sanitizer_finish_switch_fiber(outside_fakes, nullptr, nullptr);
  }
#else
  void enter(const stack&) {}
  void entered() {}
  void leave(bool) {}
  void left() {}
#endif
};

}  // namespace

struct fiber::context {
  explicit context(std::function<void()> wanted) : body(std::move(wanted)) {}

  std::function<void()> body;
  stack own_stack{};
  ucontext_t inside{};
  ucontext_t outside{};
  exception_state exceptions{};
  sanitizer_notes notes{};
  bool begun = false;
  bool finished = false;

  static inline context* running = nullptr;
};

fiber::fiber(std::function<void()> body) : context_(std::make_unique<context>(std::move(body))) {
  getcontext(&context_->inside);
  context_->inside.uc_stack.ss_sp = context_->own_stack.bottom();
  context_->inside.uc_stack.ss_size = stack_size;
  context_->inside.uc_link = nullptr;
  makecontext(&context_->inside, &fiber::begin, 0);
}

fiber::~fiber() {
  assert(!context_->begun || context_->finished);
}

bool fiber::finished() const noexcept {
  return context_->finished;
}

void fiber::resume() {
  assert(context::running == nullptr && !context_->finished);
  context::running = context_.get();
  context_->begun = true;
  context_->exceptions.swap_with_threads();
  context_->notes.enter(context_->own_stack);
  swapcontext(&context_->outside, &context_->inside);
  context_->notes.left();
  context_->exceptions.swap_with_threads();
  context::running = nullptr;
}

void fiber::pause() {
  context* const self = context::running;
  if (self == nullptr) return;
  self->notes.leave(false);
  swapcontext(&self->inside, &self->outside);
  self->notes.entered();
}

void fiber::begin() {
  context* const self = context::running;
  self->notes.entered();
  self->body();
  self->finished = true;
  self->notes.leave(true);
  setcontext(&self->outside);
}

}  // namespace test
