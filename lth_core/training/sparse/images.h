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

// 16 examples: their pixels, and what their inputs are multiplied by.
typedef struct {
    const uint8_t *pixels[W];
    vec scale;
} Examples;

// Examples index[0..16), or those from `from` on where there is no index; of the first `live` of
// them, if that is fewer, the rest is zero.
INLINE Examples examples_of(const Images *images, const int32_t *index, int from, int live) {
    Examples e;
    for (int i = 0; i < W; i++) {
        int place = i < live ? i : 0;
        size_t example = index ? index[place] : from + place;
        e.pixels[i] = images->pixels + example * images->features;
        e.scale[i] = i >= live ? 0 : images->inverse_norm ? images->inverse_norm[example] : 1;
    }
    return e;
}

// Their inputs f..f+n-1, n <= 16, each at x + i * stride.
INLINE void place_inputs(const Images *images, const Examples *e, int f, int n, float *x,
                         int64_t stride) {
    bytes s[W];
    if (n == W)
        UNROLLED (int i = 0; i < W; i++) s[i] = *(const bytes *)(e->pixels[i] + f);
    else
        for (int i = 0; i < W; i++) memcpy(s + i, e->pixels[i] + f, n);
    transpose_bytes(s);
    UNROLLED (int i = 0; i < W; i++)
        if (i < n) {
            vec input = __builtin_convertvector(s[i], vec);
            input = (input * images->factor[f + i] + images->offset[f + i]) * e->scale;
            *(vec *)(x + i * stride) = input;
        }
}

// Examples index[0..count), or those from `from` on where there is no index, as columns of
// x [features][width]; columns from `count` on are zero.
static void gather(const Images *images, const int32_t *index, int from, int count, int width,
                   float *x) {
    const int features = images->features;
    for (int e = 0; e < width; e += W) {
        int live = count - e;
        Examples examples = examples_of(images, index && live > 0 ? index + e : index,
                                        live > 0 ? from + e : from, live);
        for (int f = 0; f < features; f += W) {
            int n = features - f < W ? features - f : W;
            place_inputs(images, &examples, f, n, x + (size_t)f * width + e, width);
        }
    }
}
