#if os(Linux)
    import CMalloc
#endif

/// What glibc's allocator does with what is free, set once before there are threads. It concerns the whole process, so it
/// is the executable's to say and not the library's.
enum Allocator {
    static func prepare() {
        #if os(Linux)
            // Tables double when they are full. By default glibc learns from the first such block to keep blocks of its
            // size in the heap, and what they leave behind stays ours: 1.6 KiB for each of 19,000 waiting members.
            mallopt(M_MMAP_THRESHOLD, 128 * 1024)
            // An arena for each thread keeps what that thread has freed: with two, another 0.2 KiB less. The shards and
            // the engine's queue meet in them, which small blocks, cached for each thread, do not notice.
            mallopt(M_ARENA_MAX, 2)
        #endif
    }
}
