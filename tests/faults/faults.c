/* Loaded before libc by tests/crash.rs: counts every call that changes a file system, of all threads together, and lets
 * one of them go wrong.
 *
 *   FAULT_COUNT=FILE   append one byte to FILE for each call (how many steps a command has)
 *   FAULT_TRACE=FILE   append a line to FILE for each write, sync and rename: `write PATH`, `sync PATH`, `rename FROM TO`
 *   FAULT_AT=N         what FAULT_DO says happens at call N, counted from 1
 *   FAULT_DO=kill      the process is killed before the call
 *   FAULT_DO=tear      half of what a write was to write is written, then the process is killed; other calls as kill
 *   FAULT_DO=full      this call and every later one that needs space fails with ENOSPC
 *   FAULT_DO=fail      this call alone fails with EIO
 *   FAULT_DO=readonly  this call and every later one fails with EROFS
 *   FAULT_DO=interrupt the process gets SIGINT at this call, which goes on
 *   FAULT_SPACE=N      the disk has room for N more bytes: a write that does not fit writes what fits, later ones fail with
 *                      ENOSPC, as do calls that need a new entry
 *   FAULT_CLOCK=N      the wall clock is N seconds ahead (behind, if negative)
 *   FAULT_CLOCK_AT=M   only every other stretch of M looks at the clock is shifted
 *
 * Writes to standard output, standard error and whatever is no regular file are no steps. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static atomic_long calls;
static long at = -1;
static char what;
static int counter = -1, trace = -1;
static atomic_long room = -1;

__attribute__((constructor)) static void begin(void) {
    const char *text = getenv("FAULT_AT"), *mode = getenv("FAULT_DO"), *file = getenv("FAULT_COUNT");
    const char *space = getenv("FAULT_SPACE"), *told = getenv("FAULT_TRACE");
    if (told) trace = syscall(SYS_openat, AT_FDCWD, told, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (space) atomic_store(&room, atol(space) + 1);
    if (text) at = atol(text);
    if (mode) what = mode[0] == 'f' && mode[1] == 'a' ? 'e' : mode[0];
    if (file) counter = syscall(SYS_openat, AT_FDCWD, file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
}

/* Whether this call is to fail, with errno set; may not return. `space`: the call needs space on the disk. */
static int fails(int space) {
    long now = atomic_fetch_add(&calls, 1) + 1;
    if (counter >= 0) syscall(SYS_write, counter, "x", 1);
    if (space && atomic_load(&room) == 0) {
        errno = ENOSPC;
        return 1;
    }
    if (at < 0 || now < at) return 0;
    switch (what) {
    case 'k':
    case 't':
        if (now == at) {
            kill(getpid(), SIGKILL);
            pause();
        }
        return 0;
    case 'i':
        if (now == at) {
            /* The signal's handler hands over to a thread, which gets its turn. */
            struct timespec turn = {0, 20000000};
            kill(getpid(), SIGINT);
            nanosleep(&turn, NULL);
        }
        return 0;
    case 'f':
        errno = ENOSPC;
        return space;
    case 'r':
        errno = EROFS;
        return 1;
    case 'e':
        errno = EIO;
        return now == at;
    }
    return 0;
}

static void tear(int fd, const void *bytes, size_t count, off_t offset) {
    if (what == 't' && atomic_load(&calls) + 1 == at && count > 1) {
        if (offset < 0) syscall(SYS_write, fd, bytes, count / 2);
        else syscall(SYS_pwrite64, fd, bytes, count / 2, offset);
    }
}

/* Tells of a call that went well, about an open file or about names. */
static void tell(const char *done, int fd, const char *from, const char *to) {
    char link[64], path[4096], line[9000];
    if (trace < 0) return;
    if (fd >= 0) {
        snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
        ssize_t length = readlink(link, path, sizeof path - 1);
        if (length < 0) return;
        path[length] = 0;
        from = path;
    }
    int length = snprintf(line, sizeof line, "%s %s%s%s\n", done, from, to ? " " : "", to ? to : "");
    syscall(SYS_write, trace, line, length);
}

/* How many of so many bytes there is room for; `room` is one more than what is left, or negative without a limit. */
static size_t fits(size_t count) {
    long left = atomic_load(&room);
    while (left >= 0) {
        long now = left == 0 ? 0 : (long)count < left - 1 ? left - (long)count : 0;
        if (atomic_compare_exchange_weak(&room, &left, now)) return now ? count : left ? left - 1 : 0;
    }
    return count;
}

static ssize_t full(void) {
    errno = ENOSPC;
    return -1;
}

/* Pipes, sockets and event counters are no file system. */
static int is_step(int fd) {
    struct stat about;
    return fd > 2 && fstat(fd, &about) == 0 && S_ISREG(about.st_mode);
}

#define NEXT(name) static __typeof__(&name) next; if (!next) next = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

ssize_t write(int fd, const void *bytes, size_t count) {
    NEXT(write);
    if (is_step(fd)) {
        tear(fd, bytes, count, -1);
        if (fails(1)) return -1;
        if (count > 0 && (count = fits(count)) == 0) return full();
        tell("write", fd, NULL, NULL);
    }
    return next(fd, bytes, count);
}

ssize_t pwrite64(int fd, const void *bytes, size_t count, off64_t offset) {
    NEXT(pwrite64);
    tear(fd, bytes, count, offset);
    if (fails(1)) return -1;
    if (count > 0 && (count = fits(count)) == 0) return full();
    tell("write", fd, NULL, NULL);
    return next(fd, bytes, count, offset);
}

ssize_t pwrite(int fd, const void *bytes, size_t count, off_t offset) {
    NEXT(pwrite);
    tear(fd, bytes, count, offset);
    if (fails(1)) return -1;
    if (count > 0 && (count = fits(count)) == 0) return full();
    tell("write", fd, NULL, NULL);
    return next(fd, bytes, count, offset);
}

ssize_t copy_file_range(int in, off64_t *in_at, int out, off64_t *out_at, size_t count, unsigned int flags) {
    NEXT(copy_file_range);
    if (fails(1)) return -1;
    if (count > 0 && (count = fits(count)) == 0) return full();
    tell("write", out, NULL, NULL);
    return next(in, in_at, out, out_at, count, flags);
}

#define OPEN(name, first, ...)                                  \
    int name(first, const char *path, int flags, ...) {         \
        va_list list;                                           \
        va_start(list, flags);                                  \
        int mode = flags & O_CREAT ? va_arg(list, int) : 0;     \
        va_end(list);                                           \
        NEXT(name);                                             \
        if (flags & O_CREAT && fails(1)) return -1;             \
        return next(folder, path, flags, mode);                 \
    }
OPEN(openat, int folder)
OPEN(openat64, int folder)

#define OPEN_HERE(name)                                         \
    int name(const char *path, int flags, ...) {                \
        va_list list;                                           \
        va_start(list, flags);                                  \
        int mode = flags & O_CREAT ? va_arg(list, int) : 0;     \
        va_end(list);                                           \
        NEXT(name);                                             \
        if (flags & O_CREAT && fails(1)) return -1;             \
        return next(path, flags, mode);                         \
    }
OPEN_HERE(open)
OPEN_HERE(open64)

#define STEP(space, type, name, declared, given)                \
    type name declared {                                        \
        NEXT(name);                                             \
        return fails(space) ? -1 : next given;                  \
    }
STEP(0, int, unlink, (const char *path), (path))
STEP(0, int, unlinkat, (int folder, const char *path, int flags), (folder, path, flags))
STEP(0, int, rmdir, (const char *path), (path))
STEP(1, int, mkdir, (const char *path, mode_t mode), (path, mode))
STEP(0, int, ftruncate, (int fd, off_t length), (fd, length))
STEP(0, int, ftruncate64, (int fd, off64_t length), (fd, length))
STEP(0, int, chmod, (const char *path, mode_t mode), (path, mode))
STEP(0, int, fchmod, (int fd, mode_t mode), (fd, mode))

int rename(const char *from, const char *to) {
    NEXT(rename);
    if (fails(0)) return -1;
    tell("rename", -1, from, to);
    return next(from, to);
}

int fsync(int fd) {
    NEXT(fsync);
    if (fails(0)) return -1;
    tell("sync", fd, NULL, NULL);
    return next(fd);
}

int fdatasync(int fd) {
    NEXT(fdatasync);
    if (fails(0)) return -1;
    tell("sync", fd, NULL, NULL);
    return next(fd);
}

int clock_gettime(clockid_t clock, struct timespec *out) {
    NEXT(clock_gettime);
    int result = next(clock, out);
    static long shift, stretch;
    static int read_it;
    static atomic_long looks;
    if (!read_it) {
        const char *text = getenv("FAULT_CLOCK"), *often = getenv("FAULT_CLOCK_AT");
        shift = text ? atol(text) : 0;
        stretch = often ? atol(often) : 0;
        read_it = 1;
    }
    if (clock != CLOCK_REALTIME && clock != CLOCK_REALTIME_COARSE) return result;
    if (stretch && atomic_fetch_add(&looks, 1) / stretch % 2 == 0) return result;
    if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) out->tv_sec += shift;
    return result;
}
