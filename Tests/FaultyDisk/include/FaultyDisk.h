#pragma once

// A disk that fails when it is told to: SQLite's own file layer, with writes and syncs of one file going wrong.
//
// Only tests use it. It becomes SQLite's default file layer in the test's process and changes nothing until armed.

/// Puts itself between SQLite and the system. May be called more than once.
void faulty_disk_install(void);

// Faults are told apart by their prefix, so that tests that run at the same time do not break each other's disks.

/// Lets the sync of files whose path begins with `prefix` and ends with `suffix` fail from now on. What was written stays.
void faulty_disk_fail_syncs(const char *prefix, const char *suffix);

/// The same for the next sync only.
void faulty_disk_fail_next_sync(const char *prefix, const char *suffix);

/// Lets writes to such files find no space, after `writes` that succeed; the first to fail writes half of its bytes.
void faulty_disk_fill(const char *prefix, const char *suffix, int writes);

/// Everything under `prefix` works again.
void faulty_disk_mend(const char *prefix);

/// How many writes and syncs under `prefix` have failed since it was armed.
int faulty_disk_failures(const char *prefix);
