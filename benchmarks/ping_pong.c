/* How long a cache line takes from one core to another and back: two threads, each on a core of its own, raise a
   counter in turn. Prints nanoseconds one way.   cc -O2 -pthread ping_pong.c -o ping_pong && ./ping_pong 0 1 */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { ROUNDS = 1000000 };
static _Alignas(64) atomic_int turn;

static void pin(int core) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(core, &set);
    pthread_setaffinity_np(pthread_self(), sizeof set, &set);
}

static void play(int odd) {
    for (int i = 0; i < ROUNDS; i++) {
        while (atomic_load_explicit(&turn, memory_order_acquire) != 2 * i + odd) {}
        atomic_store_explicit(&turn, 2 * i + odd + 1, memory_order_release);
    }
}

static void *other(void *core) {
    pin(*(int *)core);
    play(1);
    return NULL;
}

int main(int count, char **cores) {
    int first = count > 1 ? atoi(cores[1]) : 0, second = count > 2 ? atoi(cores[2]) : 1;
    pthread_t thread;
    struct timespec begun, ended;
    pin(first);
    pthread_create(&thread, NULL, other, &second);
    clock_gettime(CLOCK_MONOTONIC, &begun);
    play(0);
    pthread_join(thread, NULL);
    clock_gettime(CLOCK_MONOTONIC, &ended);
    printf("%.1f\n", ((ended.tv_sec - begun.tv_sec) * 1e9 + (ended.tv_nsec - begun.tv_nsec)) / (2.0 * ROUNDS));
    return 0;
}
