#include "FaultyDisk.h"
#include <limits.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

// Which file is which: the system's layer keeps the path to itself.
#define FILES_MAX 256
static struct {
    sqlite3_file *file;
    char path[512];
} files[FILES_MAX];

#define FAULTS_MAX 16
typedef struct {
    char prefix[512], suffix[32];
    int syncs_fail, space_ends, writes_left, failures;
} fault;
static fault faults[FAULTS_MAX];

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static sqlite3_vfs disk;

// The system's layer has a table of methods for the data file and another for the rest. Each gets a copy with ours.
#define TABLES_MAX 4
static struct {
    const sqlite3_io_methods *system;
    sqlite3_io_methods ours;
} tables[TABLES_MAX];
static int (*system_open)(sqlite3_vfs *, const char *, sqlite3_file *, int, int *);

// The fault that a file has, if any; with the lock held.
static fault *fault_of(sqlite3_file *file) {
    for (int i = 0; i < FILES_MAX; i++) {
        if (files[i].file != file) continue;
        size_t path = strlen(files[i].path);
        for (int j = 0; j < FAULTS_MAX; j++) {
            size_t suffix = strlen(faults[j].suffix);
            if ((faults[j].syncs_fail || faults[j].space_ends) &&
                strncmp(files[i].path, faults[j].prefix, strlen(faults[j].prefix)) == 0 && path >= suffix &&
                strcmp(files[i].path + path - suffix, faults[j].suffix) == 0)
                return &faults[j];
        }
    }
    return 0;
}

// The fault with this prefix, or a free one.
static fault *fault_at(const char *prefix) {
    fault *unused = 0;
    for (int i = 0; i < FAULTS_MAX; i++) {
        if (strcmp(faults[i].prefix, prefix) == 0) return &faults[i];
        if (!faults[i].syncs_fail && !faults[i].space_ends) unused = &faults[i];
    }
    return unused;
}

static const sqlite3_io_methods *system_of(sqlite3_file *file) {
    for (int i = 0; i < TABLES_MAX; i++)
        if (file->pMethods == &tables[i].ours) return tables[i].system;
    return file->pMethods;
}

static int disk_sync(sqlite3_file *file, int flags) {
    pthread_mutex_lock(&lock);
    fault *fault = fault_of(file);
    int fails = fault && fault->syncs_fail > 0;
    if (fails) fault->failures++, fault->syncs_fail--;
    pthread_mutex_unlock(&lock);
    return fails ? SQLITE_IOERR_FSYNC : system_of(file)->xSync(file, flags);
}

static int disk_write(sqlite3_file *file, const void *bytes, int count, sqlite3_int64 offset) {
    pthread_mutex_lock(&lock);
    fault *fault = fault_of(file);
    int counts = fault && fault->space_ends;
    int fails = counts && fault->writes_left <= 0;
    int is_first = fails && fault->failures == 0;
    if (counts) fault->writes_left--;
    if (fails) fault->failures++;
    pthread_mutex_unlock(&lock);
    if (!fails) return system_of(file)->xWrite(file, bytes, count, offset);
    if (is_first) system_of(file)->xWrite(file, bytes, count / 2, offset);
    return SQLITE_FULL;
}

static int disk_close(sqlite3_file *file) {
    pthread_mutex_lock(&lock);
    for (int i = 0; i < FILES_MAX; i++)
        if (files[i].file == file) files[i].file = 0;
    pthread_mutex_unlock(&lock);
    return system_of(file)->xClose(file);
}

static int disk_open(sqlite3_vfs *vfs, const char *path, sqlite3_file *file, int flags, int *out) {
    int code = system_open(vfs, path, file, flags, out);
    // Temporary files have no path.
    if (code != SQLITE_OK || !path || !file->pMethods) return code;
    pthread_mutex_lock(&lock);
    int table = 0;
    while (table < TABLES_MAX && tables[table].system && tables[table].system != file->pMethods) table++;
    for (int i = 0; i < FILES_MAX && table < TABLES_MAX; i++) {
        if (files[i].file) continue;
        if (!tables[table].system) {
            tables[table].system = file->pMethods;
            tables[table].ours = *file->pMethods;
            tables[table].ours.xWrite = disk_write;
            tables[table].ours.xSync = disk_sync;
            tables[table].ours.xClose = disk_close;
        }
        files[i].file = file;
        snprintf(files[i].path, sizeof files[i].path, "%s", path);
        file->pMethods = &tables[table].ours;
        break;
    }
    pthread_mutex_unlock(&lock);
    return code;
}

static void install(void) {
    disk = *sqlite3_vfs_find(0);
    system_open = disk.xOpen;
    disk.zName = "faulty";
    disk.xOpen = disk_open;
    sqlite3_vfs_register(&disk, 1);
}

void faulty_disk_install(void) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, install);
}

static void arm(const char *prefix, const char *suffix, int syncs_fail, int space_ends, int writes) {
    pthread_mutex_lock(&lock);
    fault *fault = fault_at(prefix);
    if (fault) {
        snprintf(fault->prefix, sizeof fault->prefix, "%s", prefix);
        snprintf(fault->suffix, sizeof fault->suffix, "%s", suffix);
        fault->syncs_fail = syncs_fail;
        fault->space_ends = space_ends;
        fault->writes_left = writes;
        fault->failures = 0;
    }
    pthread_mutex_unlock(&lock);
}

void faulty_disk_fail_syncs(const char *prefix, const char *suffix) { arm(prefix, suffix, INT_MAX, 0, 0); }
void faulty_disk_fail_next_sync(const char *prefix, const char *suffix) { arm(prefix, suffix, 1, 0, 0); }
void faulty_disk_fill(const char *prefix, const char *suffix, int writes) { arm(prefix, suffix, 0, 1, writes); }

void faulty_disk_mend(const char *prefix) {
    pthread_mutex_lock(&lock);
    fault *fault = fault_at(prefix);
    if (fault) fault->syncs_fail = fault->space_ends = 0;
    pthread_mutex_unlock(&lock);
}

int faulty_disk_failures(const char *prefix) {
    pthread_mutex_lock(&lock);
    fault *fault = fault_at(prefix);
    int failures = fault && strcmp(fault->prefix, prefix) == 0 ? fault->failures : 0;
    pthread_mutex_unlock(&lock);
    return failures;
}
