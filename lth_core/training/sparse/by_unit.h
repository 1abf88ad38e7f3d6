// Sparse layers: every weight is one scalar times a contiguous vector of examples.
//
// Where the lists are long enough they are cut into panels of inputs that fit the first cache, so a
// unit may appear in several blocks.
#pragma once
#include "layer.h"

enum { SPAN = 4 };  // vectors of examples held in registers

// Adds block b to the output, which is at least `least`, for V vectors of examples from e on.
INLINE void add_unit(const Layer *l, const float *x, int width, float least, int b, int e,
                     const int V) {
    vec sum[SPAN], *y = (vec *)(l->output + (size_t)l->unit[b] * width + e);
    UNROLLED (int v = 0; v < V; v++) sum[v] = y[v];
    for (int k = l->start[b]; k < l->end[b]; k++) {
        const vec *in = (const vec *)(x + (size_t)l->column[k] * width + e);
        UNROLLED (int v = 0; v < V; v++) sum[v] += l->weight[k] * in[v];
    }
    UNROLLED (int v = 0; v < V; v++) y[v] = at_least(least, sum[v]);
}

static void forward_by_unit(const Layer *l, const float *x, int width, float least) {
    for (int u = 0; u < l->outputs; u++)
        for (int e = 0; e < width; e += W)
            *(vec *)(l->output + (size_t)u * width + e) = (vec){0} + l->bias[u];
    for (int b = 0; b < l->blocks; b++) {
        float now = b < l->blocks - l->outputs ? -INFINITY : least;  // when a unit is complete
        int e = 0;
        for (; e + SPAN * W <= width; e += SPAN * W) add_unit(l, x, width, now, b, e, SPAN);
        for (; e < width; e += W) add_unit(l, x, width, now, b, e, 1);
    }
}

// Adds to the gradient of the inputs of block b, for V vectors of examples from example e on.
INLINE void add_input_gradients(const Layer *l, float *dx, int width, int b, int e, const int V) {
    vec dy[SPAN];
    const float *weight = l->weight;
    UNROLLED (int v = 0; v < V; v++)
        dy[v] = ((const vec *)(l->gradient + (size_t)l->unit[b] * width + e))[v];
    for (int k = l->start[b], end = l->end[b]; k < end; k++) {
        vec *d = (vec *)(dx + (size_t)l->column[k] * width + e);
        float w = weight[k];
        UNROLLED (int v = 0; v < V; v++) d[v] += w * dy[v];
    }
}

// Gradients of the weights in slots k..k+NATIVE.
INLINE native weight_gradients(const Layer *l, const float *x, const native *dy, int width, int k) {
    const native *in[NATIVE];
    native sum[NATIVE];
    UNROLLED (int c = 0; c < NATIVE; c++) {
        in[c] = (const native *)(x + (size_t)l->column[k + c] * width);
        sum[c] = (native){0};
    }
    for (int v = 0; v < width / NATIVE; v++)
        UNROLLED (int c = 0; c < NATIVE; c++) sum[c] += in[c][v] * dy[v];
    return native_sums(sum);
}

static void backward_by_unit(const Layer *l, const float *x, float *dx, int width, const Step *o) {
    for (int b = 0; b < l->blocks; b++) {
        const native *dy = (const native *)(l->gradient + (size_t)l->unit[b] * width);
        if (dx) {
            int e = 0;
            for (; e + SPAN * W <= width; e += SPAN * W) add_input_gradients(l, dx, width, b, e, SPAN);
            for (; e < width; e += W) add_input_gradients(l, dx, width, b, e, 1);
        }
        for (int k = l->start[b]; k < l->end[b]; k += W) {
            union { vec v; native part[W / NATIVE]; float f[W]; } g = {{0}};
            for (int p = 0; p < W / NATIVE && k + p * NATIVE < l->end[b]; p++)
                g.part[p] = weight_gradients(l, x, dy, width, k + p * NATIVE);
            g.v = surviving(g.v, l->alive[k / W]);
            update(o, g.f, l->weight + k, l->first + k, l->second + k);
        }
    }
}
