// Batches of images, as activations.
#pragma once
#include "vectors.h"

typedef uint8_t bytes __attribute__((vector_size(W), may_alias, aligned(1)));

// Examples of a split. An input is (pixel * factor + offset) * inverse_norm.
typedef struct {
    const uint8_t *pixels;         // [examples][features]
    const float *factor, *offset;  // [features]
    const float *inverse_norm;     // [examples]; null for 1
    int32_t features;
} Images;

// Four perfect shuffles, each of which halves the distance of a row's neighbours.
#define ZIP_LOW(i, from) ((from) + (i) / 2 + ((i) & 1) * W)
INLINE void transpose_bytes(bytes s[W]) {
    UNROLLED (int round = 0; round < 4; round++) {
        bytes t[W];
        UNROLLED (int i = 0; i < W / 2; i++) {
            t[2 * i] = __builtin_shufflevector(s[i], s[i + W / 2], LANES(ZIP_LOW, 0));
            t[2 * i + 1] = __builtin_shufflevector(s[i], s[i + W / 2], LANES(ZIP_LOW, 8));
        }
        UNROLLED (int i = 0; i < W; i++) s[i] = t[i];
    }
}

// Fetches the pixels of examples index[0..count) into the cache, for a later gather.
static void prefetch(const Images *images, const int32_t *index, int count) {
    for (int i = 0; i < count; i++)
        for (int f = 0; f < images->features; f += 64)
            __builtin_prefetch(images->pixels + (size_t)index[i] * images->features + f);
}

// Examples index[0..count), or those from `from` on where there is no index, as columns of
// x [features][width]; columns from `count` on are zero.
static void gather(const Images *images, const int32_t *index, int from, int count, int width,
                   float *x) {
    const int features = images->features;
    for (int e = 0; e < width; e += W) {
        const uint8_t *row[W];
        vec scale;
        for (int i = 0; i < W; i++) {
            int place = e + i < count ? e + i : 0;
            size_t example = index ? index[place] : from + place;
            row[i] = images->pixels + example * features;
            scale[i] = place < e + i ? 0 : images->inverse_norm ? images->inverse_norm[example] : 1;
        }
        for (int f = 0; f < features; f += W) {
            int n = features - f < W ? features - f : W;
            bytes s[W];
            if (n == W)
                UNROLLED (int i = 0; i < W; i++) s[i] = *(const bytes *)(row[i] + f);
            else
                for (int i = 0; i < W; i++) memcpy(s + i, row[i] + f, n);
            transpose_bytes(s);
            UNROLLED (int i = 0; i < W; i++)
                if (i < n) {
                    vec input = __builtin_convertvector(s[i], vec);
                    input = (input * images->factor[f + i] + images->offset[f + i]) * scale;
                    *(vec *)(x + (size_t)(f + i) * width + e) = input;
                }
        }
    }
}
