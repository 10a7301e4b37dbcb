// A fuzzer has the code under attack twice: with libFuzzer's instrumentation, which it uses, and as
// part of the library that the rest of it links. AddressSanitizer would report that.
extern "C" const char* __asan_default_options() {  // NOLINT(bugprone-reserved-identifier)
  return "detect_odr_violation=0";
}
