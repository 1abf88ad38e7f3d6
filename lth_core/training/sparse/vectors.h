// Vectors of 16 floats, moving lanes about, and flushing denormals.
#pragma once
#include <math.h>
#include <stdint.h>
#include <string.h>
#if defined(__x86_64__)
#include <xmmintrin.h>
#endif

#define INLINE static inline __attribute__((always_inline))
// Loops of constant length over registers: unrolled, or the registers would be memory.
#define UNROLLED _Pragma("clang loop unroll(full)") for
enum { W = 16 };
typedef float vec __attribute__((vector_size(64), may_alias));
typedef int32_t int_vec __attribute__((vector_size(64), may_alias));
typedef float loose_vec __attribute__((vector_size(64), may_alias, aligned(4)));

// Indices for __builtin_shufflevector(p, q): lane i of p and q mixed at distance h.
#define KEEP_LANE(i, h) ((i) & (h) ? (i) + 16 : (i))
#define SWAP_LANE(i, h) (KEEP_LANE(i, h) ^ (h))
#define LOW_LANE(i, h) ((i) & (h) ? ((i) ^ (h)) + 16 : (i))
#define HIGH_LANE(i, h) ((i) & (h) ? (i) + 16 : (i) ^ (h))
#define LANES(F, h) F(0, h), F(1, h), F(2, h), F(3, h), F(4, h), F(5, h), F(6, h), F(7, h), \
    F(8, h), F(9, h), F(10, h), F(11, h), F(12, h), F(13, h), F(14, h), F(15, h)

#define BIT_LANE(i, h) (h) << (i)
static const int_vec LANE_BIT = {LANES(BIT_LANE, 1)};

// s[i] becomes sum of lanes of s[i], for i = 0..15, returned as one vector.
#define FOLD(h, n) \
    UNROLLED (int i = 0; i < (n); i++) \
        s[i] = __builtin_shufflevector(s[2 * i], s[2 * i + 1], LANES(KEEP_LANE, h)) \
             + __builtin_shufflevector(s[2 * i], s[2 * i + 1], LANES(SWAP_LANE, h));
INLINE vec lane_sums(vec s[W]) {
    FOLD(1, 8) FOLD(2, 4) FOLD(4, 2) FOLD(8, 1)
    return s[0];
}

// What one register holds.
#if defined(__AVX512F__)
#define NATIVE 16
#define NATIVE_LANES(F, h) LANES(F, h)
#elif defined(__AVX__)
#define NATIVE 8
#define NATIVE_LANES(F, h) F(0, h), F(1, h), F(2, h), F(3, h), F(4, h), F(5, h), F(6, h), F(7, h)
#else
#define NATIVE 4
#define NATIVE_LANES(F, h) F(0, h), F(1, h), F(2, h), F(3, h)
#endif
typedef float native __attribute__((vector_size(4 * NATIVE), may_alias));
#define KEEP_NATIVE(i, h) ((i) & (h) ? (i) + NATIVE : (i))
#define SWAP_NATIVE(i, h) (KEEP_NATIVE(i, h) ^ (h))
#define FOLD_NATIVE(h, n) \
    UNROLLED (int i = 0; i < (n); i++) \
        s[i] = __builtin_shufflevector(s[2 * i], s[2 * i + 1], NATIVE_LANES(KEEP_NATIVE, h)) \
             + __builtin_shufflevector(s[2 * i], s[2 * i + 1], NATIVE_LANES(SWAP_NATIVE, h));
// Lane i: the sum of s[i].
INLINE native native_sums(native s[NATIVE]) {
    FOLD_NATIVE(1, NATIVE / 2) FOLD_NATIVE(2, NATIVE / 4)
#if NATIVE > 4
    FOLD_NATIVE(4, NATIVE / 8)
#endif
#if NATIVE > 8
    FOLD_NATIVE(8, 1)
#endif
    return s[0];
}

#define EXCHANGE(h) \
    UNROLLED (int i = 0; i < W; i++) if (!(i & (h))) { \
        vec p = s[i], q = s[i + (h)]; \
        s[i] = __builtin_shufflevector(p, q, LANES(LOW_LANE, h)); \
        s[i + (h)] = __builtin_shufflevector(p, q, LANES(HIGH_LANE, h)); \
    }
INLINE void transpose(vec s[W]) { EXCHANGE(8) EXCHANGE(4) EXCHANGE(2) EXCHANGE(1) }

static uint64_t flush_denormals(void) {
    uint64_t old = 0;
#if defined(__x86_64__)
    old = _mm_getcsr();
    _mm_setcsr((unsigned)old | 0x8040);
#elif defined(__aarch64__)
    __asm__ volatile("mrs %0, fpcr" : "=r"(old));
    __asm__ volatile("msr fpcr, %0" : : "r"(old | (1ull << 24)));
#endif
    return old;
}

static void restore_denormals(uint64_t old) {
#if defined(__x86_64__)
    _mm_setcsr((unsigned)old);
#elif defined(__aarch64__)
    __asm__ volatile("msr fpcr, %0" : : "r"(old));
#endif
}
