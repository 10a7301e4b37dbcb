#pragma once

/// BUNTSTORE_PUBLIC marks what the shared libraries export; everything else in them is hidden.
/// Static libraries export nothing, so a shared library that contains one does not pass its symbols
/// on. The build and the packages define BUNTSTORE_SHARED if the libraries are shared.
#ifdef BUNTSTORE_SHARED
#define BUNTSTORE_PUBLIC __attribute__((visibility("default")))
/// Marks what a public header must declare but programs must not link.
#define BUNTSTORE_PRIVATE __attribute__((visibility("hidden")))
#else
#define BUNTSTORE_PUBLIC
#define BUNTSTORE_PRIVATE
#endif
