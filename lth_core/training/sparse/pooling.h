// Pooling over squares that do not overlap.
#pragma once
#include "planes.h"

typedef uint8_t choice_vec __attribute__((vector_size(16), may_alias));

// The largest of each square, the first of ties, and in `choice` [chunk][channel][row][column][16]
// its place in the square. NaN is larger than any number, as in PyTorch.
static void max_pool(const Planes *from, const Planes *to, int size, choice_vec *choice,
                     int chunk) {
    choice += (size_t)(to->chunk ? chunk : 0) * to->channels * to->height * to->width;
    EACH_PIXEL(to) {
        vec best = *pixel_of(from, chunk, c, y * size, x * size);
        int_vec place = {0};
        for (int i = 1; i < size * size; i++) {
            vec v = *pixel_of(from, chunk, c, y * size + i / size, x * size + i % size);
            int_vec better = (v > best) | (v != v);
            best = choose(better, v, best);
            place = (place & ~better) | (i & better);
        }
        *pixel_of(to, chunk, c, y, x) = best;
        *choice++ = __builtin_convertvector(place, choice_vec);
    }
}

// The gradient of the chosen pixels; only where the pool's output is positive, if there is one: then
// what was pooled had been rectified.
static void max_pool_backward(const Planes *gradient, const Planes *output, const Planes *to,
                              int size, const choice_vec *choice, int chunk) {
    choice += (size_t)chunk * gradient->channels * gradient->height * gradient->width;
    EACH_PIXEL(gradient) {
        vec g = *pixel_of(gradient, chunk, c, y, x);
        if (output) g = relu_gradient(*pixel_of(output, chunk, c, y, x), g);
        int_vec place = __builtin_convertvector(*choice++, int_vec);
        for (int i = 0; i < size * size; i++)
            *pixel_of(to, chunk, c, y * size + i / size, x * size + i % size) =
                choose(place == i, g, (vec){0});
    }
}

static void average_pool(const Planes *from, const Planes *to, int size, int chunk) {
    EACH_PIXEL(to) {
        vec sum = {0};
        for (int i = 0; i < size * size; i++)
            sum += *pixel_of(from, chunk, c, y * size + i / size, x * size + i % size);
        *pixel_of(to, chunk, c, y, x) = sum / (float)(size * size);
    }
}

static void average_pool_backward(const Planes *gradient, const Planes *to, int size, int chunk) {
    EACH_PIXEL(gradient) {
        vec g = *pixel_of(gradient, chunk, c, y, x) / (float)(size * size);
        for (int i = 0; i < size * size; i++)
            *pixel_of(to, chunk, c, y * size + i / size, x * size + i % size) = g;
    }
}
