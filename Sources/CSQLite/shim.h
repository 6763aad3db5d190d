#include <sqlite3.h>

// What Swift cannot import: variadic functions and macros that cast.

// Refuses SQL that would damage the file's structure, such as writes to the schema table.
static inline int csqlite_defend(sqlite3 *db) {
    return sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, (int *)0);
}

// Leaves the log as it is when the last connection closes: for connections that only read.
static inline int csqlite_leave_log_at_close(sqlite3 *db) {
    return sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, (int *)0);
}

// No extension can be loaded, neither by SQL nor by the C interface.
static inline int csqlite_refuse_extensions(sqlite3 *db) {
    return sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, (int *)0);
}

// The bytes are to be there until the statement is reset. An empty buffer may have no address, which SQLite would take
// for NULL.
static inline int csqlite_bind_text(sqlite3_stmt *statement, int index, const void *bytes, int count) {
    if (count == 0) return sqlite3_bind_text(statement, index, "", 0, SQLITE_STATIC);
    return sqlite3_bind_text(statement, index, (const char *)bytes, count, SQLITE_STATIC);
}
static inline int csqlite_bind_blob(sqlite3_stmt *statement, int index, const void *bytes, int count) {
    if (count == 0) return sqlite3_bind_zeroblob(statement, index, 0);
    return sqlite3_bind_blob(statement, index, bytes, count, SQLITE_STATIC);
}

// A file of our own through SQLite's file layer, the default one, so that whatever stands between SQLite and the disk
// stands between us and the disk. Each function gives back SQLite's code.
typedef struct csqlite_file csqlite_file;
struct csqlite_file {
    sqlite3_filename path;  // SQLite's layer keeps this address, and expects the parameters that such a name carries.
    sqlite3_file *file;
};

static inline int csqlite_file_close(csqlite_file *opened) {
    if (!opened) return SQLITE_OK;
    int code = opened->file && opened->file->pMethods ? opened->file->pMethods->xClose(opened->file) : SQLITE_OK;
    sqlite3_free(opened->file);
    sqlite3_free_filename((char *)opened->path);
    sqlite3_free(opened);
    return code;
}

// Opens or makes it. Of SQLite's kinds of files it is a super-journal: no locks, and a new one's directory is synced with it.
static inline int csqlite_file_open(const char *path, csqlite_file **out) {
    sqlite3_vfs *vfs = sqlite3_vfs_find(0);
    csqlite_file *opened = (csqlite_file *)sqlite3_malloc(sizeof *opened);
    *out = 0;
    if (!vfs || !opened) return SQLITE_NOMEM;
    opened->path = sqlite3_create_filename(path, "", "", 0, 0);
    opened->file = (sqlite3_file *)sqlite3_malloc(vfs->szOsFile);
    if (!opened->path || !opened->file) {
        if (opened->file) opened->file->pMethods = 0;
        csqlite_file_close(opened);
        return SQLITE_NOMEM;
    }
    opened->file->pMethods = 0;
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_SUPER_JOURNAL;
    int code = vfs->xOpen(vfs, opened->path, opened->file, flags, &flags);
    if (code != SQLITE_OK) {
        csqlite_file_close(opened);
        return code;
    }
    *out = opened;
    return SQLITE_OK;
}

static inline int csqlite_file_size(csqlite_file *opened, sqlite3_int64 *bytes) {
    return opened->file->pMethods->xFileSize(opened->file, bytes);
}
static inline int csqlite_file_read(csqlite_file *opened, void *bytes, int count, sqlite3_int64 offset) {
    return opened->file->pMethods->xRead(opened->file, bytes, count, offset);
}
static inline int csqlite_file_write(csqlite_file *opened, const void *bytes, int count, sqlite3_int64 offset) {
    return opened->file->pMethods->xWrite(opened->file, bytes, count, offset);
}
static inline int csqlite_file_sync(csqlite_file *opened) {
    return opened->file->pMethods->xSync(opened->file, SQLITE_SYNC_NORMAL | SQLITE_SYNC_DATAONLY);
}
