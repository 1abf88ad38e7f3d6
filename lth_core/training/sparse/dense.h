// Fully-connected layers over their surviving weights.
//
// Activations lie as [unit][width]: the examples of a batch are contiguous, zero-padded to a
// multiple of 16, so that every weight is one scalar times a contiguous vector. Weights lie in
// slots: blocks of R consecutive output units (R = 4 for dense layers, which reuses each loaded
// input four times; R = 1 for sparse ones), within a block the input units that any of the R
// units uses, padded so that 16 slots always belong to one block. A layer whose inputs exceed
// the first cache is cut into panels of input units, so a unit may appear in several blocks.
// `alive` tells surviving weights from slots that only pad; a padding slot's gradient is
// cleared, so it stays exactly zero even where gradients are NaN.
#pragma once
#include "optimiser.h"
#include "vectors.h"

#if defined(__AVX512F__)
enum { TILE_DENSE = 4, TILE_SPARSE = 4 };  // vectors of examples held in registers per output unit
#else
enum { TILE_DENSE = 1, TILE_SPARSE = 4 };
#endif

typedef struct {
    int32_t inputs, outputs, rows, blocks;  // rows: R
    const int32_t *unit, *start, *column;   // block b: unit[b] on, column[start[b]..start[b+1])
    const uint16_t *alive;                  // a bit per slot
    float *weight, *first, *second;         // [column][R]; the optimiser's moments
    float *bias, *bias_first, *bias_second; // padded to a multiple of 16
    float *output, *gradient;               // [unit][width]
} Layer;

// Adds block b to the output for V vectors of examples from example e on.
INLINE void forward_tile(const Layer *l, const float *x, int width, int b, int e, const int R,
                         const int V) {
    vec sum[4][4];
    float *y = l->output + (size_t)l->unit[b] * width + e;
    UNROLLED (int r = 0; r < R; r++)
        UNROLLED (int v = 0; v < V; v++) sum[r][v] = *(vec *)(y + r * width + v * W);
    for (int k = l->start[b]; k < l->start[b + 1]; k++) {
        const vec *in = (const vec *)(x + (size_t)l->column[k] * width + e);
        UNROLLED (int r = 0; r < R; r++)
            UNROLLED (int v = 0; v < V; v++) sum[r][v] += l->weight[k * R + r] * in[v];
    }
    UNROLLED (int r = 0; r < R; r++)
        UNROLLED (int v = 0; v < V; v++) *(vec *)(y + r * width + v * W) = sum[r][v];
}

INLINE void forward_blocks(const Layer *l, const float *x, int width, const int R, const int V) {
    for (int b = 0; b < l->blocks; b++) {
        int e = 0;
        for (; e + V * W <= width; e += V * W) forward_tile(l, x, width, b, e, R, V);
        for (; e < width; e += W) forward_tile(l, x, width, b, e, R, 1);
    }
}

static void forward(const Layer *layers, int depth, const float *x, int width) {
    for (int d = 0; d < depth; d++) {
        const Layer *l = layers + d;
        float *y = l->output;
        for (int u = 0; u < l->outputs; u++)
            for (int e = 0; e < width; e++) y[(size_t)u * width + e] = l->bias[u];
        if (l->rows == 4) forward_blocks(l, x, width, 4, TILE_DENSE);
        else forward_blocks(l, x, width, 1, TILE_SPARSE);
        if (d + 1 < depth)  // ReLU; NaN stays NaN
            for (size_t i = 0; i < (size_t)l->outputs * width; i++) y[i] = y[i] < 0 ? 0 : y[i];
        x = y;
    }
}

// Input gradient dx (if asked for), weight gradient and step of the blocks of a layer.
INLINE void backward_blocks(const Layer *l, const float *x, float *dx, int width, const Step *o,
                            const int R) {
    const int C = W / R, vectors = width / W;
    for (int b = 0; b < l->blocks; b++) {
        const vec *dy = (const vec *)(l->gradient + (size_t)l->unit[b] * width);
        for (int k = l->start[b]; k < l->start[b + 1]; k += C) {
            float *w = l->weight + (size_t)k * R;
            if (dx)
                UNROLLED (int c = 0; c < C; c++) {
                    vec *d = (vec *)(dx + (size_t)l->column[k + c] * width);
                    for (int v = 0; v < vectors; v++) {
                        vec t = d[v];
                        UNROLLED (int r = 0; r < R; r++) t += w[c * R + r] * dy[r * vectors + v];
                        d[v] = t;
                    }
                }
            const vec *in[W];
            vec sum[W];
            UNROLLED (int c = 0; c < C; c++)
                in[c] = (const vec *)(x + (size_t)l->column[k + c] * width);
            UNROLLED (int i = 0; i < W; i++) sum[i] = (vec){0};
            for (int v = 0; v < vectors; v++)
                UNROLLED (int c = 0; c < C; c++)
                    UNROLLED (int r = 0; r < R; r++)
                        sum[c * R + r] += in[c][v] * dy[r * vectors + v];
            union { vec v; int_vec bits; float f[W]; } g = {lane_sums(sum)};
            g.bits &= (((int_vec){0} + l->alive[k / C]) & LANE_BIT) != 0;
            update(o, g.f, w, l->first + (size_t)k * R, l->second + (size_t)k * R);
        }
    }
}

static void backward(const Layer *layers, int depth, const float *image, int width, const Step *o) {
    for (int d = depth - 1; d >= 0; d--) {
        const Layer *l = layers + d;
        const float *x = d ? layers[d - 1].output : image;
        float *dx = d ? layers[d - 1].gradient : 0;
        if (d + 1 < depth)  // ReLU
            for (size_t i = 0; i < (size_t)l->outputs * width; i++)
                l->gradient[i] = l->output[i] > 0 ? l->gradient[i] : 0;
        if (dx) memset(dx, 0, (size_t)l->inputs * width * sizeof(float));
        if (l->rows == 4) backward_blocks(l, x, dx, width, o, 4);
        else backward_blocks(l, x, dx, width, o, 1);
        for (int u = 0; u < l->outputs; u += W) {
            vec sum[W];
            UNROLLED (int i = 0; i < W; i++) {
                sum[i] = (vec){0};
                if (u + i < l->outputs)
                    for (int v = 0; v < width / W; v++)
                        sum[i] += ((const vec *)(l->gradient + (size_t)(u + i) * width))[v];
            }
            union { vec v; float f[W]; } g = {lane_sums(sum)};
            update(o, g.f, l->bias + u, l->bias_first + u, l->bias_second + u);
        }
    }
}
