// Convolutions over their surviving weights only.
//
// A weight is one scalar times the pixels of a plane at a constant offset, whatever the kernel's
// size. A tile of TILE x TILE pixels of one output channel stays in registers while its weights
// go by; these lie in lists, one for each panel of input channels and output channel, so that the
// pixels of a panel stay in the first cache for all outputs. The gradient of the inputs is the same
// with lists by input channel. Tiles may reach over the edge of an image: what lies there is read
// as zero and never written.
#pragma once
#include "planes.h"
#include "pooling.h"

#if defined(__AVX512F__)
enum { TILE = 4 };
#else
enum { TILE = 2 };
#endif
enum { PARTS = W / NATIVE };  // registers that the 16 examples of a pixel take

typedef struct {
    int32_t outputs, panels;
    const int32_t *start, *count;  // list p * outputs + o: count weights from start, a multiple of 4
    const int32_t *offset;         // from a tile's first pixel, in floats
    float *weight;
    float *sums;                   // [outputs][TILE][TILE][16]: tiles between panels
} Lists;

typedef enum {
    STORE,
    RELU,
    ADD,
    MASK,  // zero where `output` is not positive
    POOL,  // the largest of each 2 x 2, then RELU
} Ending;

// Where a convolution's result goes. output: for MASK; choice: for POOL, see max_pool.
typedef struct {
    const Planes *to, *output;
    choice_vec *choice;
    Ending ending;
} Target;

// Side of the tiles in which an image is made: small ones would waste most of a large tile.
int tile_of(int height, int width) { return height <= 2 && width <= 2 ? 2 : TILE; }

// Writes the largest of each 2 x 2 pixels of a tile; rectified afterwards, which is the same.
INLINE void pool_tile(const vec *sum, Target t, int chunk, int o, int y, int x, const int T) {
    UNROLLED (int i = 0; i < T * T / 4; i++) {
        int row = i / (T / 2), column = i % (T / 2), r = y / 2 + row, c = x / 2 + column;
        if (r < t.to->height && c < t.to->width) {
            const vec *first = sum + 2 * row * T + 2 * column;
            Largest largest = {*first};
            UNROLLED (int j = 1; j < 4; j++) compare(&largest, first[j / 2 * T + j % 2], j);
            *pixel_of(t.to, chunk, o, r, c) = relu(largest.value);
            *choice_of(t.choice, t.to, chunk, o, r, c) = chosen(largest);
        }
    }
}

// Writes what of a tile lies inside the image.
INLINE void end_tile(const vec *sum, Target t, int chunk, int o, int y, int x, const int T) {
    UNROLLED (int i = 0; i < T * T; i++) {
        int r = y + i / T, c = x + i % T;
        if (r < t.to->height && c < t.to->width) {
            vec *at = pixel_of(t.to, chunk, o, r, c), v = sum[i];
            if (t.ending == RELU) v = relu(v);
            if (t.ending == ADD) v += *at;
            if (t.ending == MASK) v = relu_gradient(*pixel_of(t.output, chunk, o, r, c), v);
            *at = v;
        }
    }
}

// Fetches what tiles further on will read of a channel, while its list is under way: these pixels
// are too far apart for the processor to guess.
INLINE void fetch_ahead(const Planes *p, const float *tile, int channel, const int T) {
    if (channel >= p->channels) return;
    const float *ahead = tile + channel * p->channel - p->row + 2 * T * W;
    UNROLLED (int i = 0; i < (T + 2) * T; i++)
        __builtin_prefetch(ahead + i / T * p->row + i % T * W);
}

INLINE void convolve_tile(const Lists *l, const Planes *from, const float *bias, Target t,
                          int chunk, int ty, int tx, const int T) {
    const float *x = (const float *)pixel_of(from, chunk, 0, ty, tx), *weight = l->weight;
    const int32_t *offset = l->offset;
    const int64_t row = from->row;
    for (int list = 0, p = 0; p < l->panels; p++)
        for (int o = 0; o < l->outputs; o++, list++) {
            vec sum[T * T], *kept = (vec *)l->sums + o * T * T;
            int k = l->start[list], end = k + l->count[list];
            fetch_ahead(from, x, list, T);
            vec start = (vec){0} + (bias ? bias[o] : 0);
            UNROLLED (int i = 0; i < T * T; i++) sum[i] = start;
            if (p) UNROLLED (int i = 0; i < T * T; i++) sum[i] = kept[i];
            for (; k < end; k++) {
                const float *at = x + offset[k];
                vec w = (vec){0} + weight[k];
                UNROLLED (int i = 0; i < T * T; i++)
                    sum[i] += w * *(const vec *)(at + i / T * row + i % T * W);
            }
            if (p + 1 < l->panels) UNROLLED (int i = 0; i < T * T; i++) kept[i] = sum[i];
            else if (t.ending == POOL) pool_tile(sum, t, chunk, o, ty, tx, T);
            else end_tile(sum, t, chunk, o, ty, tx, T);
        }
}

INLINE void convolve_tiles(const Lists *l, const Planes *from, const float *bias, Target t,
                           int chunk) {
    int side = t.ending == POOL ? 2 : 1, height = side * t.to->height, width = side * t.to->width;
    int small = tile_of(height, width) == 2, step = small ? 2 : TILE;
    for (int y = 0; y < height; y += step)
        for (int x = 0; x < width; x += step)
            if (small) convolve_tile(l, from, bias, t, chunk, y, x, 2);
            else convolve_tile(l, from, bias, t, chunk, y, x, TILE);
}

// Output channels of the chunk, from `from` by the lists; bias: one an output, or null.
static void convolve(const Lists *l, const Planes *from, const float *bias, Target t, int chunk) {
#define ENDING(e) \
    case e: t.ending = e; convolve_tiles(l, from, bias, t, chunk); break;
    switch (t.ending) { ENDING(STORE) ENDING(RELU) ENDING(ADD) ENDING(MASK) ENDING(POOL) }
#undef ENDING
}

// Lane i: the sum of s[i % 4] over its lanes i % 4, i % 4 + 4, ... of the four.
INLINE native fold_four(native s[4]) {
    FOLD_NATIVE(1, 2) FOLD_NATIVE(2, 1)
    return s[0];
}

// Adds to `sums`, for every four weights of the lists, NATIVE / 4 partial sums of each gradient.
INLINE void weight_gradient_tiles(const Lists *l, const Planes *x, const Planes *dz, native *sums,
                                  float *bias, int chunk, const int T) {
    vec *of_bias = (vec *)l->sums;
    for (int o = 0; o < l->outputs; o++) of_bias[o] = (vec){0};
    for (int ty = 0; ty < dz->height; ty += T)
        for (int tx = 0; tx < dz->width; tx += T) {
            const float *in = (const float *)pixel_of(x, chunk, 0, ty, tx);
            for (int list = 0, o = 0; list < l->panels * l->outputs; list++, o++) {
                native d[T * T * PARTS], s[4];
                if (o == l->outputs) o = 0;
                fetch_ahead(x, in, list, T);
                UNROLLED (int i = 0; i < T * T; i++) {
                    const vec *at = pixel_of(dz, chunk, o, ty + i / T, tx + i % T);
                    UNROLLED (int h = 0; h < PARTS; h++)
                        d[i * PARTS + h] = ((const native *)at)[h];
                    if (list == o) of_bias[o] += *at;
                    if (list == o) __builtin_prefetch(at + 2 * T);
                }
                for (int k = l->start[list], n = k + l->count[list]; k < n; k += 4) {
                    UNROLLED (int j = 0; j < 4; j++) {
                        const float *at = in + l->offset[k + j];
                        s[j] = (native){0};
                        UNROLLED (int i = 0; i < T * T; i++)
                            UNROLLED (int h = 0; h < PARTS; h++)
                                s[j] += d[i * PARTS + h] *
                                    ((const native *)(at + i / T * x->row + i % T * W))[h];
                    }
                    sums[k / 4] += fold_four(s);
                }
            }
        }
    if (bias)
        for (int o = 0; o < l->outputs; o++)
            for (int i = 0; i < W; i++) bias[o] += of_bias[o][i];
}

static void weight_gradient(const Lists *l, const Planes *x, const Planes *dz, native *sums,
                            float *bias, int chunk) {
    if (tile_of(dz->height, dz->width) == 2)
        weight_gradient_tiles(l, x, dz, sums, bias, chunk, 2);
    else weight_gradient_tiles(l, x, dz, sums, bias, chunk, TILE);
}
