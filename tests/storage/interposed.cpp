// Stands between Python and the C library, by LD_PRELOAD: before each call by which a file is saved, a function of the
// test's is asked what becomes of it. Where there is none, and while it is being asked, all calls pass.
//
// No header that declares these calls is included, so that they can be defined here without regard to its attributes.
// Sizes and offsets are of 64 bits, as on every 64-bit Linux, where open64 is open by another name.

#include <cerrno>
#include <cstddef>
#include <dlfcn.h>

namespace {

struct Call {
    const char *name; // without "at" and "64"
    int descriptor = -1;
    const char *path = nullptr;
    const char *to = nullptr;
    long number = -1; // an open's flags, or the offset
    const void *data = nullptr;
    size_t size = 0;
};

// 0 lets the call pass; an errno fails it; -errno performs it and then says that it failed; `half` writes half;
// `pretended` says that it was done.
using Ask = int (*)(const char *name, int descriptor, const char *path, const char *to, long number, const void *data,
                    size_t size);
constexpr int half = 1 << 16;
constexpr int pretended = 1 << 17;

thread_local Ask ask = nullptr;

int answer_to(const Call &call) {
    const Ask asked = ask;
    if (asked == nullptr) return 0;
    const int before = errno;
    ask = nullptr;
    const int answer = asked(call.name, call.descriptor, call.path, call.to, call.number, call.data, call.size);
    ask = asked;
    errno = before;
    return answer;
}

// The C library's own function of this name, called as the answer says.
template <class Result>
struct Answered {
    int answer;
    const char *symbol;

    template <class... Arguments>
    Result operator()(Arguments... arguments) const {
        if (answer == pretended) return 0;
        if (answer > 0) return failed(answer);
        const auto real = reinterpret_cast<Result (*)(Arguments...)>(dlsym(RTLD_NEXT, symbol));
        const Result result = real(arguments...);
        return answer == 0 ? result : failed(-answer);
    }

    static Result failed(int number) {
        errno = number;
        return -1;
    }
};

// An open that was performed and says that it failed has given nobody the descriptor.
struct Opened {
    int answer;
    const char *symbol;

    template <class... Arguments>
    int operator()(Arguments... arguments) const {
        const int descriptor = Answered<int>{answer > 0 ? answer : 0, symbol}(arguments...);
        if (answer >= 0 || descriptor < 0) return descriptor;
        Answered<int>{0, "close"}(descriptor);
        return Answered<int>::failed(-answer);
    }
};

struct Written {
    int answer;
    const char *symbol;

    template <class... Rest>
    long operator()(int descriptor, const void *data, size_t size, Rest... rest) const {
        const bool halved = answer == half;
        return Answered<long>{halved ? 0 : answer, symbol}(descriptor, data, halved ? (size + 1) / 2 : size, rest...);
    }
};

} // namespace

extern "C" {

void ask_by(Ask function) { ask = function; }

#define CALL(Result, How, symbol, parameters, arguments, ...)                                                          \
    Result symbol parameters { return How{answer_to({__VA_ARGS__}), #symbol} arguments; }
#define INT(symbol, parameters, arguments, ...) CALL(int, Answered<int>, symbol, parameters, arguments, __VA_ARGS__)
#define LONG(symbol, parameters, arguments, ...) CALL(long, Answered<long>, symbol, parameters, arguments, __VA_ARGS__)
#define OPEN(symbol, parameters, arguments)                                                                            \
    CALL(int, Opened, symbol, parameters, arguments, "open", -1, path, nullptr, flags)
#define WRITE(symbol, parameters, arguments, offset)                                                                   \
    CALL(long, Written, symbol, parameters, arguments, "write", fd, nullptr, nullptr, offset, data, size)

// Variadic in C: where no mode is given, a register is passed on that nobody looks at.
OPEN(open, (const char *path, int flags, unsigned mode), (path, flags, mode))
OPEN(open64, (const char *path, int flags, unsigned mode), (path, flags, mode))
OPEN(openat, (int at, const char *path, int flags, unsigned mode), (at, path, flags, mode))
OPEN(openat64, (int at, const char *path, int flags, unsigned mode), (at, path, flags, mode))
INT(ioctl, (int fd, unsigned long request, void *more), (fd, request, more), "ioctl", fd)

WRITE(write, (int fd, const void *data, size_t size), (fd, data, size), -1)
WRITE(pwrite, (int fd, const void *data, size_t size, long offset), (fd, data, size, offset), offset)
WRITE(pwrite64, (int fd, const void *data, size_t size, long offset), (fd, data, size, offset), offset)
LONG(writev, (int fd, const void *vectors, int count), (fd, vectors, count), "writev", fd)
LONG(lseek, (int fd, long offset, int whence), (fd, offset, whence), "lseek", fd)
LONG(lseek64, (int fd, long offset, int whence), (fd, offset, whence), "lseek", fd)
INT(ftruncate, (int fd, long size), (fd, size), "truncate", fd)
INT(ftruncate64, (int fd, long size), (fd, size), "truncate", fd)
INT(fsync, (int fd), (fd), "fsync", fd)
INT(fdatasync, (int fd), (fd), "fsync", fd)
INT(close, (int fd), (fd), "close", fd)

INT(rename, (const char *path, const char *to), (path, to), "rename", -1, path, to)
INT(renameat, (int at, const char *path, int too, const char *to), (at, path, too, to), "rename", -1, path, to)
INT(unlink, (const char *path), (path), "unlink", -1, path)
INT(unlinkat, (int at, const char *path, int flags), (at, path, flags), "unlink", -1, path)
INT(link, (const char *path, const char *to), (path, to), "link", -1, path, to)
INT(chmod, (const char *path, unsigned mode), (path, mode), "chmod", -1, path)
INT(fchmod, (int fd, unsigned mode), (fd, mode), "chmod", fd)
INT(fchmodat, (int at, const char *path, unsigned mode, int flags), (at, path, mode, flags), "chmod", -1, path)

INT(stat, (const char *path, void *out), (path, out), "stat", -1, path)
INT(stat64, (const char *path, void *out), (path, out), "stat", -1, path)
INT(lstat, (const char *path, void *out), (path, out), "stat", -1, path)
INT(lstat64, (const char *path, void *out), (path, out), "stat", -1, path)
INT(fstat, (int fd, void *out), (fd, out), "stat", fd)
INT(fstat64, (int fd, void *out), (fd, out), "stat", fd)
INT(fstatat, (int at, const char *path, void *out, int flags), (at, path, out, flags), "stat", -1, path)
INT(fstatat64, (int at, const char *path, void *out, int flags), (at, path, out, flags), "stat", -1, path)
INT(statx, (int at, const char *path, int flags, unsigned m, void *out), (at, path, flags, m, out), "stat", -1, path)
LONG(readlink, (const char *path, char *out, size_t size), (path, out, size), "readlink", -1, path)
LONG(readlinkat, (int at, const char *path, char *out, size_t size), (at, path, out, size), "readlink", -1, path)
LONG(getrandom, (void *out, size_t size, unsigned flags), (out, size, flags), "getrandom")

} // extern "C"
