#pragma once

// Annotations for clang's -Wthread-safety: which lock guards which member, and which functions must
// be called with it. Other compilers ignore them.

#ifdef __clang__
#define BUNTDB_THREAD_ATTRIBUTE(x) __attribute__((x))
#else
#define BUNTDB_THREAD_ATTRIBUTE(x)
#endif

#define BUNTDB_CAPABILITY(name) BUNTDB_THREAD_ATTRIBUTE(capability(name))
#define BUNTDB_SCOPED_CAPABILITY BUNTDB_THREAD_ATTRIBUTE(scoped_lockable)
#define BUNTDB_GUARDED_BY(lock) BUNTDB_THREAD_ATTRIBUTE(guarded_by(lock))
#define BUNTDB_REQUIRES(...) BUNTDB_THREAD_ATTRIBUTE(requires_capability(__VA_ARGS__))
#define BUNTDB_ACQUIRE(...) BUNTDB_THREAD_ATTRIBUTE(acquire_capability(__VA_ARGS__))
#define BUNTDB_TRY_ACQUIRE(...) BUNTDB_THREAD_ATTRIBUTE(try_acquire_capability(__VA_ARGS__))
#define BUNTDB_RELEASE(...) BUNTDB_THREAD_ATTRIBUTE(release_capability(__VA_ARGS__))
#define BUNTDB_ASSERT_CAPABILITY(x) BUNTDB_THREAD_ATTRIBUTE(assert_capability(x))
#define BUNTDB_RETURN_CAPABILITY(x) BUNTDB_THREAD_ATTRIBUTE(lock_returned(x))
