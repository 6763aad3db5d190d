#pragma once

// A disk in memory under SQLite, of which every operation is known: what a power cut at any moment leaves of it, and what
// happens when it fails, can be asked without a machine that loses its power.
//
//     SQLite ──▶ files as they are read now ──sync──▶ files as they are on the medium
//                     │                                        │
//                     └── changes that wait for a sync ────────┴──▶ simulated_disk_cut: what survives
//
// It becomes SQLite's default file layer in the test's process, serves the paths that begin with a disk's prefix, and
// leaves all others to the layer that was there before. A file that really exists under the prefix when SQLite first
// asks for it is taken over as it is, so that whoever makes an empty file and a lock beside it need not know of this.
// Up to 256 disks may exist at a time, each with its own prefix; one of them may be used from several threads.
//
// What it believes about disks and file systems:
// - What was written is on the medium for sure only after a sync of the file; before that any of it may be, by sectors.
// - A write changes no byte outside its range ("power-safe overwrite", which SQLite takes for granted on Linux).
// - A new name in a directory, or one less, is there for sure only after a sync of the directory. SQLite asks for that with
//   the first sync of a log or journal, and when it deletes one with `syncDirectory`. Files taken over have their name.
// - After a sync that failed nobody writes the same bytes again: later syncs say nothing about them, and until a write
//   covers them they may be on the medium or not (what Linux does, and took PostgreSQL by surprise).

#include <stdbool.h>
#include <stdint.h>

typedef struct simulated_disk simulated_disk;

/// A disk for all paths that begin with `prefix`: a directory as it is really called, with a slash at the end.
simulated_disk *simulated_disk_make(const char *prefix);

/// Takes the disk away. Files that are still open go on failing until they are closed.
void simulated_disk_free(simulated_disk *disk);

// MARK: Operations

typedef enum {
    simulated_disk_create,
    simulated_disk_write,
    simulated_disk_sync,
    simulated_disk_truncate,
    simulated_disk_delete,
} simulated_disk_kind;

typedef struct {
    /// Operations are numbered from 1.
    uint64_t number;
    simulated_disk_kind kind;
    /// The path after the prefix.
    const char *name;
    /// Where a write begins; the new size for a truncation.
    uint64_t offset;
    /// Of a write.
    uint64_t bytes;
} simulated_disk_operation;

/// Operations that were begun: the number of the newest.
uint64_t simulated_disk_operations(simulated_disk *disk);

/// Reads that were begun, which are counted by themselves.
uint64_t simulated_disk_reads(simulated_disk *disk);

/// Calls `before` at the beginning of each operation, on the thread that asked for it, one after the other; reads go on
/// meanwhile. It may wait (a slow disk, a disk that is held still) and look at the counters. NULL: no more.
void simulated_disk_watch(
    simulated_disk *disk, void (*before)(void *context, const simulated_disk_operation *operation), void *context);

// MARK: Faults

typedef enum {
    /// EIO for whatever it is; of a write nothing is done, and a sync is as under `sync_fails`.
    simulated_disk_io_error,
    /// ENOSPC for writes and new files; nothing of the write is done. Other operations succeed.
    simulated_disk_no_space,
    /// ENOSPC for writes after half of the bytes. Other operations succeed.
    simulated_disk_short_write,
    /// Syncs fail; what was written can still be read. Other operations succeed.
    simulated_disk_sync_fails,
    /// Syncs fail, and what had not reached the medium is gone also for readers. Other operations succeed.
    simulated_disk_sync_loses,
    /// The power is off: this and whatever comes later fails, reads too, until `simulated_disk_cut`.
    simulated_disk_power_off,
} simulated_disk_fault;

/// Lets operations from number `first` on fail like this, until `count` of them have. One fault is armed at a time; armed
/// beforehand it needs no hurry.
void simulated_disk_fail(simulated_disk *disk, simulated_disk_fault fault, uint64_t first, uint64_t count);

/// Only operations on files whose name ends with `suffix` suffer the fault. NULL: all of them.
void simulated_disk_fail_only(simulated_disk *disk, const char *suffix);

/// Lets reads from `first` (by their own number), `count` of them, fail with EIO.
void simulated_disk_fail_reads(simulated_disk *disk, uint64_t first, uint64_t count);

/// No fault is armed any more.
void simulated_disk_mend(simulated_disk *disk);

/// How many operations and reads have failed so far.
uint64_t simulated_disk_failures(simulated_disk *disk);

/// From now on syncs of files whose name ends with `suffix` ("" for all) succeed without doing anything. NULL: no more.
void simulated_disk_lie(simulated_disk *disk, const char *suffix);

// MARK: Power cuts

typedef enum {
    /// Nothing that was not synced.
    simulated_disk_nothing,
    /// Everything, as if synced.
    simulated_disk_everything,
    /// Of what was not synced, each sector of each write by a coin, and each name by a coin.
    simulated_disk_coin,
    /// Everything but the newest write, of which the first bytes only.
    simulated_disk_torn,
} simulated_disk_survival;

/// What a power cut at this moment leaves of `from` becomes all there is on `to`, which may be the same disk. Files that
/// are open on `to` fail from then on, faults are mended, and the power is on.
///
/// `seed` decides the coins and the tear; `sectorBytes` is 512 or 4096 on real disks.
void simulated_disk_cut(
    simulated_disk *from, simulated_disk *to, simulated_disk_survival survival, uint32_t sectorBytes, uint64_t seed);

/// Has SQLite alone open the file, recover what its log and journals say, and close it, so that the file alone is
/// everything. Returns SQLite's code.
int simulated_disk_recover(simulated_disk *disk, const char *name);

/// Everything there is, with a fingerprint that tells two contents apart.
typedef struct {
    uint64_t high, low;
} simulated_disk_fingerprint;
simulated_disk_fingerprint simulated_disk_contents(simulated_disk *disk);

/// The same for one file; false when there is none.
bool simulated_disk_contents_of(simulated_disk *disk, const char *name, simulated_disk_fingerprint *fingerprint);

/// Bytes of a file as they are read now, and how many; NULL when there is no such file. They stay until the next operation.
const unsigned char *simulated_disk_bytes(simulated_disk *disk, const char *name, uint64_t *count);

/// Makes a file of these bytes, on the medium at once, under a name that is not open.
void simulated_disk_put(simulated_disk *disk, const char *name, const void *bytes, uint64_t count);

// MARK: The tape

/// Keeps every operation from now on, so that a replica can be brought to any of these moments.
void simulated_disk_record(simulated_disk *disk);

/// Brings `replica` from where it is to the moment after operation `through` of what was recorded on `disk`. It has to
/// begin as `disk` was when it began to record. Replaying is not counted, watched or failed; lies are the replica's own.
void simulated_disk_replay(simulated_disk *replica, simulated_disk *disk, uint64_t through);

/// Lets the replica begin at the first operation again; what it holds is left as it is.
void simulated_disk_rewind(simulated_disk *replica);

/// An operation of the tape; `name` stays as long as the disk. False when it was not recorded.
bool simulated_disk_recorded(simulated_disk *disk, uint64_t number, simulated_disk_operation *operation);

// MARK: For the whole process

/// SQLite's random numbers follow from `seed` from now on: salts of logs, `randomblob`, temporary names. With the seed, one
/// thread and a given time, the same statements make the same bytes.
void simulated_disk_seed(uint64_t seed);

/// SQLite's clock stands at this instant, microseconds since 1970; a negative one lets it run again.
void simulated_disk_set_time(int64_t microseconds);
