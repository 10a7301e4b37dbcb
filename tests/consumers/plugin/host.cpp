// Loads the plugin and handles its errors with a separate copy of the libraries. host PLUGIN: exits
// with 0 if the errors have the host's codes.

#include <cstdio>
#include <string>

#include <dlfcn.h>

#include <buntdb/buntdb.hpp>
#include <scs/error.hpp>

namespace {

int fail(const char* what) {
  std::fprintf(stderr, "host: %s\n", what);
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  void* const plugin = argc == 2 ? dlopen(argv[1], RTLD_NOW | RTLD_LOCAL) : nullptr;
  if (plugin == nullptr) return fail(dlerror());
  const auto store =
      reinterpret_cast<bool (*)(const char*)>(dlsym(plugin, "plugin_stores_a_value"));
  const auto wrong = reinterpret_cast<void (*)()>(dlsym(plugin, "plugin_makes_a_wrong_manager"));
  if (store == nullptr || wrong == nullptr) return fail("a function is missing");
  buntdb::database db = buntdb::database::in_memory();
  db.set("key", "value");
  if (!store("key")) return fail("the plugin's database does not work");

  const std::string long_key(100'000, 'k');
  try {
    store(long_key.c_str());
    return fail("a key that is too long was taken");
  } catch (const buntdb::error& e) {
    if (e.code() != buntdb::errc::too_large) return fail("buntdb's code differs");
    if (e.code() == buntdb::errc::corrupt) return fail("buntdb's code equals another one");
  }
  try {
    wrong();
    return fail("wrong options were taken");
  } catch (const scs::error& e) {
    if (e.code() != scs::errc::invalid_options) return fail("scs' code differs");
  }
  std::puts("ok");
  return 0;
}
