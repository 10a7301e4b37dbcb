#pragma once

// All headers of the amalgamation whose libraries are available, except for those for Beast and
// RESTinio, which take long to compile.
#include <buntstore.hpp>

#include <scs/http/generic.hpp>
#if __has_include(<httplib.h>)
#include <scs/http/httplib.hpp>
#include <scs/http/httplib_install.hpp>
#include <scs/http/serve.hpp>
#endif
#if __has_include(<nlohmann/json.hpp>)
#include <scs/nlohmann.hpp>
#endif
