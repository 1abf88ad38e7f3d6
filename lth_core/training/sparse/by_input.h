// Dense layers: every activation that is not zero is one scalar times a contiguous vector of units.
//
// Most activations are zero: black pixels, and what the rectifier cut off.
#pragma once
#include "layer.h"

enum { UNITS = 64, VECTORS = UNITS / W };  // of a block: eight registers, or four

INLINE int any(vec v) { return __builtin_reduce_or(v != 0); }  // NaN too

// Lists of each example what it takes in: entry[example * inputs ..], as places of weights.
static void list_by_example(const Layer *l, const float *x, int width) {
    for (int e = 0; e < width; e += W) {
        Entry *next[W];
        for (int i = 0; i < W; i++) next[i] = l->entry + (size_t)(e + i) * l->inputs;
        for (int k = 0, columns = l->start[1]; k < columns; k++) {
            const float *in = x + (size_t)l->column[k] * width + e;
            if (any(*(const vec *)in))
                UNROLLED (int i = 0; i < W; i++) {
                    *next[i] = (Entry){k * UNITS, in[i]};
                    next[i] += in[i] != 0;
                }
        }
        for (int i = 0; i < W; i++)
            l->entries[e + i] = (int)(next[i] - l->entry - (size_t)(e + i) * l->inputs);
    }
}

// Lists of each input the examples that take it in: entry[k * width ..], as places in `turned`.
static void list_by_input(const Layer *l, const float *x, int width) {
    for (int k = 0, columns = l->start[1]; k < columns; k++) {
        const float *in = x + (size_t)l->column[k] * width;
        Entry *first = l->entry + (size_t)k * width, *next = first;
        for (int e = 0; e < width; e += W)
            if (any(*(const vec *)(in + e)))
                UNROLLED (int i = 0; i < W; i++) {
                    *next = (Entry){(e + i) * UNITS, in[e + i]};
                    next += in[e + i] != 0;
                }
        l->entries[k] = (int)(next - first);
    }
}

// From [rows][columns] to [columns][rows], both multiples of 16.
static void turn(const float *from, int rows, int columns, float *to) {
    for (int r = 0; r < rows; r += W)
        for (int c = 0; c < columns; c += W) {
            vec s[W];
            UNROLLED (int i = 0; i < W; i++) s[i] = *(const vec *)(from + (r + i) * columns + c);
            transpose(s);
            UNROLLED (int i = 0; i < W; i++) *(vec *)(to + (c + i) * rows + r) = s[i];
        }
}

// Adds n entries' rows of `matrix` to a block of units.
INLINE void add_entries(vec sum[VECTORS], const Entry *entry, int n, const float *matrix) {
    for (int i = 0; i < n; i++) {
        const vec *row = (const vec *)(matrix + entry[i].at);
        UNROLLED (int v = 0; v < VECTORS; v++) sum[v] += entry[i].value * row[v];
    }
}

static void forward_by_input(const Layer *l, const float *x, int width, float least) {
    list_by_example(l, x, width);
    for (int b = 0; b < l->blocks; b++) {
        const float *weight = l->weight + (size_t)l->start[b] * UNITS;
        const vec *bias = (const vec *)(l->bias + l->unit[b]);
        for (int e = 0; e < width; e++) {
            vec sum[VECTORS], *y = (vec *)(l->turned + (size_t)e * UNITS);
            UNROLLED (int v = 0; v < VECTORS; v++) sum[v] = bias[v];
            add_entries(sum, l->entry + (size_t)e * l->inputs, l->entries[e], weight);
            UNROLLED (int v = 0; v < VECTORS; v++) y[v] = at_least(least, sum[v]);
        }
        turn(l->turned, width, UNITS, l->output + (size_t)l->unit[b] * width);
    }
}

// Gradient of the inputs of slots k..k+K of block b, at 16 examples from e on.
INLINE void input_gradients(const Layer *l, float *dx, int width, int b, int k, int e, const int K) {
    vec sum[4];
    const float *dy = l->gradient + (size_t)l->unit[b] * width + e;
    const float *weight = l->weight + (size_t)k * UNITS;
    UNROLLED (int i = 0; i < K; i++) sum[i] = *(vec *)(dx + (size_t)l->column[k + i] * width + e);
    for (int u = 0; u < UNITS; u++) {
        vec of_unit = *(const vec *)(dy + (size_t)u * width);
        UNROLLED (int i = 0; i < K; i++) sum[i] += weight[i * UNITS + u] * of_unit;
    }
    UNROLLED (int i = 0; i < K; i++) *(vec *)(dx + (size_t)l->column[k + i] * width + e) = sum[i];
}

// Steps the weights of block b.
INLINE void step_block(const Layer *l, int b, int width, const Step *o) {
    const int columns = l->start[1];
    turn(l->gradient + (size_t)l->unit[b] * width, UNITS, width, l->turned);
    for (int k = 0; k < columns; k++) {
        vec sum[VECTORS] = {{0}};
        add_entries(sum, l->entry + (size_t)k * width, l->entries[k], l->turned);
        UNROLLED (int v = 0; v < VECTORS; v++) {
            size_t at = ((size_t)l->start[b] + k) * UNITS + v * W;
            union { vec v; float f[W]; } g = {surviving(sum[v], l->alive[at / W])};
            update(o, g.f, l->weight + at, l->first + at, l->second + at);
        }
    }
}

static void backward_by_input(const Layer *l, const float *x, float *dx, int width, const Step *o) {
    list_by_input(l, x, width);
    for (int b = 0; b < l->blocks; b++) {
        if (dx)
            for (int e = 0; e < width; e += W) {
                int k = l->start[b];
                for (; k + 4 <= l->start[b + 1]; k += 4) input_gradients(l, dx, width, b, k, e, 4);
                for (; k < l->start[b + 1]; k++) input_gradients(l, dx, width, b, k, e, 1);
            }
        step_block(l, b, width, o);
    }
}
