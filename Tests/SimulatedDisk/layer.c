#include "disk.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static sqlite3_vfs layer, *system_layer;

/// An open file.
typedef struct {
    sqlite3_file base;
    simulated_disk *disk;
    inode *inode;
    char *name;
    uint64_t generation;
    int level;
    bool is_mapped, deletes_on_close;
    unsigned shared_slots, exclusive_slots;
} handle;

static handle *handle_of(sqlite3_file *file) { return (handle *)file; }

/// Whether the power went off since it was opened. With the lock held.
static bool is_dead(const handle *handle) {
    return handle->disk->is_off || handle->generation != handle->disk->generation;
}

/// Whether the name still means this file: what happens to a file without a name is of no interest to anybody later.
static bool is_named(const handle *handle) {
    entry *entry = entry_named(handle->disk, handle->name, false);
    return entry && entry->now == handle->inode;
}

static void keep(
    const handle *handle, uint64_t number, tape_kind kind, uint64_t offset, const void *bytes, size_t count) {
    if (is_named(handle)) tape_keep(handle->disk, number, kind, handle->name, false, offset, bytes, count);
}

// MARK: Reading and writing

static int disk_read(sqlite3_file *file, void *bytes, int count, sqlite3_int64 offset) {
    handle *handle = handle_of(file);
    pthread_mutex_lock(&handle->disk->lock);
    int code = SQLITE_OK;
    const image *image = &handle->inode->now;
    if (!read_begin(handle->disk) || is_dead(handle)) {
        code = SQLITE_IOERR_READ;
    } else {
        size_t there = (uint64_t)offset < image->count ? image->count - (size_t)offset : 0;
        if (there > (size_t)count) there = (size_t)count;
        if (there) memcpy(bytes, image->bytes + offset, there);
        memset((char *)bytes + there, 0, (size_t)count - there);
        if (there < (size_t)count) code = SQLITE_IOERR_SHORT_READ;
    }
    pthread_mutex_unlock(&handle->disk->lock);
    return code;
}

static int disk_write(sqlite3_file *file, const void *bytes, int count, sqlite3_int64 offset) {
    handle *handle = handle_of(file);
    uint64_t number;
    verdict verdict = operation_begin(
        handle->disk, simulated_disk_write, handle->name, (uint64_t)offset, (uint64_t)count, &number);
    int code = verdict == verdict_works ? SQLITE_OK : verdict == verdict_io_error ? SQLITE_IOERR_WRITE : SQLITE_FULL;
    if (is_dead(handle)) {
        code = SQLITE_IOERR_WRITE;
    } else if (verdict == verdict_works || verdict == verdict_short) {
        size_t done = (size_t)count / (verdict == verdict_short ? 2 : 1);
        file_write(handle->inode, number, (uint64_t)offset, bytes, done);
        keep(handle, number, tape_write, (uint64_t)offset, bytes, done);
    }
    operation_end(handle->disk);
    return code;
}

static int disk_truncate(sqlite3_file *file, sqlite3_int64 count) {
    handle *handle = handle_of(file);
    uint64_t number;
    bool works = operation_begin(
        handle->disk, simulated_disk_truncate, handle->name, (uint64_t)count, 0, &number) == verdict_works;
    works = works && !is_dead(handle);
    if (works) {
        file_truncate(handle->inode, number, (uint64_t)count);
        keep(handle, number, tape_truncate, (uint64_t)count, 0, 0);
    }
    operation_end(handle->disk);
    return works ? SQLITE_OK : SQLITE_IOERR_TRUNCATE;
}

static int disk_sync(sqlite3_file *file, int flags) {
    (void)flags;
    handle *handle = handle_of(file);
    uint64_t number;
    verdict verdict = operation_begin(handle->disk, simulated_disk_sync, handle->name, 0, 0, &number);
    int code = verdict == verdict_works ? SQLITE_OK : SQLITE_IOERR_FSYNC;
    if (is_dead(handle)) {
        code = SQLITE_IOERR_FSYNC;
    } else if (verdict == verdict_works) {
        if (!lies_about(handle->disk, handle->name)) file_sync(handle->disk, handle->inode);
        keep(handle, number, tape_sync, 0, 0, 0);
    } else if (verdict == verdict_lost) {
        file_sync_lost(handle->inode, number);
        keep(handle, number, tape_sync_lost, 0, 0, 0);
    } else {
        file_sync_failed(handle->inode);
        keep(handle, number, tape_sync_failed, 0, 0, 0);
    }
    operation_end(handle->disk);
    return code;
}

static int disk_size(sqlite3_file *file, sqlite3_int64 *count) {
    handle *handle = handle_of(file);
    pthread_mutex_lock(&handle->disk->lock);
    int code = is_dead(handle) ? SQLITE_IOERR_FSTAT : SQLITE_OK;
    *count = (sqlite3_int64)handle->inode->now.count;
    pthread_mutex_unlock(&handle->disk->lock);
    return code;
}

// MARK: Locks

static int disk_lock(sqlite3_file *file, int level) {
    handle *handle = handle_of(file);
    inode *inode = handle->inode;
    pthread_mutex_lock(&handle->disk->lock);
    int code = SQLITE_OK;
    if (is_dead(handle)) {
        code = SQLITE_IOERR_LOCK;
    } else if (handle->level < SQLITE_LOCK_SHARED) {
        // Whoever wants it for itself keeps new readers out.
        if (inode->exclusive) code = SQLITE_BUSY;
        else inode->shared_count++, handle->level = SQLITE_LOCK_SHARED;
    }
    if (code == SQLITE_OK && level >= SQLITE_LOCK_RESERVED && handle->level < level) {
        if ((inode->reserved && inode->reserved != handle) || (inode->exclusive && inode->exclusive != handle)) {
            code = SQLITE_BUSY;
        } else if (level == SQLITE_LOCK_RESERVED) {
            inode->reserved = handle;
            handle->level = level;
        } else {
            inode->exclusive = handle;
            handle->level = SQLITE_LOCK_PENDING;
            if (inode->shared_count > 1) code = SQLITE_BUSY;
            else handle->level = level;
        }
    }
    pthread_mutex_unlock(&handle->disk->lock);
    return code;
}

/// With the lock held.
static void unlock(handle *handle, int level) {
    inode *inode = handle->inode;
    if (handle->level <= level) return;
    if (inode->reserved == handle) inode->reserved = 0;
    if (inode->exclusive == handle) inode->exclusive = 0;
    if (level < SQLITE_LOCK_SHARED && handle->level >= SQLITE_LOCK_SHARED) inode->shared_count--;
    handle->level = level;
}

static int disk_unlock(sqlite3_file *file, int level) {
    handle *handle = handle_of(file);
    pthread_mutex_lock(&handle->disk->lock);
    unlock(handle, level);
    pthread_mutex_unlock(&handle->disk->lock);
    return SQLITE_OK;
}

static int disk_is_reserved(sqlite3_file *file, int *is_reserved) {
    handle *handle = handle_of(file);
    pthread_mutex_lock(&handle->disk->lock);
    *is_reserved = handle->inode->reserved || handle->inode->exclusive;
    pthread_mutex_unlock(&handle->disk->lock);
    return SQLITE_OK;
}

// MARK: Shared memory

static int disk_map(sqlite3_file *file, int region, int bytes, int extends, void volatile **memory) {
    handle *handle = handle_of(file);
    inode *inode = handle->inode;
    pthread_mutex_lock(&handle->disk->lock);
    int code = SQLITE_OK;
    *memory = 0;
    if (is_dead(handle) || region >= SHARED_REGIONS_MAX) {
        code = SQLITE_IOERR_SHMMAP;
    } else {
        if (!handle->is_mapped) handle->is_mapped = true, inode->mappings++;
        if (!inode->regions[region] && extends) inode->regions[region] = calloc(1, (size_t)bytes);
        if (!inode->regions[region] && extends) code = SQLITE_NOMEM;
        *memory = inode->regions[region];
    }
    pthread_mutex_unlock(&handle->disk->lock);
    return code;
}

static int disk_slots(sqlite3_file *file, int first, int count, int flags) {
    handle *handle = handle_of(file);
    inode *inode = handle->inode;
    unsigned mask = ((1u << count) - 1) << first;
    pthread_mutex_lock(&handle->disk->lock);
    int code = is_dead(handle) && !(flags & SQLITE_SHM_UNLOCK) ? SQLITE_IOERR_SHMLOCK : SQLITE_OK;
    for (int i = first; i < first + count && code == SQLITE_OK; i++) {
        bool is_shared = handle->shared_slots & (1u << i);
        if (flags & SQLITE_SHM_UNLOCK) {
            if (flags & SQLITE_SHM_SHARED && is_shared) inode->slots_shared[i]--;
            if (flags & SQLITE_SHM_EXCLUSIVE && inode->slots_exclusive[i] == handle) inode->slots_exclusive[i] = 0;
        } else if (inode->slots_exclusive[i] && inode->slots_exclusive[i] != handle) {
            code = SQLITE_BUSY;
        } else if (flags & SQLITE_SHM_EXCLUSIVE && inode->slots_shared[i] > (is_shared ? 1 : 0)) {
            code = SQLITE_BUSY;
        }
    }
    if (code == SQLITE_OK && flags & SQLITE_SHM_UNLOCK) {
        if (flags & SQLITE_SHM_SHARED) handle->shared_slots &= ~mask;
        else handle->exclusive_slots &= ~mask;
    } else if (code == SQLITE_OK) {
        for (int i = first; i < first + count; i++) {
            if (flags & SQLITE_SHM_EXCLUSIVE) inode->slots_exclusive[i] = handle;
            else if (!(handle->shared_slots & (1u << i))) inode->slots_shared[i]++;
        }
        if (flags & SQLITE_SHM_SHARED) handle->shared_slots |= mask;
        else handle->exclusive_slots |= mask;
    }
    pthread_mutex_unlock(&handle->disk->lock);
    return code;
}

static void disk_barrier(sqlite3_file *file) {
    (void)file;
    __sync_synchronize();
}

/// With the lock held.
static void unmap(handle *handle) {
    inode *inode = handle->inode;
    for (int i = 0; i < SQLITE_SHM_NLOCK; i++) {
        if (handle->shared_slots & (1u << i)) inode->slots_shared[i]--;
        if (inode->slots_exclusive[i] == handle) inode->slots_exclusive[i] = 0;
    }
    handle->shared_slots = handle->exclusive_slots = 0;
    if (!handle->is_mapped) return;
    handle->is_mapped = false;
    if (--inode->mappings > 0) return;
    for (int i = 0; i < SHARED_REGIONS_MAX; i++) {
        free(inode->regions[i]);
        inode->regions[i] = 0;
    }
}

static int disk_unmap(sqlite3_file *file, int deletes) {
    (void)deletes;
    handle *handle = handle_of(file);
    pthread_mutex_lock(&handle->disk->lock);
    unmap(handle);
    pthread_mutex_unlock(&handle->disk->lock);
    return SQLITE_OK;
}

// MARK: The rest of a file

static int disk_control(sqlite3_file *file, int operation, void *argument) {
    (void)file;
    if (operation == SQLITE_FCNTL_POWERSAFE_OVERWRITE && argument) {
        *(int *)argument = 1;
        return SQLITE_OK;
    }
    return operation == SQLITE_FCNTL_SIZE_HINT ? SQLITE_OK : SQLITE_NOTFOUND;
}

static int disk_sector(sqlite3_file *file) {
    (void)file;
    return 4096;
}

static int disk_characteristics(sqlite3_file *file) {
    (void)file;
    return SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

static int delete_named(simulated_disk *disk, const char *name, bool syncs_directory);

static int disk_close(sqlite3_file *file) {
    handle *handle = handle_of(file);
    if (handle->deletes_on_close) delete_named(handle->disk, handle->name, false);
    pthread_mutex_lock(&handle->disk->lock);
    unmap(handle);
    unlock(handle, SQLITE_LOCK_NONE);
    inode_release(handle->inode);
    pthread_mutex_unlock(&handle->disk->lock);
    free(handle->name);
    disk_release(handle->disk);
    return SQLITE_OK;
}

static const sqlite3_io_methods methods = {
    .iVersion = 2,
    .xClose = disk_close,
    .xRead = disk_read,
    .xWrite = disk_write,
    .xTruncate = disk_truncate,
    .xSync = disk_sync,
    .xFileSize = disk_size,
    .xLock = disk_lock,
    .xUnlock = disk_unlock,
    .xCheckReservedLock = disk_is_reserved,
    .xFileControl = disk_control,
    .xSectorSize = disk_sector,
    .xDeviceCharacteristics = disk_characteristics,
    .xShmMap = disk_map,
    .xShmLock = disk_slots,
    .xShmBarrier = disk_barrier,
    .xShmUnmap = disk_unmap,
};

// MARK: Names

/// What this name means, after a look at the real directory when it was never used. With the lock held.
static inode *found(simulated_disk *disk, const char *path) {
    const char *name = path + disk->prefix_length;
    entry *entry = entry_named(disk, name, false);
    if (entry) return entry->now;
    struct stat status;
    if (stat(path, &status) != 0 || !S_ISREG(status.st_mode)) return 0;
    FILE *file = fopen(path, "rb");
    if (!file) return 0;
    size_t count = (size_t)status.st_size;
    void *bytes = malloc(count + 1);
    if (!bytes) abort();
    count = fread(bytes, 1, count, file);
    fclose(file);
    file_take_over(disk, name, bytes, count);
    tape_keep(disk, disk->operations, tape_take_over, name, false, 0, bytes, count);
    free(bytes);
    return entry_named(disk, name, false)->now;
}

static int open_on(simulated_disk *disk, const char *path, handle *handle, int flags) {
    const char *name = path + disk->prefix_length;
    pthread_mutex_lock(&disk->lock);
    bool is_off = disk->is_off;
    inode *inode = is_off ? 0 : found(disk, path);
    if (inode) inode->references++;
    pthread_mutex_unlock(&disk->lock);
    if (is_off || (inode && flags & SQLITE_OPEN_EXCLUSIVE)) return SQLITE_CANTOPEN;
    if (!inode) {
        if (!(flags & SQLITE_OPEN_CREATE)) return SQLITE_CANTOPEN;
        uint64_t number;
        bool works = operation_begin(disk, simulated_disk_create, name, 0, 0, &number) == verdict_works;
        if (works) {
            // As the system's layer does it.
            bool syncs = flags & (SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_SUPER_JOURNAL);
            inode = file_create(disk, name, syncs);
            inode->references++;
            tape_keep(disk, number, tape_create, name, syncs, 0, 0, 0);
        }
        operation_end(disk);
        if (!works) return SQLITE_CANTOPEN;
    }
    handle->disk = disk;
    handle->inode = inode;
    handle->name = strdup(name);
    if (!handle->name) abort();
    pthread_mutex_lock(&disk->lock);
    handle->generation = disk->generation;
    pthread_mutex_unlock(&disk->lock);
    handle->deletes_on_close = flags & SQLITE_OPEN_DELETEONCLOSE;
    handle->base.pMethods = &methods;
    return SQLITE_OK;
}

static int layer_open(sqlite3_vfs *vfs, const char *path, sqlite3_file *file, int flags, int *out) {
    (void)vfs;
    simulated_disk *disk = path ? disk_of(path) : 0;
    if (!disk) return system_layer->xOpen(system_layer, path, file, flags, out);
    memset(file, 0, sizeof(handle));
    int code = open_on(disk, path, handle_of(file), flags);
    if (code != SQLITE_OK) disk_release(disk);
    else if (out) *out = flags;
    return code;
}

static int delete_named(simulated_disk *disk, const char *name, bool syncs_directory) {
    uint64_t number;
    bool works = operation_begin(disk, simulated_disk_delete, name, 0, 0, &number) == verdict_works;
    entry *entry = entry_named(disk, name, false);
    int code = !works ? SQLITE_IOERR_DELETE : entry && entry->now ? SQLITE_OK : SQLITE_IOERR_DELETE_NOENT;
    if (code == SQLITE_OK) {
        file_delete(disk, name, syncs_directory);
        tape_keep(disk, number, tape_delete, name, syncs_directory, 0, 0, 0);
    }
    operation_end(disk);
    return code;
}

static int layer_delete(sqlite3_vfs *vfs, const char *path, int syncs_directory) {
    (void)vfs;
    simulated_disk *disk = disk_of(path);
    if (!disk) return system_layer->xDelete(system_layer, path, syncs_directory);
    int code = delete_named(disk, path + disk->prefix_length, syncs_directory != 0);
    disk_release(disk);
    return code;
}

static int layer_access(sqlite3_vfs *vfs, const char *path, int flags, int *answer) {
    (void)vfs;
    simulated_disk *disk = disk_of(path);
    if (!disk) return system_layer->xAccess(system_layer, path, flags, answer);
    pthread_mutex_lock(&disk->lock);
    inode *inode = found(disk, path);
    // An empty file does not count as a log or journal: as the system's layer has it.
    *answer = inode && (flags != SQLITE_ACCESS_EXISTS || inode->now.count > 0);
    int code = disk->is_off ? SQLITE_IOERR_ACCESS : SQLITE_OK;
    pthread_mutex_unlock(&disk->lock);
    disk_release(disk);
    return code;
}

int simulated_disk_recover(simulated_disk *disk, const char *name) {
    char path[1024];
    snprintf(path, sizeof path, "%s%s", disk->prefix, name);
    sqlite3 *file = 0;
    int code = sqlite3_open_v2(path, &file, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, 0);
    if (code == SQLITE_OK) code = sqlite3_exec(file, "SELECT count(*) FROM sqlite_schema", 0, 0, 0);
    int closed = sqlite3_close(file);
    return code != SQLITE_OK ? code : closed;
}

// MARK: Chance and time

static pthread_mutex_t world = PTHREAD_MUTEX_INITIALIZER;
static bool is_seeded;
static uint64_t world_seed;
static int64_t world_time = -1;

static int layer_randomness(sqlite3_vfs *vfs, int count, char *bytes) {
    (void)vfs;
    pthread_mutex_lock(&world);
    bool is_ours = is_seeded;
    for (int i = 0; is_ours && i < count; i++) bytes[i] = (char)coin_next(&world_seed);
    pthread_mutex_unlock(&world);
    return is_ours ? count : system_layer->xRandomness(system_layer, count, bytes);
}

static int layer_time(sqlite3_vfs *vfs, sqlite3_int64 *milliseconds) {
    (void)vfs;
    pthread_mutex_lock(&world);
    int64_t time = world_time;
    pthread_mutex_unlock(&world);
    if (time < 0) return system_layer->xCurrentTimeInt64(system_layer, milliseconds);
    // SQLite counts from noon in Greenwich on November 24, 4714 B.C.
    *milliseconds = 210866760000000 + time / 1000;
    return SQLITE_OK;
}

void simulated_disk_seed(uint64_t seed) {
    layer_install();
    pthread_mutex_lock(&world);
    is_seeded = true;
    world_seed = seed;
    pthread_mutex_unlock(&world);
    // SQLite asks the file layer once and goes on from there by itself; this makes it ask again.
    sqlite3_randomness(0, 0);
}

void simulated_disk_set_time(int64_t microseconds) {
    layer_install();
    pthread_mutex_lock(&world);
    world_time = microseconds;
    pthread_mutex_unlock(&world);
}

static void install(void) {
    system_layer = sqlite3_vfs_find(0);
    layer = *system_layer;
    layer.pNext = 0;
    layer.zName = "simulated-disk";
    if ((int)sizeof(handle) > layer.szOsFile) layer.szOsFile = (int)sizeof(handle);
    layer.xOpen = layer_open;
    layer.xDelete = layer_delete;
    layer.xAccess = layer_access;
    layer.xRandomness = layer_randomness;
    if (layer.iVersion >= 2 && layer.xCurrentTimeInt64) layer.xCurrentTimeInt64 = layer_time;
    sqlite3_vfs_register(&layer, 1);
}

void layer_install(void) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, install);
}
