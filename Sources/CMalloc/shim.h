// Swift's Glibc module does not export malloc.h, with the settings of its allocator.
#if defined(__linux__)
#include <malloc.h>
#endif
