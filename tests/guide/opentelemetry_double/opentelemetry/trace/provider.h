#pragma once

// Replaces OpenTelemetry's API (opentelemetry-cpp 1.x). It has the parts that the page uses, under
// the same names. It records what happens to spans.

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace opentelemetry {

namespace nostd {
template <class Type>
using shared_ptr = std::shared_ptr<Type>;
using std::string_view;
}  // namespace nostd

namespace trace {

inline std::vector<std::string>& happened() {
  static std::vector<std::string> all;
  return all;
}

enum class StatusCode { kUnset, kOk, kError };

class Span {
 public:
  explicit Span(nostd::string_view name) : name_(name) { happened().push_back("start " + name_); }
  void SetStatus(StatusCode code, nostd::string_view description = "") noexcept {
    if (code == StatusCode::kError)
      happened().push_back("error " + name_ + std::string(description));
  }
  void End() noexcept { happened().push_back("end " + name_); }

 private:
  const std::string name_;
};

class Tracer {
 public:
  nostd::shared_ptr<Span> StartSpan(nostd::string_view name) {
    return std::make_shared<Span>(name);
  }
};

class TracerProvider {
 public:
  nostd::shared_ptr<Tracer> GetTracer(nostd::string_view) { return std::make_shared<Tracer>(); }
};

class Provider {
 public:
  static nostd::shared_ptr<TracerProvider> GetTracerProvider() noexcept {
    return std::make_shared<TracerProvider>();
  }
};

/// Makes the span the current one of this thread.
class Scope {
 public:
  explicit Scope(const nostd::shared_ptr<Span>& span) noexcept : span_(span) {}

 private:
  const nostd::shared_ptr<Span> span_;
};

}  // namespace trace
}  // namespace opentelemetry
