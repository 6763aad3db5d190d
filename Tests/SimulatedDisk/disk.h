#pragma once

// What the parts of the simulated disk know of each other:
//
//     contents.c   bytes, what waits for a sync, and what a power cut leaves
//     tape.c       operations kept and done again
//     disk.c       disks, their prefixes, faults and counters
//     layer.c      SQLite's file layer, with locks and shared memory
//
// Everything here is called with the disk's lock held, unless it says otherwise.

#include "SimulatedDisk.h"
#include <pthread.h>
#include <sqlite3.h>
#include <stddef.h>

typedef struct {
    unsigned char *bytes;
    size_t count, room;
} image;

/// A write or a truncation that waits for a sync.
typedef struct {
    uint64_t number;
    bool truncates;
    /// The sync that should have taken it has failed: the next one will not.
    bool is_doomed;
    uint64_t offset;
    size_t count;
    unsigned char *bytes;
} change;

#define SHARED_REGIONS_MAX 64

/// A file, apart from its name.
typedef struct {
    int references;
    image now, medium;
    change *changes;
    size_t change_count, change_room;
    /// The directory is synced with it: a new log or journal.
    bool syncs_directory;

    // SQLite's locks on the file and in shared memory, among all that have it open.
    int shared_count;
    void *reserved, *exclusive;
    int mappings;
    void *regions[SHARED_REGIONS_MAX];
    int slots_shared[SQLITE_SHM_NLOCK];
    void *slots_exclusive[SQLITE_SHM_NLOCK];
} inode;

/// A name that was ever used: the file it has now, and the one it has on the medium; NULL for none.
typedef struct {
    char *name;
    inode *now, *medium;
} entry;

typedef enum {
    tape_take_over,
    tape_create,
    tape_write,
    tape_sync,
    tape_sync_failed,
    tape_sync_lost,
    tape_truncate,
    tape_delete,
} tape_kind;

typedef struct {
    uint64_t number;
    tape_kind kind;
    const char *name;
    bool flag;
    uint64_t offset;
    size_t count;
    unsigned char *bytes;
} tape_record;

struct simulated_disk {
    pthread_mutex_t lock;
    /// One operation at a time, also while it is watched; taken before `lock`.
    pthread_mutex_t turn;
    char *prefix;
    size_t prefix_length;
    int references;

    entry *entries;
    size_t entry_count;
    /// Grows with each cut: files opened before fail.
    uint64_t generation;
    bool is_off, is_gone;

    uint64_t operations, reads, failures;
    void (*before)(void *, const simulated_disk_operation *);
    void *context;
    char *lies;

    bool is_armed, reads_armed;
    simulated_disk_fault fault;
    uint64_t fault_first, fault_count, reads_first, reads_count;
    char *fault_suffix;

    bool is_recording;
    tape_record *tape;
    size_t tape_count, tape_room;
    /// Of a replica: records that were done.
    size_t replayed;
};

// contents.c
void *grown(void *memory, size_t *room, size_t count, size_t size);
entry *entry_named(simulated_disk *disk, const char *name, bool make);
inode *inode_make(void);
void inode_release(inode *inode);
void image_write(image *image, uint64_t offset, const void *bytes, size_t count);
void image_resize(image *image, uint64_t count);
void file_take_over(simulated_disk *disk, const char *name, const void *bytes, size_t count);
inode *file_create(simulated_disk *disk, const char *name, bool syncs_directory);
void file_write(inode *inode, uint64_t number, uint64_t offset, const void *bytes, size_t count);
void file_truncate(inode *inode, uint64_t number, uint64_t count);
void file_sync(simulated_disk *disk, inode *inode);
void file_sync_failed(inode *inode);
void file_sync_lost(inode *inode, uint64_t number);
void file_delete(simulated_disk *disk, const char *name, bool syncs_directory);
void contents_release(simulated_disk *disk);
uint64_t coin_next(uint64_t *state);

// tape.c
void tape_keep(
    simulated_disk *disk, uint64_t number, tape_kind kind, const char *name, bool flag, uint64_t offset,
    const void *bytes, size_t count);
void tape_release(simulated_disk *disk);

// disk.c
/// The disk of this path, with a reference; no lock is held.
simulated_disk *disk_of(const char *path);
void disk_release(simulated_disk *disk);
bool lies_about(simulated_disk *disk, const char *name);

typedef enum { verdict_works, verdict_io_error, verdict_no_space, verdict_short, verdict_lost } verdict;

/// Begins an operation: it is counted, watched and judged. Takes `turn` and `lock`, which `operation_end` gives back.
verdict operation_begin(
    simulated_disk *disk, simulated_disk_kind kind, const char *name, uint64_t offset, uint64_t bytes,
    uint64_t *number);
void operation_end(simulated_disk *disk);
/// Counts a read; false when it fails.
bool read_begin(simulated_disk *disk);

// layer.c
void layer_install(void);
