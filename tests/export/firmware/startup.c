/* What a Cortex-M needs before main, and a way to say how it went: ARM's semihosting, which qemu answers. */
#include <stddef.h>
#include <stdint.h>

int run(void (*say)(const char *text));

void reset(void);

__attribute__((section(".vectors"), used)) static const uintptr_t vectors[] = {0x20400000u, (uintptr_t)reset};

static int host(int call, const void *argument) {
    register int r0 __asm__("r0") = call;
    register const void *r1 __asm__("r1") = argument;
    __asm__ volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
    return r0;
}

static void say(const char *text) { host(0x04, text); }

void reset(void) {
#if defined(__ARM_FP)
    *(volatile uint32_t *)0xE000ED88u |= 0xFu << 20; /* the floating-point unit is off after a reset */
    __asm__ volatile("dsb\nisb");
#endif
    const uint32_t ended[2] = {0x20026u, (uint32_t)run(say)};
    host(0x20, ended);
    for (;;) {
    }
}

/* All that a header asks of a library; compilers ask for it, too. */
void *memcpy(void *restrict to, const void *restrict from, size_t n) {
    for (size_t i = 0; i < n; ++i) ((volatile char *)to)[i] = ((const char *)from)[i];
    return to;
}

int memcmp(const void *a, const void *b, size_t n) {
    const unsigned char *x = a, *y = b;
    for (size_t i = 0; i < n; ++i)
        if (x[i] != y[i]) return x[i] < y[i] ? -1 : 1;
    return 0;
}

void *memset(void *to, int value, size_t n) {
    for (size_t i = 0; i < n; ++i) ((volatile char *)to)[i] = (char)value;
    return to;
}
