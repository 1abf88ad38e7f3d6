// Batches of images, as activations.
#pragma once
#include "vectors.h"

// Rows `index` (or the first `count`) of `images` as columns of x [features][width]; columns
// from `count` on are zero.
static void gather(const float *images, const int32_t *index, int count, int features, int width,
                   float *x) {
    for (int e = 0; e < width; e += W) {
        const float *row[W];
        for (int i = 0; i < W; i++) {
            size_t example = index && e + i < count ? index[e + i] : e + i;
            row[i] = e + i < count ? images + example * features : 0;
        }
        int f = 0;
        for (; f + W <= features; f += W) {
            vec s[W];
            UNROLLED (int i = 0; i < W; i++)
                s[i] = row[i] ? *(const loose_vec *)(row[i] + f) : (vec){0};
            transpose(s);
            UNROLLED (int i = 0; i < W; i++) *(vec *)(x + (size_t)(f + i) * width + e) = s[i];
        }
        for (; f < features; f++)
            for (int i = 0; i < W; i++) x[(size_t)f * width + e + i] = row[i] ? row[i][f] : 0;
    }
}
